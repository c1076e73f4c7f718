"""What every compiler of papers needs: the letterhead, names, and texts made fit for print."""

import base64
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import lru_cache
from html import escape, unescape
from io import BytesIO
from typing import Any, TypeVar

import nh3
import segno
from django.db.models import Prefetch
from django.db.models.fields.files import FieldFile
from PIL import Image

from documents import papers
from law import acts, courts, french, sentences
from law import style as rules
from law.assembly import Composition, Member
from law.french import NBSP
from law.sentences import BodyWords
from meetings import public, reading, richtext
from meetings.drafts import Draft
from meetings.models import AgendaItem, Attachment, Meeting
from members.models import Body, Organisation, PaperStyle

T = TypeVar("T")


def prepared(
    meeting: Meeting,
    *,
    style: PaperStyle | None = None,
    enclosures: bool = True,
    is_public: bool = False,
) -> Meeting:
    """The sitting read afresh with all that is sent about it, in the same number of queries
    whatever its size.

    `style` stands in for that of its body: one that is being tried. Without `enclosures`, the
    files joined to items are not read. `is_public` leaves out what the law protects. A sitting
    that is nowhere but here is taken as it is.
    """
    fresh = meeting if meeting._state.adding else _read(meeting, enclosures)
    if style is not None:
        fresh.body.paper_style = style
    if is_public:
        public.redact(fresh)
    return fresh


def _read(meeting: Meeting, enclosures: bool) -> Meeting:
    items = AgendaItem.objects.select_related("brief", "approves").prefetch_related("also_approves")
    if enclosures:
        items = items.prefetch_related(
            Prefetch("attachments", Attachment.objects.order_by("position", "pk"))
        )
    return (
        Meeting.every.select_related("body__organisation", "body__paper_style", "second_call_of")
        .prefetch_related(Prefetch("items", items), "events")
        .get(pk=meeting.pk)
    )


# --- The issuer -------------------------------------------------------------------------------

_LOGO_SIZE = (900, 320)  # sharp at the size it is printed, and no larger


def issuer(organisation: Organisation) -> papers.Issuer:
    """The letterhead of the organisation."""
    siren = organisation.siren
    return papers.Issuer(
        name=organisation.name,
        address=tuple(line.strip() for line in organisation.address.splitlines() if line.strip()),
        siren=NBSP.join(siren[n : n + 3] for n in range(0, len(siren), 3)),
        logo=_logo(organisation.logo),
    )


def issuer_of(body: Body) -> papers.Issuer:
    """The letterhead of the body: that of its organisation, with what is its own."""
    known, style = issuer(body.organisation), style_of(body)
    if style is None:
        return known
    look = papers.Style(
        lines=tuple(paragraphs(style.letterhead)),
        footer=french.nbsp(style.footer.strip()),
        accent=ACCENTS[style.accent],
    )
    return replace(
        known,
        logo=_logo(style.logo) or known.logo,
        style=None if look == papers.Style() else look,
    )


def _logo(logo: FieldFile) -> str:
    """The logo as a `data:` address, "" when there is none or when it cannot be read."""
    if not logo:
        return ""
    try:
        with logo.open("rb") as file, Image.open(file) as image:
            image.thumbnail(_LOGO_SIZE)
            layer = image.convert("RGBA")
            flat = Image.new("RGB", layer.size, "white")
            flat.paste(layer, mask=layer.getchannel("A"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    out = BytesIO()
    flat.save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def frame(
    meeting: Meeting, name: str, slug: str, *, issuer: papers.Issuer | None = None
) -> dict[str, Any]:
    """What frames each sheet of a paper about a sitting, and names its file after the `slug`."""
    body, held_on = meeting.body, french.long_date(meeting.held_on)
    return {
        "held_on": meeting.held_on,
        "name": f"{name}, {body.name} du {held_on}",
        "running_head": f"{body.name} · {held_on}",
        "file_name": f"{slug}-{body.slug}-{meeting.held_on.isoformat()}",
        "issuer": issuer or issuer_of(body),
    }


def heading(
    meeting: Meeting,
    title: str,
    slug: str,
    *,
    name: str = "",
    issuer: papers.Issuer | None = None,
) -> dict[str, Any]:
    """The same, and what heads its first page; `name` is the title unless it is given."""
    day = french.long_date(meeting.held_on, weekday=True)
    return frame(meeting, name or title, slug, issuer=issuer) | {
        "title": title,
        "subtitle": f"{meeting.body.name} – séance du {day}",
    }


# --- What a body chose ------------------------------------------------------------------------

# Each keeps the contrast that WCAG calls AAA, on white.
ACCENTS = {
    "bleu": "",
    "vert": "#1d4a37",
    "bordeaux": "#6b1a2c",
    "brun": "#573718",
    "ardoise": "#37424d",
    "noir": "#16181b",
}


def style_of(body: Body) -> PaperStyle | None:
    """What the body chose for its papers; `None` when it goes by our own way in everything."""
    return getattr(body, "paper_style", None)


def order_of(body: Body, paper: str) -> tuple[str, ...] | None:
    """The order of the parts of "minutes" or "extract", `None` for ours."""
    style = style_of(body)
    return tuple(getattr(style, f"{paper}_parts", ())) or None


def worded(
    body: Body, plain: Mapping[str, str], places: Mapping[str, str], **own_places: Mapping[str, str]
) -> dict[str, Any]:
    """Sentences as fields of a paper: in the words of the body where it has some, in ours
    otherwise.

    `plain` holds ours by field, `places` what stands for the places of formulas, and further
    arguments what stands for those of one formula. What we do not say is not said otherwise.
    """
    style = style_of(body)
    own = {
        name: rules.fill(formula, places | own_places.get(name, {}))
        for name, sentence in plain.items()
        if sentence and (formula := getattr(style, name, ""))
    }
    reworded = tuple(papers.Reworded(field=name, plain=plain[name]) for name in own)
    return {**plain, **own, "reworded": reworded or None}


def places_of(meeting: Meeting) -> dict[str, str]:
    """What stands for the places of formulas, before the sitting."""
    words, convened_on = reading.words(meeting), meeting.convened_on
    on = meeting.held_on
    return {
        "instance": words.designation,
        "organisation": words.organisation,
        "date": french.long_date(on),
        "date_en_lettres": f"l’an {french.in_words(on.year)}, le {french.day_in_words(on)}",
        "heure": french.clock(meeting.hour) if meeting.hour else "",
        "lieu": meeting.place.strip(),
        "convocation": french.long_date(convened_on) if convened_on else "",
    }


# --- Text -------------------------------------------------------------------------------------

_TAGS = {
    *("p", "br", "strong", "b", "em", "i", "sup", "sub", "ul", "ol", "li", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}


def picture_of(link: str) -> str:
    """A link as a picture to be scanned, in a `data:` address."""
    out = BytesIO()
    segno.make(link, error="m").save(out, kind="png", scale=6, border=0)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def said(html: str) -> str:
    """What was said, as HTML that may be printed: few tags, no address, French typography."""
    html = "".join(richtext.passages(html))
    if not html.strip():
        return ""
    safe = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None)
    parts = re.split(r"(<[^>]*>)", safe)
    parts[::2] = [
        escape(french.nbsp(unescape(text)), quote=False) if text else "" for text in parts[::2]
    ]
    return "".join(parts).strip()


# Controls, invisible marks and marks that turn the direction of writing: none belongs on an act.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_NARROW = str.maketrans(
    # What ends a line parts two words, though no paper prints it.
    dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029", " ")
    | {"\u202f": NBSP, "\u2007": NBSP, "\u2009": " ", "\u2011": "-"}
)


def clean_text(text: str) -> str:
    """Composed letters, ordinary spaces, nothing invisible."""
    text = unicodedata.normalize("NFC", text).translate(_NARROW)
    return re.sub(r"[ \t\r\n]+", " ", _INVISIBLE.sub("", text))


# The same names come back in every public vote.
_clean_name = lru_cache(maxsize=1000)(clean_text)


def cleaned(paper: T) -> T:
    """The same paper, every text of it fit for print."""
    return _cleaned(paper)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return (_clean_name if len(value) < 100 else clean_text)(str(value))
    if isinstance(value, tuple):
        return tuple(_cleaned(member) for member in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _cleaned(getattr(value, f.name)) for f in fields(value)})
    return value


# --- Names ------------------------------------------------------------------------------------


def named(member: Member) -> str:
    """ "M. Philippe COCQ", the civility never alone at the end of a line."""
    return f"{member.civility}{NBSP}{member.name}" if member.civility else member.name


def the(title: str, member: Member) -> str:
    """ "Le président", "La secrétaire de séance"."""
    feminine = member.civility == "Mme"
    return f"{'La' if feminine else 'Le'} {french.agree(title, feminine=feminine)}"


_ORDINAL = re.compile(r"(?<=\der) |(?<=\dre) |(?<=\de) ")  # "1er vice-président" stays whole


def office_of(member: Member, words: BodyWords) -> str:
    """ "présidente", "1er vice-président" that no line end cuts; "" without an office."""
    return _ORDINAL.sub(NBSP, sentences.office(member, words))


def rapporteur(item: AgendaItem, composition: Composition, words: BodyWords) -> str:
    """ "Rapporteure : Mme Alice ARNAUD, présidente"; somebody from outside by his bare name; of a
    question, who asks it: "Question de Mme Alice ARNAUD"."""
    key = item.rapporteur
    if not key:
        return ""
    if item.kind == AgendaItem.Kind.ORAL_QUESTION:
        return f"Question {french.contract('de', named(composition.someone(key)))}"
    if key not in composition:
        return f"Rapporteur{NBSP}: {key}"
    member = composition[key]
    title = french.agree("rapporteur", feminine=member.civility == "Mme")
    return f"{french.capitalise(title)}{NBSP}: {named_with_office(member, words)}"


def named_with_office(member: Member, words: BodyWords) -> str:
    """ "M. Bruno BESSON, 1er vice-président"."""
    office = office_of(member, words)
    return f"{named(member)}{f', {office}' if office else ''}"


def figure(word: str, number: int, moment: str = "") -> papers.Figure:
    """A figure under its word, agreed: "présents", 12; "présents au vote"."""
    return papers.Figure(label=french.agree(word, plural=number > 1) + moment, value=number)


def signatory(composition: Composition, words: BodyWords) -> papers.Signatory:
    """Whoever chairs the body; a blank to be filled while nobody does."""
    for member in composition.titulars:
        if member.is_president:
            return papers.Signatory(office=the(words.chair, member), name=member.name)
    return papers.Signatory(office=f"Le {words.chair}", name="")


def convener(meeting: Meeting) -> papers.Signatory:
    """Whoever convenes this sitting; his name is left to be filled in where nobody says it."""
    who = reading.convener(meeting)
    if isinstance(who, str):
        return papers.Signatory(office=french.capitalise(who), name="")
    office = office_of(who, reading.words(meeting))
    return papers.Signatory(office=f"{'La' if who.is_feminine else 'Le'} {office}", name=who.name)


def appeal(meeting: Meeting, act: str, *, since: str) -> str:
    """How this `act` is contested, before which court and until when, `since` it was made known
    (art. R421-1 of the code of administrative justice): without them no delay runs against whoever
    it is notified to (art. R421-5)."""
    court = courts.administrative(meeting.organisation.department)
    return french.nbsp(
        f"{act} peut faire l’objet d’un recours devant le {court} dans les deux mois de sa "
        f"{since}, par courrier ou par www.telerecours.fr."
    )


def electoral_appeal(meeting: Meeting) -> str:
    """How an election is contested: in its own delay, whatever makes it known."""
    court = courts.administrative(meeting.organisation.department)
    return french.nbsp(
        f"L’élection se conteste devant le {court}{acts.electoral_appeal(meeting.regime)} "
        f"({acts.electoral(meeting.regime)})."
    )


# --- Where and when ---------------------------------------------------------------------------


def place_of(meeting: Meeting) -> str:
    """Where the sitting is; its own premises are given with their address."""
    place = meeting.place.strip()
    if re.search(r"\bses locaux$|\bson siège$", place):
        place = ", ".join((place, *issuer(meeting.body.organisation).address))
    return place


def appointment(meeting: Meeting) -> tuple[papers.Fact, ...]:
    """The day, the hour and the place, each under its label."""
    told = (
        ("Date", french.long_date(meeting.held_on, weekday=True)),
        ("Heure", french.clock(meeting.hour) if meeting.hour else ""),
        ("Lieu", french.capitalise(place_of(meeting))),
    )
    return tuple(papers.Fact(label=label, text=text) for label, text in told if text)


def place_and_date(organisation: Organisation, on: date) -> str:
    """What heads a letter: "Amiens, le 1er décembre 2026"."""
    place, written = town(organisation), f"le {french.long_date(on)}"
    return f"{place}, {written}" if place else french.capitalise(written)


# --- Acts -------------------------------------------------------------------------------------


def act_text(
    meeting: Meeting, item: AgendaItem, draft: Draft, composition: Composition | None = None
) -> papers.ActText:
    """The deliberation as it was drafted, with whoever reports on it; `composition` tells the
    offices of that moment, where they change in the sitting."""
    words = reading.words(meeting)
    composition = composition or meeting.basis.composition
    who = item.rapporteur
    if who in composition:
        who = named_with_office(composition[who], words)
    author = f"{french.capitalise(words.designation)} {french.contract('de', words.organisation)}"
    return papers.ActText(
        author=f"{author},",
        visas=draft.visas,
        recitals=draft.recitals,
        heard=french.nbsp(f"Entendu le rapport {french.contract('de', who)},") if who else "",
        decides=_decides(draft),
        articles=tuple(
            papers.Article(label=label_of(draft, each.label), text=each.text, parts=each.parts)
            for each in draft.articles
        ),
    )


def _decides(draft: Draft) -> str:
    """What leads to the articles; "" as long as there are none."""
    if not draft.articles:
        return ""
    return f"Après en avoir délibéré,{'' if draft.is_verbal else f' décide{NBSP}:'}"


def label_of(draft: Draft, label: str) -> str:
    """What stands before an article: a dash where each begins with its verb, the same on every
    paper."""
    return "–" if draft.is_verbal else label


# --- Texts ------------------------------------------------------------------------------------


def paragraphs(text: str) -> tuple[str, ...]:
    """A plain text as it was typed, a paragraph a line, set as French is."""
    return tuple(french.nbsp(line.strip()) for line in text.splitlines() if line.strip())


def town(organisation: Organisation) -> str:
    """Where letters are written: the town of the seat, "" when the address does not say."""
    lines = [line.strip() for line in organisation.address.splitlines() if line.strip()]
    for line in reversed(lines):
        if found := re.search(r"\b\d{5}\s+(.+?)(?:\s+cedex\b.*)?$", line, re.I):
            return found[1]
    return lines[-1] if lines and not re.search(r"\d", lines[-1]) else ""


def in_groups(digest: str) -> str:
    """A hash in groups of eight, to be compared by eye."""
    return " ".join(digest[n : n + 8] for n in range(0, len(digest), 8))
