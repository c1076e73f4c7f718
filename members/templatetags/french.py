"""French on screen: what Django's own filters do not know."""

import re
from datetime import date, datetime, time
from decimal import Decimal

from django import template
from django.contrib.admin.helpers import Fieldset
from django.template.defaultfilters import stringfilter
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from law import french
from law import regime as law_regime

register = template.Library()
_NUMBER = re.compile(
    r"\b[LRD]?\d+(?:[-/]\d+)+\b|\b[A-ZÀ-Ý][a-zà-ÿ]+(?:-[A-ZÀ-Ý][a-zà-ÿ]+)+\b"  # « Anne-Sophie »
)
_COUNT = re.compile(r"(?<![\w/.,-])(\d{1,3}) (?=[^\W\d_]{3})")


@register.filter
def euros(amount: Decimal) -> str:
    """« 18 400 € »."""
    return french.euros(amount)


@register.filter(expects_localtime=True)
def long_date(on: date | None) -> str:
    """« 1er octobre 2026 », where `date:"j F Y"` says « 1 octobre 2026 »; "" when there is none."""
    return french.nbsp(french.long_date(on)) if on else ""


@register.filter(expects_localtime=True)
def moment(at: datetime | None) -> str:
    """« 1er octobre 2026 à 17 h 30 »; "" when there is none."""
    return french.nbsp(f"{french.long_date(at)} à {french.clock(at)}") if at else ""


@register.filter(expects_localtime=True)
def clock(at: time | datetime | None) -> str:
    """« 17 h 30 », « 17 h », where `date:"G \\h i"` says « 17 h 00 »; "" when there is none."""
    return french.nbsp(french.clock(at)) if at else ""


@register.filter
def short_day(on: date) -> str:
    """« 1er déc. », where `date:"j b"` says « 1 déc »."""
    return french.short_day(on)


@register.filter
def near_day(on: date, today: date) -> str:
    """« 1er déc. », with its year when it is not that of today: « 4 janv. 2027 »."""
    return french.short_day(on, year=today.year)


@register.filter
def short_month(on: date) -> str:
    """« déc. »."""
    return french.short_month(on)


@register.filter(is_safe=True)
@stringfilter
def cut(text: str, length: int) -> str:
    """As many letters at most, the last an ellipsis when some are left out. Django's own counts
    marks and translates the ellipsis, for each of a long list of titles."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


@register.filter
def uncapitalised(text: object) -> str:
    """The text in the middle of a sentence: « quorum 17 sur 30 »."""
    said = str(text)
    return f"{said[:1].lower()}{said[1:]}"


@register.filter(needs_autoescape=True)
def unbroken(text: str, autoescape: bool = True) -> SafeString:
    """The text, its numbers (« 2026-11-17/01 », « L3132-1 ») and its double names (« Anne-Sophie »)
    each on one line, and a count with what it counts (« 6 délibérations »)."""
    said = _COUNT.sub(rf"\1{french.NBSP}", str(conditional_escape(text) if autoescape else text))
    whole = _NUMBER.sub(r'<span class="text-nowrap">\g<0></span>', said)
    return mark_safe(whole)  # noqa: S308 escaped above


@register.filter(needs_autoescape=True)
def breakable(address: str, autoescape: bool = True) -> SafeString:
    """An e-mail address that a narrow column cuts after its « @ » or a dot, never in a word."""
    said = str(conditional_escape(address) if autoescape else address)
    return mark_safe(re.sub(r"[@.](?=.)", r"\g<0><wbr>", said))  # noqa: S308 escaped above


@register.filter
def of(who: object) -> str:
    """« d’Inès CABOCHE », « du syndicat mixte » : whose it is, elided or contracted."""
    return french.contract("de", str(who))


@register.filter
def agreed(word: str, feminine: bool) -> str:
    """« signé », « signée »: what is said of a thing, as its gender wants it."""
    return french.agree(word, feminine=feminine)


@register.filter
def ordinal(number: int) -> str:
    """« 1er », « 2e »."""
    return french.ordinal(number)


@register.filter
def cited(article: str, regime: law_regime.Regime) -> str:
    """The source to quote to a body that lives by these rules: see `law.regime.cited`."""
    return law_regime.cited(regime, article)


@register.filter
def is_edited(fieldset: Fieldset) -> bool:
    """Whether somebody wrote in this chapter what is not kept yet: it stays open."""
    form = fieldset.form
    return form.is_bound and not set(form.changed_data).isdisjoint(fieldset.fields)
