"""Colours, images, forms, graphics states."""

from collections.abc import Iterator
from typing import Any

from bench.conformity.model import Array, File, listed, name_of
from bench.conformity.rules import absent, rule

FAMILY = "Couleurs et dessin"


@rule("A 6.2.2-1", family=FAMILY, says="les pages n’emploient que des ordres connus")
def operators(file: File) -> Iterator[str]:
    unknown = file.drawing.unknown
    yield f"{sorted(set(unknown))}" if unknown else ""


@rule("A 6.2.2-2", family=FAMILY, says="chaque contenu nomme lui-même ce qu’il emploie")
def resources(file: File) -> Iterator[str]:
    for page in file.pdf.pages:
        yield "" if "/Resources" in page.obj else "une page hérite ses ressources"
    for each in file.drawing.missing:
        yield f"{each} ne se trouve pas dans ses ressources"


# --- Profiles ---------------------------------------------------------------------------------


def _intents(file: File) -> list[Any]:
    return listed(file.root.get("/OutputIntents"))


def _profile(stream: Any) -> tuple[str, str, float]:
    """The class, the space and the version of an ICC profile."""
    head = stream.read_bytes()[:128]
    version = head[8] + (head[9] >> 4) / 10 if len(head) > 9 else 99.0
    return head[12:16].decode("latin-1"), head[16:20].decode("latin-1"), version


_SPACES = ("RGB ", "CMYK", "GRAY")


@rule("A 6.2.3-1", family=FAMILY, says="le profil de sortie est d’écran ou d’imprimante, ICC < 5")
def output(file: File) -> Iterator[str]:
    for each in _intents(file):
        if "/DestOutputProfile" in each:
            kind, space, version = _profile(each.DestOutputProfile)
            is_right = kind in ("prtr", "mntr") and space in _SPACES and version < 5
            yield "" if is_right else f"{kind} {space} {version}"


@rule("A 6.2.3-2", family=FAMILY, says="les intentions de sortie partagent un profil")
def same(file: File) -> Iterator[str]:
    found = {
        each.DestOutputProfile.objgen for each in _intents(file) if "/DestOutputProfile" in each
    }
    if found:
        yield "" if len(found) == 1 else f"{len(found)} profils"


@rule("A 6.2.3-3", family=FAMILY, says="une intention PDF/X ne renvoie pas à un profil du dehors")
def reference(file: File) -> Iterator[str]:
    for each in _intents(file):
        is_far = name_of(each.get("/S")) == "GTS_PDFX" and "/DestOutputProfileRef" in each
        yield "DestOutputProfileRef" if is_far else ""


def _icc(file: File) -> Iterator[Any]:
    for each in file.values:
        if isinstance(each, Array) and len(each) == 2 and name_of(each[0]) == "ICCBased":
            yield each[1]


@rule("A 6.2.4.2-1", family=FAMILY, says="les profils des couleurs sont lisibles, ICC < 5")
def input_profiles(file: File) -> Iterator[str]:
    for each in _icc(file):
        kind, space, version = _profile(each)
        is_right = kind in ("prtr", "mntr", "scnr", "spac") and space in (*_SPACES, "Lab ")
        yield "" if is_right and version < 5 else f"{kind} {space} {version}"


absent(
    "A 6.2.4.2-2",
    family=FAMILY,
    says="pas de surimpression sur un profil CMJN",
    find=lambda file: iter("un profil CMJN" for each in _icc(file) if int(each.N) == 4),
)


def _space(file: File) -> str:
    for each in _intents(file):
        if name_of(each.get("/S")) == "GTS_PDFA1" and "/DestOutputProfile" in each:
            return _profile(each.DestOutputProfile)[1]
    return ""


def _used(file: File, name: str) -> Iterator[str]:
    """Each use of a space of a device, where no default stands for it."""
    for each in file.drawing.spaces:
        if name_of(each) == name:
            yield "une couleur"
    for each in file.dicts:
        if name_of(each.get("/ColorSpace")) == name or name_of(each.get("/CS")) == name:
            yield "une image, un dégradé ou un groupe"


def _matches(file: File, name: str, wanted: tuple[str, ...]) -> Iterator[str]:
    space = _space(file)
    for each in _used(file, name):
        yield "" if space in wanted else f"{each} en {name}, sortie « {space} »"


@rule("A 6.2.4.3-2", family=FAMILY, says="des couleurs RVB demandent une sortie RVB")
def rgb(file: File) -> Iterator[str]:
    yield from _matches(file, "DeviceRGB", ("RGB ",))


@rule("A 6.2.4.3-3", family=FAMILY, says="des couleurs CMJN demandent une sortie CMJN")
def cmyk(file: File) -> Iterator[str]:
    yield from _matches(file, "DeviceCMYK", ("CMYK",))


@rule("A 6.2.4.3-4", family=FAMILY, says="des gris demandent une intention de sortie")
def gray(file: File) -> Iterator[str]:
    yield from _matches(file, "DeviceGray", _SPACES)


def _separations(file: File) -> Iterator[str]:
    for each in file.values:
        if isinstance(each, Array) and len(each) and name_of(each[0]) == "Separation":
            yield "une encre"


absent("A 6.2.4.4-2", family=FAMILY, says="une encre garde son équivalent", find=_separations)


# --- Graphics states --------------------------------------------------------------------------


def _states(file: File) -> Iterator[Any]:
    for each in file.dicts:
        found = each.get("/ExtGState")
        if found is not None and name_of(each.get("/Type")) != "ExtGState":
            yield from found.values()


@rule("A 6.2.5-1", family=FAMILY, says="pas de fonction de transfert")
def transfer(file: File) -> Iterator[str]:
    for each in _states(file):
        yield "/TR" if "/TR" in each else ""


@rule("A 6.2.5-2", family=FAMILY, says="pas de seconde fonction de transfert, sauf Default")
def second_transfer(file: File) -> Iterator[str]:
    for each in _states(file):
        yield "/TR2" if "/TR2" in each and name_of(each.TR2) != "Default" else ""


@rule("A 6.2.5-3", family=FAMILY, says="pas de phase de trame")
def phase(file: File) -> Iterator[str]:
    for each in _states(file):
        yield "/HTP" if "/HTP" in each else ""


def _halftones(file: File) -> Iterator[str]:
    for each in file.dicts:
        if "/HT" in each or "/HalftoneType" in each:
            yield "une trame"


absent(
    *("A 6.2.5-4", "A 6.2.5-5", "A 6.2.5-6"),
    family=FAMILY,
    says="une trame est de type 1 ou 5, sans nom, et sa fonction est réglée",
    find=_halftones,
)

_INTENTS = ("RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation")


@rule("A 6.2.6-1", family=FAMILY, says="les intentions de rendu sont l’une des quatre connues")
def rendering(file: File) -> Iterator[str]:
    told = [name_of(each.get(key)) for each in file.dicts for key in ("/RI", "/Intent")]
    for each in (*filter(None, told), *file.drawing.intents):
        yield "" if each in _INTENTS else each


_BLENDS = set(
    "Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight "
    "SoftLight Difference Exclusion Hue Saturation Color Luminosity".split()
)


@rule("A 6.2.10-1", family=FAMILY, says="les modes de fusion sont connus")
def blending(file: File) -> Iterator[str]:
    for each in _states(file):
        for mode in listed(each.get("/BM")):
            yield "" if name_of(mode) in _BLENDS else f"{mode}"


def _is_see_through(file: File) -> bool:
    return any(
        float(each.get("/ca", 1)) < 1 or float(each.get("/CA", 1)) < 1 for each in _states(file)
    ) or any("/SMask" in each for each in file.dicts)


@rule("A 6.2.10-2", family=FAMILY, says="une transparence sait dans quel espace elle se compose")
def transparency(file: File) -> Iterator[str]:
    is_risky = not _space(file) and _is_see_through(file)
    for page in file.pdf.pages:
        has_space = "/CS" in (page.obj.get("/Group") or {})
        yield "transparence sans espace" if is_risky and not has_space else ""


# --- Images and forms -------------------------------------------------------------------------


def _objects(file: File, kind: str) -> list[Any]:
    return [each for each in file.streams if name_of(each.get("/Subtype")) == kind]


def _images(file: File) -> list[Any]:
    return _objects(file, "Image")


@rule("A 6.2.8-1", family=FAMILY, says="une image n’a pas de variante")
def alternates(file: File) -> Iterator[str]:
    for each in _images(file):
        yield "/Alternates" if "/Alternates" in each else ""


@rule("A 6.2.8-2", family=FAMILY, says="une image ne renvoie pas à une autre (OPI)")
def image_opi(file: File) -> Iterator[str]:
    for each in _images(file):
        yield "/OPI" if "/OPI" in each else ""


@rule("A 6.2.8-3", family=FAMILY, says="une image n’est pas lissée par qui l’affiche")
def interpolate(file: File) -> Iterator[str]:
    for each in _images(file):
        yield f"image {each.objgen[0]} lissée" if each.get("/Interpolate") is True else ""


def _bits(image: Any) -> Any:
    return image.get("/BitsPerComponent")


@rule("A 6.2.8-4", family=FAMILY, says="une image a 1, 2, 4, 8 ou 16 bits par couleur")
def bits(file: File) -> Iterator[str]:
    for each in _images(file):
        if each.get("/ImageMask") is not True:
            yield "" if _bits(each) in (None, 1, 2, 4, 8, 16) else f"{_bits(each)} bits"


@rule("A 6.2.8-5", family=FAMILY, says="un masque a un bit par point")
def mask_bits(file: File) -> Iterator[str]:
    for each in _images(file):
        if each.get("/ImageMask") is True:
            yield "" if _bits(each) in (None, 1) else f"{_bits(each)} bits"


def _jpeg2000(file: File) -> Iterator[str]:
    for each in _images(file):
        if "JPXDecode" in map(name_of, listed(each.get("/Filter"))):
            yield f"image {each.objgen[0]} en JPEG 2000"


absent(
    *(f"A 6.2.8.3-{number}" for number in range(1, 6)),
    family=FAMILY,
    says="une image JPEG 2000 dit ses couleurs, son espace, sa méthode et ses bits",
    find=_jpeg2000,
)


@rule("A 6.2.9-1", family=FAMILY, says="un dessin réemployé n’est ni PostScript ni OPI")
def forms(file: File) -> Iterator[str]:
    for each in _objects(file, "Form"):
        is_wrong = name_of(each.get("/Subtype2")) == "PS" or "/PS" in each or "/OPI" in each
        yield "PS ou OPI" if is_wrong else ""


@rule("A 6.2.9-2", "UA 7.20-1", family=FAMILY, says="un dessin réemployé ne renvoie pas au dehors")
def references(file: File) -> Iterator[str]:
    for each in _objects(file, "Form"):
        yield "/Ref" if "/Ref" in each else ""


@rule("A 6.2.9-3", family=FAMILY, says="aucun objet n’est du PostScript")
def postscript(file: File) -> Iterator[str]:
    for each in file.streams:
        if name_of(each.get("/Type")) == "XObject" or "/Subtype" in each:
            yield "PostScript" if name_of(each.get("/Subtype")) == "PS" else ""
