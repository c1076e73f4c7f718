"""The clear days of a convocation, as a table that a lawyer can check: sixty dates.

Each line: when it leaves (clock of Paris), when the assembly meets, the notice asked for, the clear
days given, and what the law says. `urgence` invokes urgency, `seconde` is a second call after a
sitting of the day given. Worked by hand from a calendar, not by the code.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from law import deadlines
from law.regime import PRESETS

FIVE, THREE = PRESETS["epci"], PRESETS["commune_moins_3500"]

LAWFUL, LATE, TOO_LATE = "régulier", "tardif", "nul"
URGENT, HOLIDAY = "vote sur l’urgence", "jour férié nécessaire"
EARLY, NEW = "prématurée", "nouvelle convocation"

CODES = {
    LAWFUL: [],
    LATE: ["delai_trop_court"],
    TOO_LATE: ["envoi_trop_tardif"],
    URGENT: ["vote_sur_l_urgence"],
    HOLIDAY: ["jour_ferie_necessaire"],
    EARLY: ["seconde_convocation_prematuree"],
    NEW: ["vote_sur_l_urgence", "seconde_convocation_abregee"],
}

TABLE = [
    # Semaine ordinaire, cinq jours francs
    ("mar. 1er sept. → lun. 7", FIVE, "2026-09-01", "2026-09-07", 5, LAWFUL, {}),
    ("mer. 2 → lun. 7 : un jour manque", FIVE, "2026-09-02", "2026-09-07", 4, LATE, {}),
    ("lun. 31 août → lun. 7 sept.", FIVE, "2026-08-31", "2026-09-07", 6, LAWFUL, {}),
    ("ven. 4 → jeu. 10 : le week-end compte", FIVE, "2026-09-04", "2026-09-10", 5, LAWFUL, {}),
    ("sam. 5 → ven. 11 : envoi un samedi", FIVE, "2026-09-05", "2026-09-11", 5, LAWFUL, {}),
    ("dim. 6 → sam. 12 : envoi un dimanche", FIVE, "2026-09-06", "2026-09-12", 5, LAWFUL, {}),
    ("lun. 7 → dim. 13 : séance un dimanche", FIVE, "2026-09-07", "2026-09-13", 5, LAWFUL, {}),
    ("la veille", FIVE, "2026-09-06", "2026-09-07", 0, LATE, {}),
    ("le jour même", FIVE, "2026-09-07", "2026-09-07", 0, TOO_LATE, {}),
    ("le lendemain", FIVE, "2026-09-08", "2026-09-07", 0, TOO_LATE, {}),
    # Trois jours francs
    ("jeu. 3 → lun. 7", THREE, "2026-09-03", "2026-09-07", 3, LAWFUL, {}),
    ("ven. 4 → lun. 7", THREE, "2026-09-04", "2026-09-07", 2, LATE, {}),
    # L'heure : le jour est celui de Paris
    ("23 h 59 le dernier jour", FIVE, "2026-09-01 23:59", "2026-09-07", 5, LAWFUL, {}),
    ("0 h 00 le lendemain", FIVE, "2026-09-02 00:00", "2026-09-07", 4, LATE, {}),
    # Fins de mois, fins d'année
    ("mer. 26 août → mar. 1er sept.", FIVE, "2026-08-26", "2026-09-01", 5, LAWFUL, {}),
    ("ven. 25 sept. → jeu. 1er oct.", FIVE, "2026-09-25", "2026-10-01", 5, LAWFUL, {}),
    ("sam. 26 déc. → ven. 1er janv.", FIVE, "2026-12-26", "2027-01-01", 5, LAWFUL, {}),
    ("dim. 27 déc. → sam. 2 janv.", FIVE, "2026-12-27", "2027-01-02", 5, HOLIDAY, {}),
    ("jeu. 31 déc. → mer. 6 janv.", FIVE, "2026-12-31", "2027-01-06", 5, HOLIDAY, {}),
    # Années bissextiles
    ("2024 : ven. 23 févr. → jeu. 29", FIVE, "2024-02-23", "2024-02-29", 5, LAWFUL, {}),
    ("2024 : sam. 24 févr. → ven. 1er mars", FIVE, "2024-02-24", "2024-03-01", 5, LAWFUL, {}),
    ("2024 : dim. 25 févr. → ven. 1er mars", FIVE, "2024-02-25", "2024-03-01", 4, LATE, {}),
    ("2023 : jeu. 23 févr. → mer. 1er mars", FIVE, "2023-02-23", "2023-03-01", 5, LAWFUL, {}),
    ("2023 : ven. 24 févr. → mer. 1er mars", FIVE, "2023-02-24", "2023-03-01", 4, LATE, {}),
    ("2028 : mer. 23 févr. → mar. 29", FIVE, "2028-02-23", "2028-02-29", 5, LAWFUL, {}),
    ("2000 est bissextile", THREE, "2000-02-26", "2000-03-01", 3, LAWFUL, {}),
    ("2100 ne l’est pas", THREE, "2100-02-25", "2100-03-01", 3, LAWFUL, {}),
    ("2100 : un jour trop tard", THREE, "2100-02-26", "2100-03-01", 2, LATE, {}),
    # Jours fériés : ils comptent, et on le dit quand ils sont nécessaires
    ("Pâques 2026, lun. 6 avril", FIVE, "2026-04-02", "2026-04-08", 5, HOLIDAY, {}),
    ("Pâques 2026, un jour de mieux", FIVE, "2026-04-01", "2026-04-08", 6, LAWFUL, {}),
    ("1er et 8 mai 2026, tous deux", FIVE, "2026-04-30", "2026-05-09", 8, LAWFUL, {}),
    ("8 mai 2026", FIVE, "2026-05-05", "2026-05-11", 5, HOLIDAY, {}),
    ("Ascension 2026, jeu. 14 mai", FIVE, "2026-05-12", "2026-05-18", 5, HOLIDAY, {}),
    ("Pentecôte 2026, lun. 25 mai", FIVE, "2026-05-20", "2026-05-26", 5, HOLIDAY, {}),
    ("Pentecôte 2026, un jour trop tard", FIVE, "2026-05-21", "2026-05-26", 4, LATE, {}),
    ("14 juillet 2026", FIVE, "2026-07-10", "2026-07-16", 5, HOLIDAY, {}),
    ("15 août 2026, un samedi", FIVE, "2026-08-12", "2026-08-18", 5, HOLIDAY, {}),
    ("Toussaint 2026, un dimanche", FIVE, "2026-10-29", "2026-11-04", 5, HOLIDAY, {}),
    ("11 novembre 2026", THREE, "2026-11-09", "2026-11-13", 3, HOLIDAY, {}),
    ("Noël 2026", THREE, "2026-12-23", "2026-12-27", 3, HOLIDAY, {}),
    ("envoi un jour férié", FIVE, "2026-07-14", "2026-07-20", 5, LAWFUL, {}),
    ("séance un jour férié", FIVE, "2026-11-05", "2026-11-11", 5, LAWFUL, {}),
    # Heure d'été, heure d'hiver : on compte des jours, non des heures
    ("passage à l’heure d’été, 29 mars 2026", FIVE, "2026-03-26", "2026-04-01", 5, LAWFUL, {}),
    ("été, un jour trop tard", FIVE, "2026-03-27", "2026-04-01", 4, LATE, {}),
    ("été, envoi à 23 h 30", FIVE, "2026-03-26 23:30", "2026-04-01", 5, LAWFUL, {}),
    ("passage à l’heure d’hiver, 25 oct. 2026", FIVE, "2026-10-22", "2026-10-28", 5, LAWFUL, {}),
    ("hiver, envoi à 23 h 30", FIVE, "2026-10-22 23:30", "2026-10-28", 5, LAWFUL, {}),
    ("hiver, un jour trop tard", FIVE, "2026-10-23", "2026-10-28", 4, LATE, {}),
    ("envoi le jour du changement", FIVE, "2026-10-25 02:30", "2026-10-31", 5, LAWFUL, {}),
    # Urgence : un jour franc au moins, et le vote sur l'urgence
    ("urgence, un jour franc", FIVE, "2026-09-05", "2026-09-07", 1, URGENT, {"urgent": True}),
    ("urgence, quatre jours", FIVE, "2026-09-02", "2026-09-07", 4, URGENT, {"urgent": True}),
    ("urgence, la veille", FIVE, "2026-09-06", "2026-09-07", 0, LATE, {"urgent": True}),
    ("urgence sans besoin", FIVE, "2026-09-01", "2026-09-07", 5, LAWFUL, {"urgent": True}),
    ("urgence, petite commune", THREE, "2026-09-05", "2026-09-07", 1, URGENT, {"urgent": True}),
    ("urgence, à cheval sur l’été", FIVE, "2026-03-28", "2026-03-30", 1, URGENT, {"urgent": True}),
    ("urgence, un 29 février", FIVE, "2024-02-28", "2024-03-01", 1, URGENT, {"urgent": True}),
    # Seconde convocation : trois jours francs, après la séance qui a manqué
    (
        "seconde, le soir même",
        FIVE,
        "2026-09-07",
        "2026-09-11",
        3,
        LAWFUL,
        {"seconde": "2026-09-07"},
    ),
    ("seconde, deux jours", FIVE, "2026-09-08", "2026-09-11", 2, LATE, {"seconde": "2026-09-07"}),
    (
        "seconde, jointe à la première",
        FIVE,
        "2026-09-01",
        "2026-09-11",
        9,
        EARLY,
        {"seconde": "2026-09-07"},
    ),
    (
        "seconde, Pentecôte comptée",
        FIVE,
        "2026-05-22",
        "2026-05-26",
        3,
        HOLIDAY,
        {"seconde": "2026-05-22"},
    ),
    (
        "seconde, à cheval sur l’hiver",
        FIVE,
        "2026-10-23",
        "2026-10-27",
        3,
        LAWFUL,
        {"seconde": "2026-10-23"},
    ),
    (
        "seconde, février bissextile",
        FIVE,
        "2024-02-26",
        "2024-03-01",
        3,
        LAWFUL,
        {"seconde": "2024-02-26"},
    ),
    (
        "seconde abrégée par l’urgence",
        FIVE,
        "2026-09-08",
        "2026-09-10",
        1,
        NEW,
        {"seconde": "2026-09-07", "urgent": True},
    ),
    (
        "seconde et première séance le même délai",
        THREE,
        "2026-09-07",
        "2026-09-11",
        3,
        LAWFUL,
        {"seconde": "2026-09-07"},
    ),
]


def moment(text: str) -> date | datetime:
    """A day, or a moment on the clock of Paris."""
    return datetime.fromisoformat(text) if " " in text else date.fromisoformat(text)


def test_it_holds_forty_dates_at_least():
    assert len({(sent, sitting) for _, _, sent, sitting, *_ in TABLE}) >= 40


@pytest.mark.parametrize(
    ("regime", "sent", "sitting", "given", "said", "options"),
    [pytest.param(*row, id=name) for name, *row in TABLE],
)
def test_what_the_law_says_of_each(regime, sent, sitting, given, said, options):
    failed_on = options.get("seconde")
    notice = deadlines.assess_notice(
        moment(sent),
        date.fromisoformat(sitting),
        regime,
        urgent=options.get("urgent", False),
        failed_on=date.fromisoformat(failed_on) if failed_on else None,
    )
    assert notice.clear_days == given
    assert [finding.code for finding in notice.findings] == CODES[said]
    assert notice.regular is (said not in (LATE, TOO_LATE, EARLY))
    assert notice.lifts_quorum is (failed_on is not None and said in (LAWFUL, HOLIDAY))


@pytest.mark.parametrize(
    ("regime", "sent", "sitting", "given", "said", "options"),
    [pytest.param(*row, id=name) for name, *row in TABLE if row[4] in (LAWFUL, HOLIDAY)],
)
def test_the_last_day_is_the_last(regime, sent, sitting, given, said, options):
    """Whatever is lawful stays so until its last day, and is not the day after."""
    held_on = date.fromisoformat(sitting)
    needed = regime.reconvene_clear_days if "seconde" in options else regime.notice_clear_days
    last = deadlines.latest_dispatch(held_on, needed)
    assert deadlines.clear_days_between(last, held_on) == needed
    for day, lawful in ((last, True), (last + timedelta(days=1), False)):
        failed_on = date.fromisoformat(options["seconde"]) if "seconde" in options else None
        if failed_on is not None and day < failed_on:
            continue
        found = deadlines.assess_notice(day, held_on, regime, failed_on=failed_on)
        assert found.regular is lawful


@pytest.mark.parametrize(("utc", "sitting", "given"), [
    pytest.param(datetime(2026, 9, 1, 21, 59), date(2026, 9, 7), 5, id="23 h 59 en été"),
    pytest.param(datetime(2026, 9, 1, 22, 0), date(2026, 9, 7), 4, id="0 h 00 en été"),
    pytest.param(datetime(2026, 12, 1, 22, 59), date(2026, 12, 7), 5, id="23 h 59 en hiver"),
    pytest.param(datetime(2026, 12, 1, 23, 0), date(2026, 12, 7), 4, id="0 h 00 en hiver"),
    pytest.param(datetime(2026, 10, 24, 22, 30), date(2026, 10, 31), 5, id="nuit du retour"),
])  # fmt: skip
def test_the_server_speaks_of_greenwich_and_the_law_of_paris(utc, sitting, given):
    notice = deadlines.assess_notice(utc.replace(tzinfo=UTC), sitting, FIVE)
    assert notice.clear_days == given
    assert notice.regular is (given >= 5)
