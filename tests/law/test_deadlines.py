"""Clear days, second calls, publications: every worked example of the law, and the odd days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from law import deadlines, french, holidays
from law.deadlines import Day, Notice
from law.findings import Severity
from law.regime import PRESETS

EPCI = PRESETS["epci"]
SMO = PRESETS["smo"]
SMALL = PRESETS["commune_moins_3500"]


def plain(text):
    return text.replace(french.NBSP, " ")


def codes(notice):
    return [finding.code for finding in notice.findings]


# --- Clear days ------------------------------------------------------------------------------

# Jours entiers entre l'envoi et la séance : ni l'un ni l'autre ne compte (art. L2121-11, -12).
CLEAR_DAYS = [
    # Art. L2121-12 : envoi vendredi 6 mars 2026, séance jeudi 12.
    ("envoi vendredi, séance jeudi suivant", "2026-03-06", "2026-03-12", 5),
    ("envoi vendredi, séance mercredi : un jour manque", "2026-03-06", "2026-03-11", 4),
    ("envoi la veille", "2026-03-11", "2026-03-12", 0),
    ("envoi le jour même", "2026-03-12", "2026-03-12", -1),
    ("envoi après la séance", "2026-03-13", "2026-03-12", -2),
    ("avant-veille : un jour franc", "2026-03-10", "2026-03-12", 1),
    # CE, 13 octobre 1993 : lundi de Pentecôte 25 mai 2026.
    ("Pentecôte comptée", "2026-05-20", "2026-05-26", 5),
    ("Pentecôte, un jour trop tard", "2026-05-21", "2026-05-26", 4),
    # CE 13 octobre 1993 : envoi 21 décembre 1989, séance 26, délai de trois jours.
    ("Noël 1989, corps à trois jours", "1989-12-21", "1989-12-26", 4),
    ("année bissextile : le 29 février compte", "2024-02-26", "2024-03-03", 5),
    ("année ordinaire : pas de 29 février", "2025-02-26", "2025-03-03", 4),
    ("1900 n’est pas bissextile", "1900-02-26", "1900-03-03", 4),
    ("2000 est bissextile", "2000-02-26", "2000-03-03", 5),
    ("passage à l’heure d’été", "2026-03-27", "2026-04-02", 5),
    ("passage à l’heure d’hiver", "2026-10-23", "2026-10-29", 5),
    ("changement d’année", "2025-12-30", "2026-01-05", 5),
    ("samedi et dimanche comptent", "2026-06-05", "2026-06-08", 2),
    # Le Bureau de la source : convoqué le 27 octobre, réuni le 16 novembre 2016.
    ("Bureau du 16 novembre 2016", "2016-10-27", "2016-11-16", 19),
    ("Pierrefonds, 27 septembre 2019", "2019-09-18", "2019-09-27", 8),
    ("Pierrefonds, 28 juin 2022", "2022-06-21", "2022-06-28", 6),
    ("Ardèche, seconde convocation", "2019-05-17", "2019-05-22", 4),
]
STRASBOURG = replace(SMALL, alsace_moselle=True)


@pytest.mark.parametrize(
    ("sent", "sitting", "expected"),
    [pytest.param(*row, id=name) for name, *row in CLEAR_DAYS],
)
def test_clear_days_between(sent, sitting, expected):
    days = deadlines.clear_days_between(date.fromisoformat(sent), date.fromisoformat(sitting))
    assert days == expected


# Envoi, délai, première date possible ; l'inverse donne le dernier envoi.
EARLIEST = [
    ("2026-03-06", 5, "2026-03-12"),
    ("2026-03-06", 3, "2026-03-10"),
    ("2026-03-06", 1, "2026-03-08"),
    ("2026-05-20", 5, "2026-05-26"),
    ("2024-02-23", 5, "2024-02-29"),
    ("2024-02-24", 5, "2024-03-01"),
    ("2025-02-23", 5, "2025-03-01"),
    ("2025-12-27", 5, "2026-01-02"),
    ("2026-03-28", 1, "2026-03-30"),
    ("2026-10-24", 1, "2026-10-26"),
    ("2026-04-30", 3, "2026-05-04"),
    ("1989-12-21", 3, "1989-12-25"),
    ("2026-11-25", 5, "2026-12-01"),
]


@pytest.mark.parametrize(("sent", "clear_days", "sitting"), EARLIEST)
def test_earliest_sitting_and_latest_dispatch(sent, clear_days, sitting):
    sent, sitting = date.fromisoformat(sent), date.fromisoformat(sitting)
    assert deadlines.earliest_sitting(sent, clear_days) == sitting
    assert deadlines.latest_dispatch(sitting, clear_days) == sent
    assert deadlines.clear_days_between(sent, sitting) == clear_days


@pytest.mark.parametrize("clear_days", [1, 3, 5])
def test_earliest_and_latest_are_each_other_s_inverse(clear_days):
    for offset in range(400):
        sent = date(2023, 11, 25) + timedelta(days=offset)
        sitting = deadlines.earliest_sitting(sent, clear_days)
        assert deadlines.latest_dispatch(sitting, clear_days) == sent
        assert deadlines.clear_days_between(sent, sitting) == clear_days


@pytest.mark.parametrize(("moment", "day"), [
    pytest.param(datetime(2026, 3, 6, 23, 58), date(2026, 3, 6), id="23 h 58, horloge locale"),
    pytest.param(datetime(2026, 3, 7, 0, 3), date(2026, 3, 7), id="0 h 03, horloge locale"),
    pytest.param(datetime(2026, 3, 6, 22, 58, tzinfo=UTC), date(2026, 3, 6),
        id="22 h 58 UTC en hiver : 23 h 58 à Paris"),
    pytest.param(datetime(2026, 3, 6, 23, 3, tzinfo=UTC), date(2026, 3, 7),
        id="23 h 03 UTC en hiver : le lendemain à Paris"),
    pytest.param(datetime(2026, 7, 6, 22, 3, tzinfo=UTC), date(2026, 7, 7),
        id="22 h 03 UTC en été : le lendemain à Paris"),
    pytest.param(date(2026, 3, 6), date(2026, 3, 6), id="une date"),
])  # fmt: skip
def test_day_of_dispatch_is_that_of_paris(moment, day):
    assert deadlines.day_of(moment) == day


# --- Notice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("regime", "sent", "sitting", "options", "expected"), [
    pytest.param(EPCI, "2026-03-06", "2026-03-12", {}, [], id="cinq jours francs"),
    pytest.param(EPCI, "2026-03-06", "2026-03-11", {}, ["delai_trop_court"], id="quatre sur cinq"),
    pytest.param(SMALL, "2026-03-06", "2026-03-10", {}, [], id="petite commune : trois jours"),
    pytest.param(SMALL, "2026-03-06", "2026-03-09", {}, ["delai_trop_court"], id="deux sur trois"),
    pytest.param(EPCI, None, "2026-03-12", {}, ["convocation_non_envoyee"], id="rien n’est parti"),
    pytest.param(EPCI, "2026-03-12", "2026-03-12", {}, ["envoi_trop_tardif"],
        id="partie le jour même"),
    pytest.param(EPCI, "2026-03-14", "2026-03-12", {}, ["envoi_trop_tardif"], id="partie après"),
    # Art. L2121-12, L5211-1
    pytest.param(EPCI, "2026-03-10", "2026-03-12", {"urgent": True}, ["vote_sur_l_urgence"],
        id="urgence : un jour franc, vote sur l’urgence"),
    pytest.param(EPCI, "2026-03-11", "2026-03-12", {"urgent": True}, ["delai_trop_court"],
        id="même en urgence, pas de séance le lendemain"),
    pytest.param(EPCI, "2026-03-06", "2026-03-12", {"urgent": True}, [],
        id="urgence invoquée pour rien : délai ordinaire respecté"),
    pytest.param(replace(SMO, urgency_vote=False), "2026-03-10", "2026-03-12", {"urgent": True}, [],
        id="statuts sans vote sur l’urgence"),
    # Art. L2121-17 ; CE, 16 juin 1997
    pytest.param(EPCI, "2026-03-13", "2026-03-17", {"failed_on": date(2026, 3, 12)}, [],
        id="seconde convocation : trois jours francs"),
    pytest.param(EPCI, "2026-03-13", "2026-03-16", {"failed_on": date(2026, 3, 12)},
        ["delai_trop_court"], id="seconde convocation : deux jours sur trois"),
    pytest.param(EPCI, "2026-03-12", "2026-03-16", {"failed_on": date(2026, 3, 12)}, [],
        id="seconde convocation partie le soir même"),
    pytest.param(EPCI, "2026-03-09", "2026-03-16", {"failed_on": date(2026, 3, 12)},
        ["seconde_convocation_prematuree"],
        id="seconde convocation jointe à la première : irrégulière"),
    pytest.param(EPCI, "2026-03-13", "2026-03-15", {"failed_on": date(2026, 3, 12), "urgent": True},
        ["vote_sur_l_urgence", "seconde_convocation_abregee"],
        id="seconde convocation abrégée par l’urgence : le quorum revient"),
    # Art. L2121-7
    pytest.param(EPCI, "2026-03-23", "2026-03-27", {}, ["delai_trop_court"],
        id="après un renouvellement aussi : plus que la loi ne demande"),
    pytest.param(replace(EPCI, notice_clear_days=3, derogation="art. L2121-7 du CGCT"),
        "2026-03-23", "2026-03-27", {}, [], id="trois jours, l’exception citée au règlement"),
    # CE, 13 octobre 1993
    pytest.param(EPCI, "2026-05-20", "2026-05-26", {}, ["jour_ferie_necessaire"],
        id="Pentecôte nécessaire"),
    pytest.param(EPCI, "2026-05-19", "2026-05-26", {}, [], id="Pentecôte superflue"),
    pytest.param(SMALL, "1989-12-21", "1989-12-26", {}, [], id="Noël 1989 : trois autres jours"),
    pytest.param(EPCI, "2026-04-30", "2026-05-06", {}, ["jour_ferie_necessaire"],
        id="1er mai nécessaire"),
    pytest.param(STRASBOURG, "2026-12-24", "2026-12-28", {},
        ["jour_ferie_necessaire"], id="Alsace-Moselle : Noël et Saint-Étienne"),
    pytest.param(STRASBOURG, "2026-04-01", "2026-04-05", {},
        ["jour_ferie_necessaire"], id="Alsace-Moselle : vendredi saint nécessaire"),
    pytest.param(SMALL, "2026-04-01", "2026-04-05", {}, [], id="ailleurs, un vendredi"),
    pytest.param(EPCI, "2026-05-02", "2026-05-08", {}, [], id="séance un jour férié"),
    pytest.param(EPCI, "2026-05-01", "2026-05-07", {}, [], id="envoi un jour férié"),
    pytest.param(EPCI, None, "2026-03-12", {"urgent": True}, ["convocation_non_envoyee"],
        id="urgence, et rien n’est parti"),
    pytest.param(EPCI, None, "2026-03-17", {"urgent": True, "failed_on": date(2026, 3, 12)},
        ["convocation_non_envoyee"], id="seconde convocation urgente, et rien n’est parti"),
    pytest.param(EPCI, "2026-03-13", "2026-03-17", {"urgent": True, "failed_on": date(2026, 3, 12)},
        [], id="seconde convocation dite urgente, ses trois jours donnés"),
])  # fmt: skip
def test_assess_notice(regime, sent, sitting, options, expected):
    sent = date.fromisoformat(sent) if sent else None
    notice = deadlines.assess_notice(sent, date.fromisoformat(sitting), regime, **options)
    assert codes(notice) == expected
    refused = any(f.severity is Severity.REFUSAL for f in notice.findings)
    assert notice.regular is not refused


def test_notice_counts_day_by_day():
    notice = deadlines.assess_notice(date(2026, 5, 20), date(2026, 5, 26), EPCI)
    assert [plain(str(day)) for day in notice.days] == [
        "Mercredi 20 mai 2026 : jour de l’envoi, non compté.",
        "Jeudi 21 mai 2026 : 1er jour franc.",
        "Vendredi 22 mai 2026 : 2e jour franc.",
        "Samedi 23 mai 2026 : 3e jour franc.",
        "Dimanche 24 mai 2026 : 4e jour franc.",
        "Lundi 25 mai 2026 (lundi de Pentecôte) : 5e jour franc.",
        "Mardi 26 mai 2026 : jour de la séance, non compté.",
    ]
    assert sum(day.counted for day in notice.days) == notice.clear_days == 5
    assert notice.latest_dispatch == date(2026, 5, 20)
    assert notice.earliest_sitting == date(2026, 5, 26)
    assert plain(str(notice)) == (
        "Convocation envoyée le 20 mai 2026 pour le 26 mai 2026 : 5 jours francs, 5 demandés."
    )


@pytest.mark.parametrize(("sent", "sitting", "_expected"), [row[1:] for row in CLEAR_DAYS])
def test_the_days_shown_are_the_days_counted(sent, sitting, _expected):
    notice = deadlines.assess_notice(date.fromisoformat(sent), date.fromisoformat(sitting), EPCI)
    assert sum(day.counted for day in notice.days) == notice.clear_days


def test_a_notice_of_a_century_is_not_counted_day_by_day():
    """A slip of the keyboard: the pages that show it would count sixty thousand days each."""
    notice = deadlines.assess_notice(date(2026, 11, 29), date(2200, 1, 1), EPCI)
    assert (notice.days, notice.regular, notice.findings) == ((), True, ())
    assert notice.clear_days == 63_219


def test_too_short_a_notice_says_how_to_mend_it():
    notice = deadlines.assess_notice(date(2026, 3, 6), date(2026, 3, 11), EPCI)
    (finding,) = notice.findings
    assert str(finding) == (
        "4 jours francs entre l’envoi et la séance, il en faut 5. (art. L2121-12 du CGCT) La "
        "séance ne peut se tenir avant le 12 mars 2026, sauf urgence."
    )


FAILED = {"failed_on": date(2026, 3, 12)}


@pytest.mark.parametrize(("sent", "sitting", "options", "told"), [
    pytest.param(None, "2026-03-12", {},
        "La convocation n’est pas partie. (art. L2121-12 du CGCT) Elle doit être envoyée au "
        "plus tard le 6 mars 2026.", id="rien n’est parti"),
    pytest.param("2026-03-12", "2026-03-12", {},
        "Partie le jour de la séance, la convocation l’est trop tard. (art. L2121-12 du CGCT) "
        "Elle devait être envoyée au plus tard le 6 mars 2026.", id="partie le jour même"),
    pytest.param("2026-03-13", "2026-03-12", {},
        "Partie après la séance, la convocation l’est trop tard. (art. L2121-12 du CGCT) Elle "
        "devait être envoyée au plus tard le 6 mars 2026.", id="partie après"),
    pytest.param("2026-03-10", "2026-03-12", {},
        "1 jour franc entre l’envoi et la séance, il en faut 5. (art. L2121-12 du CGCT) La "
        "séance ne peut se tenir avant le 16 mars 2026, sauf urgence.",
        id="un jour franc : l’urgence le permettrait"),
    pytest.param("2026-03-11", "2026-03-12", {},
        "0 jour franc entre l’envoi et la séance, il en faut 5. (art. L2121-12 du CGCT) La "
        "séance ne peut se tenir avant le 17 mars 2026.",
        id="la veille : l’urgence ne le permet pas"),
    pytest.param("2026-03-13", "2026-03-16", FAILED,
        "2 jours francs entre l’envoi et la séance, il en faut 3. (art. L2121-17 du CGCT) La "
        "séance ne peut se tenir avant le 17 mars 2026.",
        id="seconde convocation : l’urgence ne l’abrège pas"),
    pytest.param("2026-03-10", "2026-03-12", {"urgent": True},
        "Convocation en urgence : l’assemblée doit se prononcer sur l’urgence. (art. L2121-12 "
        "du CGCT) Le président en rend compte dès l’ouverture ; la discussion peut être "
        "renvoyée à une séance ultérieure.", id="urgence"),
    pytest.param("2026-03-09", "2026-03-16", FAILED,
        "Une seconde convocation ne peut partir avant la séance où le quorum a manqué. (art. "
        "L2121-17 du CGCT) Cette séance s’est tenue le 12 mars 2026.",
        id="seconde convocation jointe à la première"),
    pytest.param("2026-03-13", "2026-03-15", FAILED | {"urgent": True},
        "Abrégée par l’urgence, ce n’est plus une seconde convocation : le quorum est de "
        "nouveau exigé. (CE, 16 juin 1997, n° 142691)", id="seconde convocation abrégée"),
    pytest.param("2026-05-04", "2026-05-15", {"regime": replace(EPCI, notice_clear_days=9)},
        "Le délai n’est atteint qu’en comptant le 8 mai (victoire de 1945) et le 14 mai "
        "(Ascension). (CE, 13 octobre 1993) C’est régulier ; un envoi plus tôt lève toute "
        "discussion.", id="deux jours fériés nécessaires"),
])  # fmt: skip
def test_each_finding_says_what_the_law_says_and_the_way_out(sent, sitting, options, told):
    options = {"regime": EPCI} | options
    sent = date.fromisoformat(sent) if sent else None
    notice = deadlines.assess_notice(sent, date.fromisoformat(sitting), **options)
    finding = notice.findings[-1]
    assert plain(str(finding)) == told
    assert finding.field == "convened_on"


def test_a_finding_on_holidays_does_not_forbid():
    notice = deadlines.assess_notice(date(2026, 5, 20), date(2026, 5, 26), EPCI)
    assert [finding.severity for finding in notice.findings] == [Severity.WARNING]
    assert notice.regular


def test_a_notice_that_was_not_sent():
    notice = deadlines.assess_notice(None, date(2026, 3, 12), EPCI)
    assert str(notice) == "Convocation non envoyée."
    assert (notice.clear_days, notice.days, notice.earliest_sitting) == (0, (), None)


def test_a_notice_of_the_same_day_gives_no_clear_day():
    notice = deadlines.assess_notice(date(2026, 3, 12), date(2026, 3, 12), EPCI)
    assert notice.clear_days == 0
    assert [plain(str(day)) for day in notice.days] == [
        "Jeudi 12 mars 2026 : jour de la séance, non compté."
    ]


def test_what_is_not_told_of_a_notice_is_empty():
    notice = Notice(sent=date(2026, 3, 6), sitting=date(2026, 3, 12), required=5, ordinary=5)
    assert [notice.urgent, notice.second_call, notice.urgency_vote] == [False] * 3
    assert (notice.days, notice.article, notice.findings) == ((), "", ())
    assert Day(on=date(2026, 3, 6), label="envoi", counted=False).holiday == ""


def test_urgency_cites_its_own_rule():
    """A notice of seven days is a rule of the statutes; one clear day in urgency is the law's."""
    regime = replace(EPCI, notice_clear_days=7)
    sent, sitting = date(2026, 3, 10), date(2026, 3, 12)
    assert deadlines.assess_notice(sent, sitting, regime).article == "statuts"
    urgent = deadlines.assess_notice(sent, sitting, regime, urgent=True)
    assert urgent.article == "art. L2121-12 du CGCT"
    assert (urgent.required, urgent.ordinary) == (1, 7)


def test_an_open_syndicate_cites_its_statutes():
    notice = deadlines.assess_notice(date(2026, 3, 6), date(2026, 3, 11), SMO)
    assert notice.article == "statuts"
    assert notice.findings[0].article == "statuts"


def test_only_a_regular_second_call_lifts_the_quorum():
    failed_on = date(2026, 3, 12)
    regular = deadlines.assess_notice(
        date(2026, 3, 13), date(2026, 3, 17), EPCI, failed_on=failed_on
    )
    short = deadlines.assess_notice(date(2026, 3, 13), date(2026, 3, 16), EPCI, failed_on=failed_on)
    urgent = deadlines.assess_notice(
        date(2026, 3, 13), date(2026, 3, 15), EPCI, failed_on=failed_on, urgent=True
    )
    first = deadlines.assess_notice(date(2026, 3, 6), date(2026, 3, 12), EPCI)
    called = deadlines.assess_notice(
        date(2026, 3, 13), date(2026, 3, 17), EPCI, failed_on=failed_on, urgent=True
    )
    assert [notice.lifts_quorum for notice in (regular, called, short, urgent, first)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert urgent.regular
    assert urgent.needs_urgency_vote


def test_each_member_has_his_own_notice():
    # CE, 9 mars 2007 : un envoi étalé sur deux jours se mesure membre par membre.
    sent = {"cocq": date(2026, 3, 6), "varlet": date(2026, 3, 7), "danan": None}
    notices = {
        key: deadlines.assess_notice(day, date(2026, 3, 12), EPCI) for key, day in sent.items()
    }
    assert {key: codes(notice) for key, notice in notices.items()} == {
        "cocq": [],
        "varlet": ["delai_trop_court"],
        "danan": ["convocation_non_envoyee"],
    }


# --- After the sitting -----------------------------------------------------------------------


def test_list_and_minutes():
    # Art. L2121-25, L2121-15 : séance du 10 mars 2026, procès-verbal adopté le 9 juin.
    assert deadlines.list_due(date(2026, 3, 10), EPCI) == date(2026, 3, 17)
    assert deadlines.minutes_due(date(2026, 6, 9), EPCI) == date(2026, 6, 16)


@pytest.mark.parametrize(("published", "received", "transmissible", "expected"), [
    # Art. L2131-1
    pytest.param("2026-03-13", "2026-03-12", True, "2026-03-13", id="publiée après réception"),
    pytest.param("2026-03-11", "2026-03-12", True, "2026-03-12", id="publiée avant réception"),
    pytest.param("2026-03-11", None, True, None, id="refusée par @CTES : pas exécutoire"),
    pytest.param(None, "2026-03-12", True, None, id="pas encore publiée"),
    pytest.param("2026-03-11", None, False, "2026-03-11", id="non transmissible"),
    pytest.param(None, None, False, None, id="rien"),
])  # fmt: skip
def test_enforceable_on(published, received, transmissible, expected):
    def day(text):
        return date.fromisoformat(text) if text else None

    on = deadlines.enforceable_on(day(published), day(received), transmissible=transmissible)
    assert on == day(expected)


def test_an_act_is_transmissible_unless_said_otherwise():
    assert deadlines.enforceable_on(date(2026, 3, 11), None) is None


def test_oral_questions_are_handed_in_as_many_clear_days_before():
    """Art. L2121-19: the internal rules say how many."""
    asked = replace(EPCI, oral_questions_clear_days=3)
    assert deadlines.oral_questions_due(date(2026, 6, 9), asked) == date(2026, 6, 5)
    assert deadlines.oral_questions_due(date(2026, 6, 9), EPCI) is None


@pytest.mark.parametrize(("day", "told"), [
    pytest.param(9, ["seconde_seance_trop_tot"], id="le jour même"),
    pytest.param(12, ["seconde_seance_trop_tot"], id="deux jours francs"),
    pytest.param(13, [], id="trois jours francs"),
    pytest.param(30, [], id="trois semaines"),
])  # fmt: skip
def test_a_second_sitting_is_announced_for_a_day_that_can_be_convened(day, told):
    """Art. L2121-17: the first lacks its quorum on the 9th, the second convocation leaves then."""
    found = deadlines.announced_second_call(date(2026, 6, day), date(2026, 6, 9), EPCI)
    assert [each.code for each in found] == told
    assert all("13 juin 2026 au plus tôt" in each.remedy for each in found)


def test_requested_sitting():
    # Art. L2121-9 : trente jours.
    assert deadlines.requested_sitting_due(date(2026, 2, 10), EPCI) == date(2026, 3, 12)


@pytest.mark.parametrize(("on", "months", "expected"), [
    (date(2026, 1, 31), 1, date(2026, 2, 28)),
    (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2026, 11, 30), 3, date(2027, 2, 28)),
    (date(2023, 12, 31), 2, date(2024, 2, 29)),
    (date(2026, 12, 15), 1, date(2027, 1, 15)),
    (date(2026, 3, 13), 2, date(2026, 5, 13)),
    (date(2026, 3, 13), 24, date(2028, 3, 13)),
])  # fmt: skip
def test_add_months(on, months, expected):
    assert deadlines.add_months(on, months) == expected


def test_other_dates():
    assert deadlines.councillors_copy_due(date(2026, 3, 10)) == date(2026, 4, 10)
    assert deadlines.online_until(date(2026, 3, 13), EPCI) == date(2026, 5, 13)
    assert deadlines.transmission_due(date(2026, 3, 10)) == date(2026, 3, 25)


# --- Holidays --------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "expected"), [
    (1961, date(1961, 4, 2)),
    (1989, date(1989, 3, 26)),
    (2000, date(2000, 4, 23)),
    (2008, date(2008, 3, 23)),
    (2016, date(2016, 3, 27)),
    (2019, date(2019, 4, 21)),
    (2024, date(2024, 3, 31)),
    (2025, date(2025, 4, 20)),
    (2026, date(2026, 4, 5)),
    (2027, date(2027, 3, 28)),
    (2038, date(2038, 4, 25)),
    (2285, date(2285, 3, 22)),
])  # fmt: skip
def test_easter(year, expected):
    assert holidays.easter(year) == expected


def test_holidays_of_2026():
    assert list(holidays.of_year(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 8),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 7, 14),
        date(2026, 8, 15),
        date(2026, 11, 1),
        date(2026, 11, 11),
        date(2026, 12, 25),
    ]
    assert holidays.name_of(date(2026, 5, 25)) == "lundi de Pentecôte"
    assert holidays.name_of(date(2026, 5, 26)) == ""


def test_alsace_moselle_has_two_more():
    more = holidays.of_year(2026, alsace_moselle=True).keys() - holidays.of_year(2026).keys()
    assert more == {date(2026, 4, 3), date(2026, 12, 26)}


def test_two_feasts_on_one_day_say_both_names():
    assert holidays.name_of(date(2008, 5, 1)) == "Ascension et fête du Travail"


def test_the_week_to_publish_is_asked_since_the_ordinance():
    assert date(2022, 7, 1) == deadlines.PUBLICITY_SINCE  # ordonnance n° 2021-1310, art. 40


BUDGET_ON = date(2026, 4, 14)


@pytest.mark.parametrize(("debated_on", "form", "article"), [
    pytest.param((), "epci", "art. L2312-1 et L5211-36 du CGCT", id="aucun débat"),
    pytest.param((), "smo", "art. L2312-1 et L5722-1 du CGCT", id="aucun, d’un syndicat ouvert"),
    pytest.param((), "commune_moins_3500", "", id="aucun, où il n’est pas dû"),
    pytest.param((date(2026, 2, 3),), "epci", "", id="dix semaines avant"),
    pytest.param((date(2026, 2, 2),), "epci", "art. L2312-1 et L5211-36 du CGCT",
        id="plus de dix semaines avant"),
    pytest.param((BUDGET_ON,), "epci", "art. L2312-1 et L5211-36 du CGCT",
        id="à la séance même du budget"),
])  # fmt: skip
def test_a_budget_is_debated_at_a_sitting_before_the_one_that_votes_it(debated_on, form, article):
    """Art. L2312-1: in two months, ten weeks under M57."""
    found = deadlines.budget_debate(BUDGET_ON, debated_on, PRESETS[form])
    assert [each.article for each in found] == ([article] if article else [])


@pytest.mark.parametrize(("form", "condition"), [
    ("commune", False), ("epci", True), ("smf", True), ("smo", True),
])  # fmt: skip
def test_who_groups_communes_is_told_which_of_them_makes_the_debate_due(form, condition):
    (found,) = deadlines.budget_debate(BUDGET_ON, (), PRESETS[form])
    assert ("commune membre" in found.remedy) is condition


# --- Budgets and accounts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "of_accounts", "voted_on", "term", "is_late"),
    [
        pytest.param(
            "Budget primitif 2026", False, date(2026, 7, 15), date(2026, 4, 30), True,
            id="l’année du renouvellement, trop tard",
        ),
        pytest.param(
            "Budget primitif 2027", False, date(2027, 4, 15), date(2027, 4, 15), False,
            id="le dernier jour",
        ),
        pytest.param(
            "Vote du budget", False, date(2026, 12, 8), date(2027, 4, 15), False,
            id="sans année, en décembre : le suivant",
        ),
        pytest.param(
            "Vote du budget", False, date(2027, 5, 4), date(2027, 4, 15), True,
            id="sans année, au printemps",
        ),
        pytest.param(
            "Budget supplémentaire 2026", False, date(2026, 9, 1), None, False,
            id="un budget qui en corrige un autre",
        ),
        pytest.param(
            "CFU 2025", True, date(2026, 7, 15), date(2026, 6, 30), True, id="des comptes en retard"
        ),
        pytest.param(
            "Compte administratif", True, date(2026, 6, 30), date(2026, 6, 30), False,
            id="des comptes, le dernier jour",
        ),
    ],
)  # fmt: skip
def test_a_budget_and_accounts_have_their_last_day(title, of_accounts, voted_on, term, is_late):
    """Art. L1612-2 and L1612-12, of a syndicate by L1612-20."""
    found = deadlines.term_of(title, voted_on, SMO, of_accounts=of_accounts)
    assert (found.on if found else None) == term
    late = deadlines.late_budget(found, voted_on) if found else None
    assert (late is not None) is is_late
    if late:
        number = "L1612-12" if of_accounts else "L1612-2"
        assert late.article == f"art. {number} et L1612-20 du CGCT"


def test_the_years_of_renewal_are_those_of_who_sits():
    days = [deadlines.budget_term(year, rules).on for year in (2028, 2032) for rules in (EPCI, SMO)]
    assert days == [date(2028, 4, 15), date(2028, 4, 30), date(2032, 4, 30), date(2032, 4, 30)]
