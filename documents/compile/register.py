"""The papers of the yearly register, from what the register holds; the sheet to sign by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from documents import papers
from documents.compile.minutes import Compiler
from documents.compile.shared import (
    cleaned,
    figure,
    heading,
    in_groups,
    issuer_of,
    named,
    place_and_date,
    prepared,
    signatory,
)
from law import french
from law.assembly import Composition
from law.delegations import Kind
from law.regime import registered_by
from meetings import reading
from meetings.models import Meeting
from members.models import Body, folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A deliberation as the tables of the register list it; `sheet` is the first of its own."""

    number: str
    held_on: date
    object: str
    theme: str = ""
    sheet: int | None = None
    remark: str = ""


BY_DATE, BY_OBJECT = "dates", "objets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a register keeps: what one calls each act (`noun`), whose they are, who numbers its
    sheets, what makes it be kept."""

    noun: str
    of_whom: str
    head: str
    article: str
    is_feminine: bool = True
    of_sittings: bool = True

    @property
    def title(self) -> str:
        """ "Registre des délibérations"."""
        return f"Registre des {self.noun}s"

    @property
    def told(self) -> str:
        """The act at the head of a column."""
        return french.capitalise(self.noun)

    @property
    def none(self) -> str:
        """The start of "aucune délibération"."""
        return f"{french.agree('aucun', feminine=self.is_feminine)} {self.noun}"


def kept_in(body: Body) -> Kept:
    """What the register of this body keeps: deliberations, or what whoever heads its assembly
    decides alone."""
    if body.assembly is None:
        return Kept(
            noun="délibération",
            of_whom=french.contract("de", body.designation),
            head=body.designation,
            article="art. R2121-9 du CGCT",
        )
    kind = Kind(body.kind)
    is_decision = kind is Kind.DECISION
    return Kept(
        noun=kind.noun,
        of_whom="de la présidence",
        head=body.assembly.designation,
        article=registered_by(body.organisation.legal_form, by_delegation=is_decision),
        is_feminine=kind.is_feminine,
        of_sittings=False,
    )


def compile_register_opening(
    body: Body,
    year: int,
    *,
    composition: Composition,
    sheets: int,
    sittings: int,
    deliberations: int,
    on: date,
    awaited: Sequence[date] = (),
    unissued: int = 0,
    is_over: bool = True,
    late: Sequence[str] = (),
) -> papers.RegisterOpening:
    """The first page of the register of a year; `composition` says who numbers its sheets. It is
    provisional while its year is not over, sittings are `awaited`, or a deliberation has no
    extract. `late` are the numbers given after those of acts of a later day."""
    kept = kept_in(body)
    who = signatory(composition, reading.words_of(body))
    told = french.count(sheets, "feuillet")
    lacking = _lacking(awaited, unissued, on, kept)
    if not lacking and not is_over:
        lacking = f"Volume provisoire au {french.long_date(on)} : l’année {year} n’est pas finie. "
    of_organisation = french.contract("de", body.organisation.designation)
    return cleaned(
        papers.RegisterOpening(
            **_heading(body, year, kept.title, "registre", on),
            statement=french.sentence(
                f"le présent registre{', provisoire,' if lacking else ''} contient "
                f"{'à ce jour ' if lacking else ''}{told}, "
                f"{french.agree('numéroté', plural=sheets > 1)} de 1 à {sheets}, cotés et paraphés "
                f"par la personne qui préside {kept.head}, destinés à l’inscription des "
                f"{kept.noun}s {kept.of_whom} {of_organisation} pour l’année {year}"
            ),
            figures=(
                *((figure("séance", sittings),) if kept.of_sittings else ()),
                figure(kept.noun, deliberations),
                figure("feuillet", sheets),
            ),
            done_at=place_and_date(body.organisation, on),
            signatory=who,
            notice=french.nbsp(
                f"{lacking}{_out_of_order(late)}{_source(kept)}"
                "Les tables par dates et par objets le terminent."
            ),
        )
    )


def _out_of_order(late: Sequence[str]) -> str:
    """That dates and numbers do not run together: a sentence and its space, "" when they do."""
    if not late:
        return ""
    which, was = ("Le numéro", "a été donné") if len(late) == 1 else ("Les numéros", "l’ont été")
    return f"{which} {french.join(list(late))} {was} après ceux d’actes de date postérieure. "


def _source(kept: Kept) -> str:
    """What makes the register be kept, as a sentence and its space."""
    if kept.of_sittings:
        return (
            "Registre tenu en application de l’article R2121-9 du code général des collectivités "
            "territoriales. "
        )
    return f"Registre tenu par ordre de date, {kept.article}. " if kept.article else ""


def _lacking(awaited: Sequence[date], unissued: int, on: date, kept: Kept) -> str:
    """What the volume does not hold yet: a sentence and its space, "" when it is whole."""
    told = []
    if awaited:
        noun = "les séances" if len(awaited) > 1 else "la séance"
        told.append(f"{noun} {french.join([f'du {french.long_date(day)}' for day in awaited])}")
    if unissued:
        told.append(f"{french.count(unissued, kept.noun)} sans extrait")
    if not told:
        return ""
    verb = "n’y sont" if len(awaited) + unissued > 1 else "n’y est"
    return f"Volume provisoire au {french.long_date(on)} : {french.join(told)} {verb} pas encore. "


def compile_sitting_closing(
    meeting: Meeting, lines: Sequence[papers.ClosingLine], *, taken: int
) -> papers.SittingClosing:
    """The sheet that closes a sitting: the order numbers given there, how many deliberations that
    stand were taken, everybody who sat at some moment of it, room for the signatures of whoever
    presided and of the secretaries."""
    fresh = prepared(meeting, enclosures=False)
    compiler = Compiler(fresh)
    story = compiler.story
    states = (story.at_opening, *story.at_item.values(), story.at_end)
    seen = frozenset().union(*(state.attending for state in states))
    many = taken > 1
    told = (
        f"{french.count(taken, 'délibération')} {'ont' if many else 'a'} été "
        f"{french.agree('pris', feminine=True, plural=many)}"
        if taken
        else "aucune délibération n’a été prise"
    )
    return cleaned(
        papers.SittingClosing(
            **heading(
                fresh,
                "Feuillet de clôture de la séance",
                "cloture",
                name="Feuillet de clôture",
                issuer=compiler.issuer,
            ),
            statement=french.sentence(f"au cours de cette séance, {told}"),
            lines=tuple(lines),
            present=tuple(
                named(member) for member in compiler.composition.members if member.key in seen
            ),
            signatories=compiler.signatories(),
        )
    )


def compile_register_table(
    body: Body, year: int, entered: Iterable[Entered], *, by: str, on: date
) -> papers.RegisterTable:
    """A table of the register, `BY_DATE` or `BY_OBJECT`: sittings in their order, or matters in
    that of the alphabet."""
    lines, kept = list(entered), kept_in(body)
    if by == BY_DATE:
        title, group = "Table chronologique", _by_date(lines, kept)
    else:
        title, group = "Table par objets", _by_object(lines)
    told = french.count(len(lines), kept.noun)
    return cleaned(
        papers.RegisterTable(
            **_heading(body, year, title, f"table-{by}", on),
            statement=french.sentence(f"{told} {kept.of_whom} en {year}")
            if lines
            else french.sentence(f"{kept.none} en {year}"),
            alone=None if kept.of_sittings else kept.told,
            groups=tuple(group),
        )
    )


def _by_date(entered: Sequence[Entered], kept: Kept) -> Iterable[papers.TableGroup]:
    groups: dict[date, list[Entered]] = {}
    for each in sorted(entered, key=lambda each: each.held_on):
        groups.setdefault(each.held_on, []).append(each)
    for held_on, group in groups.items():
        yield papers.TableGroup(
            label=f"{'Séance du' if kept.of_sittings else 'Le'} "
            f"{french.long_date(held_on, weekday=True)}",
            lines=tuple(_line(each, held_on="") for each in group),
        )


def _by_object(entered: Sequence[Entered]) -> Iterable[papers.TableGroup]:
    groups: dict[str, list[Entered]] = {}
    for each in entered:
        groups.setdefault(each.theme, []).append(each)
    for theme in sorted(groups, key=lambda theme: (not theme, folded(theme))):
        found = sorted(groups[theme], key=lambda each: (folded(each.object), each.held_on))
        yield papers.TableGroup(
            label=theme or ("Autres objets" if len(groups) > 1 else ""),
            lines=tuple(_line(each, held_on=french.long_date(each.held_on)) for each in found),
        )


def _line(each: Entered, *, held_on: str) -> papers.TableLine:
    return papers.TableLine(
        number=each.number,
        held_on=held_on,
        object=french.nbsp(each.object),
        sheet=str(each.sheet) if each.sheet else "",
        remark=french.nbsp(each.remark) or None,
    )


def _heading(body: Body, year: int, title: str, slug: str, on: date) -> dict[str, Any]:
    return {
        "held_on": on,
        "name": f"{title}, {body.name}, année {year}",
        "running_head": f"{body.name} · {year}",
        "file_name": f"{slug}-{body.slug}-{year}",
        "issuer": issuer_of(body),
        "title": title,
        "subtitle": f"{body.name} – année {year}",
    }


# --- By hand ----------------------------------------------------------------------------------


def compile_signature_sheet(
    paper: papers.Paper,
    *,
    heading: str,
    version: int,
    issued_on: date,
    pages: int,
    pdf_sha256: str,
) -> papers.SignatureSheetDocument:
    """The sheet on which an issued `paper` is signed by hand, whose PDF has this hash."""
    one = getattr(paper, "signatory", None)
    signatories = getattr(paper, "signatories", ()) or ((one,) if one else ())
    told = [
        ("Document", heading),
        ("Version", str(version)),
        ("Établi le", french.long_date(issued_on)),
        ("Pages", str(pages)),
        ("Empreinte SHA-256 du PDF", in_groups(pdf_sha256)),
        ("Empreinte SHA-256 du contenu", in_groups(papers.sha256(paper))),
    ]
    return cleaned(
        papers.SignatureSheetDocument(
            held_on=paper.held_on,
            issued_on=issued_on,
            name=f"Feuille de signature, {heading}",
            running_head=paper.running_head,
            file_name=f"feuille-signature-{paper.file_name}",
            issuer=paper.issuer,
            title="Feuille de signature",
            subtitle=heading,
            statement=french.nbsp(
                "Les soussignés signent le document désigné ci-dessous et nul autre : son "
                "empreinte est celle du fichier conservé."
            ),
            facts=tuple(papers.Fact(label=label, text=french.nbsp(text)) for label, text in told),
            signatories=tuple(signatories),
            notice=french.nbsp(
                "Une fois signée, cette feuille se numérise et se dépose sur la page des "
                "signatures du document ; l’original se conserve avec le registre."
            ),
            verification=paper.verification,
        )
    )
