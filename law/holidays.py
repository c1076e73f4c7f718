"""Public holidays of France (art. L3133-1 of the code du travail), computed for any year.

They never lengthen a notice: a clear day that is a holiday counts (see `law.deadlines`). They
are shown so that a secretariat sees what it relies on.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Jones, Butcher)."""
    golden = year % 19
    century, within = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - correction + 15) % 30
    leap_years, year_rest = divmod(within, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def of_year(year: int, *, alsace_moselle: bool = False) -> Mapping[date, str]:
    """Every public holiday of a year with its name, in order.

    Two feasts may fall on one day (1 May 2008): the name says both.
    """
    sunday = easter(year)
    feasts = [
        (date(year, 1, 1), "jour de l’An"),
        (sunday + timedelta(days=1), "lundi de Pâques"),
        (date(year, 5, 1), "fête du Travail"),
        (date(year, 5, 8), "victoire de 1945"),
        (sunday + timedelta(days=39), "Ascension"),
        (sunday + timedelta(days=50), "lundi de Pentecôte"),
        (date(year, 7, 14), "fête nationale"),
        (date(year, 8, 15), "Assomption"),
        (date(year, 11, 1), "Toussaint"),
        (date(year, 11, 11), "armistice de 1918"),
        (date(year, 12, 25), "Noël"),
    ]
    if alsace_moselle:
        feasts += [
            (sunday - timedelta(days=2), "Vendredi saint"),
            (date(year, 12, 26), "Saint-Étienne"),
        ]
    named: dict[date, str] = {}
    for on, name in sorted(feasts):
        named[on] = f"{named[on]} et {name}" if on in named else name
    return named


def name_of(on: date, *, alsace_moselle: bool = False) -> str:
    """The name of the holiday of that day, "" for an ordinary one."""
    return of_year(on.year, alsace_moselle=alsace_moselle).get(on, "")
