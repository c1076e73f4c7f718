"""Acts once they are decided: from when they bind, until when they are contested, what the
prefecture is told of them."""

from datetime import date

import pytest

from law import acts
from law.acts import Nature, Rule
from law.regime import PRESETS

EPCI, SMO = PRESETS["epci"], PRESETS["smo"]


def day(text):
    return date.fromisoformat(text) if text else None


# --- From when an act binds --------------------------------------------------------------------

# Publié, reçu, notifié, affiché ; le jour et la règle (art. L2131-1).
FORCE = [
    ("publié après réception", "2026-03-13", "2026-03-12", "", "", "2026-03-13", Rule.SENT),
    ("reçu après publication", "2026-03-11", "2026-03-12", "", "", "2026-03-12", Rule.SENT),
    ("publié, pas reçu", "2026-03-11", "", "", "", "", Rule.SENT),
    ("reçu, pas publié", "", "2026-03-12", "", "", "", Rule.SENT),
    ("affiché en urgence, publié ensuite", "2026-03-16", "2026-03-12", "", "2026-03-12",
     "2026-03-12", Rule.URGENT),
    ("affiché en urgence, pas encore publié", "", "2026-03-12", "", "2026-03-13",
     "2026-03-13", Rule.URGENT),
    ("affiché en urgence, pas reçu", "", "", "", "2026-03-12", "", Rule.URGENT),
    ("affiché le jour où il est publié : pas d’urgence", "2026-03-12", "2026-03-12", "",
     "2026-03-12", "2026-03-12", Rule.SENT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("published", "received", "notified", "posted", "since", "rule"),
    [pytest.param(*line, id=name) for name, *line in FORCE],
)
def test_an_act_that_is_sent_binds(published, received, notified, posted, since, rule):
    found = acts.force(
        EPCI,
        published_on=day(published),
        received_on=day(received),
        notified_on=day(notified),
        posted_on=day(posted),
    )
    assert (found.since, found.rule) == (day(since), rule)
    assert bool(found.lacks) is (found.since is None)


def test_what_need_not_be_sent_binds_once_published():
    found = acts.force(EPCI, published_on=date(2026, 3, 11), is_transmissible=False)
    assert (found.since, found.rule, found.lacks) == (date(2026, 3, 11), Rule.PUBLISHED, ())


@pytest.mark.parametrize(("notified", "received", "sent", "since", "rule"), [
    ("2026-03-13", "2026-03-12", True, "2026-03-13", Rule.NOTIFIED_AND_SENT),
    ("", "2026-03-12", True, "", Rule.NOTIFIED_AND_SENT),
    ("2026-03-13", "", False, "2026-03-13", Rule.NOTIFIED),
])  # fmt: skip
def test_an_individual_decision_binds_once_notified(notified, received, sent, since, rule):
    """Art. L2131-1, II: published or not."""
    found = acts.force(
        EPCI,
        nature=Nature.INDIVIDUAL,
        published_on=date(2026, 3, 1),
        notified_on=day(notified),
        received_on=day(received),
        is_transmissible=sent,
    )
    assert (found.since, found.rule) == (day(since), rule)


def test_what_was_annulled_never_bound():
    found = acts.force(
        EPCI, published_on=date(2026, 3, 13), received_on=date(2026, 3, 12), is_gone=True
    )
    assert (found.since, found.rule) == (None, Rule.GONE)
    assert str(found) == "N’est plus un acte (art. L2131-1 du CGCT)."


def test_it_says_why_in_words():
    bound = acts.force(SMO, published_on=date(2026, 3, 13), received_on=date(2026, 3, 12))
    # D’un syndicat mixte ouvert, les règles du département (art. L5721-4).
    assert str(bound) == "Exécutoire depuis le 13 mars 2026 (art. L3131-1 du CGCT)."
    assert str(acts.force(EPCI)) == (
        "Pas encore exécutoire\u00a0: il lui manque d’être publié et d’être reçu par la préfecture "
        "(art. L2131-1 du CGCT)."
    )


# --- Until when it is contested ----------------------------------------------------------------


@pytest.mark.parametrize(("known", "last"), [
    pytest.param("2026-03-12", "2026-05-13", id="deux mois francs"),
    pytest.param("2026-03-13", "2026-05-15", id="le 14 mai 2026 est l’Ascension"),
    pytest.param("2026-03-06", "2026-05-07", id="le dernier jour est ouvré"),
    pytest.param("2026-03-07", "2026-05-11", id="le 8 mai, puis un samedi et un dimanche"),
    pytest.param("2025-12-31", "2026-03-02", id="fin de février, puis un dimanche"),
])  # fmt: skip
def test_two_clear_months_to_contest(known, last):
    """Art. R421-1 du CJA; a last day on which the court is closed is the next one."""
    assert acts.appeal(day(known)) == acts.Deadline(on=day(last), article=acts.APPEAL)
    assert acts.control(EPCI, day(known)).on == day(last)


def test_pieces_asked_for_begin_the_months_again():
    """CE, 13 janvier 1988: from the day the prefect has them."""
    found = acts.control(SMO, date(2026, 3, 12), answered_on=date(2026, 4, 20))
    assert found == acts.Deadline(on=date(2026, 6, 22), article="art. L3132-1 du CGCT")


def test_contracts_and_individual_decisions_are_sent_within_fifteen_days():
    assert acts.transmission(EPCI, Nature.DELIBERATION, date(2026, 3, 10)) is None
    for nature in (Nature.CONTRACT, Nature.INDIVIDUAL):
        found = acts.transmission(EPCI, nature, date(2026, 3, 10))
        assert (found.on, found.article) == (date(2026, 3, 25), "art. L2131-2 du CGCT")


# --- What is told of it ------------------------------------------------------------------------


def test_a_matter_is_text():
    assert acts.levels("7.10") == (7, 10) != acts.levels("7.1")
    assert sorted(["7.10", "7.2", "1.1.10", "1.1.2"], key=acts.levels) == [
        *("1.1.2", "1.1.10", "7.2", "7.10"),
    ]


@pytest.mark.parametrize("matter", ["", "7", "7,1", "7.1.", "7.01", "0.1", "7.1.1.1.1.1", "7.100"])
def test_what_is_no_matter(matter):
    with pytest.raises(ValueError, match="matière"):
        acts.levels(matter)


TOLD = {"nature": "1", "matter": "7.10", "object": "Budget primitif"}
DECIDED = {"decided_on": date(2026, 3, 10), "on": date(2026, 3, 11)}


@pytest.mark.parametrize(("wrong", "code"), [
    ({"nature": "7"}, "nature_inconnue"),
    ({"matter": ""}, "matiere_manquante"),
    ({"matter": "7"}, "matiere_manquante"),
    ({"object": "  "}, "objet_vide"),
    ({"object": "a" * 501}, "objet_trop_long"),
    ({"on": date(2026, 3, 9)}, "date_a_venir"),
])  # fmt: skip
def test_an_act_is_told_as_the_prefecture_reads_it(wrong, code):
    assert acts.objections(**TOLD, **DECIDED) == ()
    assert [each.code for each in acts.objections(**TOLD | DECIDED | wrong)] == [code]


def test_each_nature_has_its_letters():
    found = [(each.value, each.letters, each.typology) for each in Nature]
    assert found == [
        *(("1", "DE", "99_DE"), ("2", "AR", "99_AR"), ("3", "AI", "99_AI")),
        *(("4", "CC", "99_DC"), ("5", "BF", "99_BU"), ("6", "AU", "99_AU")),
    ]
