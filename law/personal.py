"""What in a text looks personal, pointed at before it is put online (art. L312-1-2 of the code des
relations entre le public et l'administration).

It proposes and decides nothing: somebody hides each passage, or leaves it. Better a proposal too
many than a name that nobody saw; `tests/law/test_personal.py` measures both on real minutes. A
first name alone, an illness or what somebody earns, said without a name, are seen by who reads.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from law import masking
from law.assembly import Composition


class Kind(StrEnum):
    """What a passage looks like; the value is what is kept of it."""

    NAME = "nom"
    ADDRESS = "adresse"
    TELEPHONE = "telephone"
    BIRTH = "naissance"
    ACCOUNT = "compte"
    MAIL = "courriel"
    NUMBER = "nir"


LABELS = {
    Kind.NAME: "nom d’une personne",
    Kind.ADDRESS: "adresse",
    Kind.TELEPHONE: "téléphone",
    Kind.BIRTH: "date ou lieu de naissance",
    Kind.ACCOUNT: "compte bancaire",
    Kind.MAIL: "adresse électronique",
    Kind.NUMBER: "numéro de sécurité sociale",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Some words that look personal, as they are to be hidden, and those around them."""

    kind: Kind
    text: str
    around: str = ""


class Known:
    """Whom a text may name: those who sit and who sign, and what the organisation says of itself
    (its seat, its telephone, where it meets)."""

    def __init__(
        self,
        composition: Composition | None = None,
        *,
        names: Iterable[str] = (),
        words: Iterable[str] = (),
    ) -> None:
        members = composition.members if composition else ()
        whole = [f"{each.first_name} {each.last_name}" for each in members]
        self._names = {_name(each) for each in (*whole, *names)}
        last = {_name(each.last_name) for each in members if each.last_name}
        # Of a whole name, every way to begin its surname: « de », « Le » may or may not be of it.
        self._surnames = last | {
            " ".join(words[rank:])
            for words in (each.split() for each in self._names)
            for rank in range(1, len(words))
        }
        self._said = f" {' '.join(map(_bare, words))} "
        self.told = (*sorted(self._names), self._said)  # all that this is made of

    def names(self, name: str) -> bool:
        """Whether somebody who sits or signs is called so: a name alone may be his surname."""
        told = _name(name)
        if told in self._names or told in self._surnames:
            return True
        first, _, rest = told.partition(" ")
        # « J. Martin », « S. El Atmani »
        is_initial = re.fullmatch(r"(?:\w\.?-?){1,2}", first) is not None
        return is_initial and rest in self._surnames

    def says(self, text: str) -> bool:
        """Whether the organisation says this of itself."""
        return f" {_bare(text)} " in self._said


def _name(text: str) -> str:
    return " ".join(re.sub(r"[-'.]", " ", masking.folded(text)).split())


def _bare(text: str) -> str:
    """Letters and figures alone, however an address is cut."""
    return " ".join(re.findall(r"\w+", masking.folded(text)))


def read(text: str, known: Known | None = None) -> tuple[Passage, ...]:
    """What looks personal in this text, in its order, each passage once."""
    known = known or Known()
    found: dict[tuple[Kind, str], tuple[int, Passage]] = {}
    for kind, start, end in _places(text, known):
        told = masking.told(text[start:end])
        if masking.is_too_short(told):
            continue
        passage = Passage(kind=kind, text=told, around=_around(text, start, end))
        found.setdefault((kind, masking.folded(told)), (start, passage))
    return tuple(passage for _, passage in sorted(found.values(), key=lambda each: each[0]))


def _around(text: str, start: int, end: int, width: int = 60) -> str:
    """The words near a passage, whole."""
    before, after = text[max(0, start - width) : start], text[end : end + width]
    if start > width:
        before = "…" + before.partition(" ")[2]
    if end + width < len(text):
        after = after.rpartition(" ")[0] + "…"
    return masking.told(f"{before}{text[start:end]}{after}")


def _places(text: str, known: Known) -> Iterator[tuple[Kind, int, int]]:
    taken: list[tuple[int, int]] = []
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            start, end = found.span("it")
            is_taken = any(start < ends and begins < end for begins, ends in taken)
            if is_taken or known.says(text[start:end]):
                continue
            taken.append((start, end))
            yield kind, start, end
    for start, end in _names(text):
        if not any(start < ends and begins < end for begins, ends in taken):
            name = text[start:end]
            if not (known.names(name) or known.says(name)):
                taken.append((start, end))
                yield Kind.NAME, start, end


# --- What has a form --------------------------------------------------------------------------

_MONTH = (
    "janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre"
    "|décembre|decembre"
)
_DAY = rf"(?:\d{{1,2}}(?:er)?\s+(?:{_MONTH})\s+\d{{4}}|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}})"
_ROAD = (
    "rue|avenue|av\\.|boulevard|bd|bld|place|allée|allées|impasse|chemin|route|rte|quai|cours"
    "|square|ruelle|sente|sentier|faubourg|villa|passage|hameau|lotissement|résidence|lieu-dit"
    "|lieudit|esplanade|voie|promenade|cité|clos|domaine"
)
_TOWN = r"(?:(?:Le|La|Les|LE|LA|LES|Saint|Sainte|SAINT|SAINTE|St|Ste)[ -])?[A-ZÀ-Ý][\w’'-]*"


def _pattern(source: str, *, case: bool = False) -> re.Pattern[str]:
    return re.compile(source, re.VERBOSE | (0 if case else re.IGNORECASE))


_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.MAIL, _pattern(r"(?P<it>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")),
    # IBAN of any country that has letters or figures in fours, and the RIB of France.
    (
        Kind.ACCOUNT,
        _pattern(
            r"\b(?P<it>[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,4})?)\b", case=True
        ),
    ),
    (Kind.ACCOUNT, _pattern(r"\b(?P<it>\d{5}[ ]?\d{5}[ ]?[A-Z0-9]{11}[ ]?\d{2})\b")),
    # Sex, year, month, département, commune, rank, and the key that is often left out.
    (
        Kind.NUMBER,
        _pattern(
            r"(?<!\d)(?P<it>[1278][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .]?(?:\d{2}|2[AB])"
            r"[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{2})?)(?!\d)"
        ),
    ),
    (
        Kind.TELEPHONE,
        _pattern(
            r"(?<![\d.,])(?P<it>(?:(?:\+|00)33[ .]?(?:\(0\)[ ]?)?|0)[1-9](?:[ .-]?\d{2}){4})(?!\d)"
        ),
    ),
    (
        Kind.BIRTH,
        _pattern(
            rf"\bn(?:é|ée|és|ées|e\(e\)|é\(e\))\s+(?:\w+\s+)?(?:le\s+)?(?P<it>{_DAY}(?:\s+à\s+(?-i:{_TOWN}))?)"
        ),
    ),
    (
        Kind.BIRTH,
        _pattern(
            rf"\b(?:date\s+de\s+naissance|naissance)\s*(?::|le|du|en\s+date\s+du)?\s*(?P<it>{_DAY})"
        ),
    ),
    # « 12 bis, rue du Bois, 60350 Pierrefonds »
    (
        Kind.ADDRESS,
        _pattern(
            rf"(?<![\w/.-])(?P<it>\d{{1,4}}(?:\s?(?:bis|ter|quater|[A-D]\b))?\s*,?\s+(?:{_ROAD})\b"
            rf"\s+(?-i:(?:[\w’'.-]+[ ]){{0,6}}?[A-ZÀ-Ý][\w’'.-]*"
            rf"(?:[ -](?:(?:de|du|des|la|le|les|et|aux?|sur)[ -]){{0,3}}"
            rf"(?:[dl]['’])?[A-ZÀ-Ý][\w’'-]*)*"
            rf"|du\s+\d{{1,2}}(?:er)?\s+(?:{_MONTH})(?:\s+\d{{4}})?)"
            rf"(?:\s*[,–-]?\s*\d{{5}}\s+(?-i:{_TOWN}))?)"
        ),
    ),
    (
        Kind.ADDRESS,
        _pattern(rf"(?<![\w-])(?P<it>\d{{5}}\s+(?-i:{_TOWN})(?:\s+cedex\b(?:\s+\d+)?)?)"),
    ),
    (
        Kind.ADDRESS,
        _pattern(
            rf"\b(?:domicilié|demeurant|résidant|habitant|logé)(?:e|s|es|\(e\))?\s+"
            rf"(?:à|au|aux|en|sise?|dans|:)?\s*(?P<it>(?-i:{_TOWN}))"
        ),
    ),
)

# --- Names ------------------------------------------------------------------------------------

_SPACE = r"[ \u00a0\u202f]+"
_GAP = r"(?:[ \u00a0\u202f]+|[ ]*\n[ ]*)"
_CAPITAL = r"A-ZÀ-ÖØ-ÝŒ"
_WORD = rf"(?:[dDlLO]['’])?[{_CAPITAL}](?:[\w]|['’-](?=\w))*"
_PARTICLE = r"(?i:de[ ]la|de|du|des|d['’]|le|la|van|von|der|den|el|al|ben|da|dos|di)"
_WHO = (
    r"M\.|MM\.?|M[ ](?=[A-ZÀ-Ý]{2})|Mr\.?|Mrs|Mme\.?|Mmes|Mlle|Mlles|Monsieur|Madame|Mademoiselle"
    r"|Messieurs|Mesdames|Maître|Maitre|Me|Docteur|Dr\.?|Pr\.?"
)
_KIN = (
    "consorts|époux|epoux|famille|succession|indivision|veuve|héritiers|propriété|propriétaire"
    "|bail rural|enfant|enfants|agent|agente|stagiaire|demande"
)
_ONE = rf"{_WORD}(?:{_SPACE}(?:{_PARTICLE}{_SPACE})?{_WORD}){{0,3}}"
_AFTER_WHO = re.compile(
    rf"(?<!\w)(?P<who>(?i:{_WHO}))(?:{_GAP}et{_GAP}(?i:{_WHO}))?{_GAP}"
    rf"(?P<it>(?:(?:de|du|d['’]|de[ ]la){_SPACE})?{_ONE}"
    rf"(?:\n[ ]*[{_CAPITAL}]{{2,}}[\w'’-]*(?!\w))?)"
)
_AFTER_KIN = re.compile(rf"(?<!\w)(?i:{_KIN}){_GAP}[«\"“]?[ ]?(?:(?i:{_KIN}){_GAP})?(?P<it>{_ONE})")
_FULL = re.compile(
    rf"(?<![\w'’-])(?P<first>{_WORD})(?={_GAP}"
    rf"(?P<last>(?:{_PARTICLE}{_SPACE})?{_WORD}(?:{_SPACE}(?:{_PARTICLE}{_SPACE})?{_WORD})?))"
)
# Words with a capital that follow a civility, or begin a sentence, and are no name.
_NO_NAMES = frozenset(
    "maire président présidente préfet préfète directeur directrice trésorier trésorière receveur"
    " receveuse ministre député députée sénateur sénatrice adjoint adjointe conseiller conseillère"
    " secrétaire commissaire rapporteur rapporteure recteur rectrice procureur vice-président"
    " vice-présidente délégué déléguée sous-préfet sous-préfète premier première monsieur madame"
    " messieurs mesdames mme mr m mm maître docteur foncière intellectuelle publique privée"
    " communale syndicale ce cette ces pour après ainsi aussi article vu considérant décide"
    " vote".split()
)
_ARTICLES = frozenset("le la les l un une il elle ils elles on".split())  # « Le Goff » is a name
# Roads, rooms and works are called after people who are nobody's neighbours.
_CALLED_AFTER = re.compile(
    rf"(?:\b(?:{_ROAD}|salle|espace|théâtre|collège|lycée|école|groupe scolaire|stade|gymnase|parc"
    r"|jardin|fondation|prix|centre|hôpital|clinique|bibliothèque|médiathèque|piscine|pont|maison"
    r"|foyer|cinéma|square|résidence|ehpad|crèche|institut|université|église|chapelle|saint|sainte"
    r"|société|entreprise|sarl|sas|scp|sci|eurl|cabinet|association|amicale|club)"
    r"(?:[ ](?:du|de|de la|des|d’|du Dr|du docteur|du général|du maréchal))?[ ]*[«“\"]?)[ ]*$",
    re.IGNORECASE,
)


def _names(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_AFTER_WHO, _AFTER_KIN):
        for found in pattern.finditer(text):
            if pattern is _AFTER_WHO and _CALLED_AFTER.search(text[: found.start()][-60:]):
                continue
            yield from _trimmed(text, *found.span("it"))
    for found in _FULL.finditer(text):
        first = found["first"]
        known_first = all(part in FIRST_NAMES for part in re.split("[-‑]", masking.folded(first)))
        if known_first and not _CALLED_AFTER.search(text[: found.start()][-60:]):
            yield from _trimmed(text, found.start(), found.end("last"))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Without what begins after the name: an office, a sentence, the first name of somebody else;
    nothing when it is no name at all."""
    kept = end
    is_surname = False  # in capitals: a word in small letters after it is not of the name
    for word in re.finditer(r"[\w’'-]+", text[start:end]):
        is_over = is_surname and word[0][0].isupper() and not word[0].isupper()
        is_article = word[0].casefold() in _ARTICLES and not word.start()
        if is_over or is_article or word[0].casefold() in _NO_NAMES:
            kept = start + word.start()
            break
        is_surname = word[0].isupper() and len(word[0]) > 1
    while kept > start and not text[kept - 1].isalnum():
        kept -= 1
    if kept > start:
        yield start, kept


FIRST_NAMES = frozenset(
    "adele adeline adrien agathe agnes aime alain albert alexandra alexandre alexis alfred alice"
    " aline alix amandine amelie amina anais andre andree ange angelique anita anna anne annette"
    " annick annie anthony antoine antonio ariane arlette armand arnaud arthur audrey aurelie"
    " aurelien aurore axel barbara baptiste bastien beatrice benjamin benoit bernadette bernard"
    " berthe bertrand blandine boris brahim brigitte bruno camille carine carole caroline catherine"
    " cecile cedric celestin celia celine chantal charlene charles charlotte chloe christelle"
    " christian christiane christine christophe claire clara claude claudette claudine claudie"
    " clement clementine colette coralie corinne cyril cyrille damien daniel daniele danielle david"
    " deborah delphine denis denise desire didier dimitri dominique edith edmond edouard elena"
    " eliane elisabeth elise ella elodie eloise emeline emilie emile emma emmanuel emmanuelle enzo"
    " eric ernest estelle esther etienne eugene eva evelyne fabien fabienne fabrice fanny farid"
    " fatima felix fernand fernande flora florence florent florian france francine francis franck"
    " francois francoise frederic frederique gabriel gabrielle gaelle gaetan gaston genevieve"
    " georges georgette gerald geraldine gerard germain germaine ghislain ghislaine gilbert"
    " gilberte gilles ginette gisele guillaume gustave guy gwenaelle hassan hector helene heloise"
    " henri henriette herve hortense hubert hugo hugues ingrid irene isabelle ismael jacky jacob"
    " jacqueline jacques james jean jeanne jeannine jeremy jerome jessica joel joelle johanna"
    " jonathan jordan joris jose joseph josephine josette josiane juliette julie julien justine"
    " karim karine kevin khadija laetitia lara laura laure laurence laurent lea leila leo leon"
    " leonie liliane lina line lionel loic lola louis louise luc lucas lucette lucie lucien"
    " lucienne"
    " ludivine ludovic lydia lydie madeleine magali magalie malika manon manuel marc marcel"
    " marceline marcelle margaux margot marguerite maria marianne marie marielle marina marine"
    " mario"
    " marion marius martial martin martine maryline maryse maryvonne mathieu mathilde matthieu maud"
    " maurice max maxime maximilien melanie melissa michael micheline michel michele mickael"
    " mireille mohamed monique morgane mustapha muriel myriam nadege nadia nadine nathalie nathan"
    " nelly nicolas nicole nina noel noemie noelle norbert odette odile olga olivia olivier oscar"
    " pascal pascale patrice patricia patrick paul paule paulette pauline perrine philippe pierre"
    " pierrette quentin rachel rachid raoul raphael raymond raymonde regine regis remi remy renaud"
    " rene renee richard robert robin rodolphe roger roland romain roselyne rose rosine sabine"
    " sabrina salome samir samuel sandra sandrine sara sarah sebastien serge severine simon simone"
    " solange sonia sophie stephane stephanie suzanne sylvain sylvaine sylvie tatiana thibault"
    " thibaut thierry thomas tiphaine tristan valentin valentine valerie vanessa veronique victor"
    " victoire vincent virginie viviane wilfried william xavier yann yannick yasmine yolande yves"
    " yvette yvon yvonne zoe".split()
)
