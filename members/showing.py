"""How an organisation shows itself in public: a colour that everybody can read, and the sites that
may show its latest acts within their pages.
"""

import re

GROUNDS = ("#faf8f2", "#fffefb", "#f2efe6", "#e8edf6")  # by day: see static/css/colours.css
LEAST = 4.5  # for one: RGAA 3.2, WCAG 1.4.3 (AA)
_COLOUR = re.compile(r"#[0-9a-f]{6}")
# Neither path nor joker nor anything that would end the directive of a policy.
_HOST = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{2,5})?")
MOST_HOSTS = 20


def fault_of_colour(colour: str) -> str:
    """Why a link or a button of this colour would not be read by all, "" when it would."""
    if not _COLOUR.fullmatch(colour):
        return (
            "Une couleur s’écrit «\u00a0#1f3f5b\u00a0»\u00a0: un dièse et six chiffres ou lettres "
            "de a à f."
        )
    least = min(contrast(colour, ground) for ground in GROUNDS)
    if least < LEAST:
        told = f"{int(least * 10) / 10:.1f}".replace(".", ",")
        return (
            "Cette couleur est trop claire pour être lue de tous\u00a0: son contraste avec le "
            f"fond des pages est de {told} pour 1, il en faut 4,5 (RGAA, critère 3.2). "
            "Choisissez-la plus foncée."
        )
    return ""


def contrast(one: str, other: str) -> float:
    """How much two colours differ for who sees little, from 1 to 21 (WCAG 2)."""
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _light(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def hosts(text: str) -> list[str]:
    """The sites that are named, one a line."""
    return [line.strip().rstrip("/").lower() for line in text.splitlines() if line.strip()]


def fault_of_hosts(text: str) -> str:
    """Why these sites could not be let show a page of ours, "" when they could."""
    named = hosts(text)
    if len(named) > MOST_HOSTS:
        return f"Vingt sites suffisent\u00a0: {len(named)} sont nommés."
    wrong = next((each for each in named if not _HOST.fullmatch(each)), None)
    if wrong is not None:
        return (
            f"«\u00a0{wrong[:100]}\u00a0» n’est pas l’adresse d’un site\u00a0: écrivez "
            "«\u00a0https://www.commune.fr\u00a0», une par ligne, sans page ni étoile."
        )
    return ""
