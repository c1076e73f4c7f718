"""The way to the guides from every page."""

from django import template

from guides import places, reading
from guides.terms import terms

register = template.Library()


@register.inclusion_tag("guides/_term.html", takes_context=True)
def term(context: template.Context, word: str, said: str = "") -> dict:
    """This word of the glossary, `said` so here: explained the first time that a page has it, plain
    after that. `KeyError` for a word that is not there."""
    meaning = terms()[word]
    request = context.get("request")
    told = request.__dict__.setdefault("terms_told", set()) if request else {word}
    is_first = word not in told
    told.add(word)
    key = f"mot-{reading.anchor(word)}"
    return {
        "said": said or word,
        "word": word,
        "meaning": meaning,
        "key": key,
        "is_first": is_first,
    }


@register.inclusion_tag("guides/_link.html", takes_context=True)
def help_link(context: template.Context, css: str = "help-link") -> dict:
    """The link to where the guides speak of this very page."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    name = match.view_name if match else ""
    place = places.place_of(name, context.get("roles") or ())
    return {"href": places.address(place), "is_beside": name in places.BESIDE, "css": css}
