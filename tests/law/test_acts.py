"""Acts once they are decided: from when they bind, until when they are contested, what the
prefecture is told of them."""

from dataclasses import replace
from datetime import date

import pytest

from law import acts
from law.acts import Nature, Rule
from law.regime import PRESETS

EPCI, SMO, COMMUNE = PRESETS["epci"], PRESETS["smo"], PRESETS["commune"]


def day(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("on", "is_told"),
    [
        pytest.param("2026-11-27", False, id="un vendredi"),
        pytest.param("2026-11-29", True, id="un dimanche"),
        pytest.param("2026-07-14", True, id="un jour férié"),
    ],
)
def test_the_prefecture_stamps_nothing_on_a_closed_day(on, is_told):
    assert (acts.doubt_of_stamp(day(on)) is not None) is is_told


# --- From when an act binds --------------------------------------------------------------------

# Publié, reçu, affiché en urgence ; le jour et la règle (art. L2131-1).
FORCE = [
    ("publié après réception", "2026-03-13", "2026-03-12", "", "2026-03-13", Rule.SENT),
    ("reçu après publication", "2026-03-11", "2026-03-12", "", "2026-03-12", Rule.SENT),
    ("publié, pas reçu", "2026-03-11", "", "", "", Rule.SENT),
    ("reçu, pas publié", "", "2026-03-12", "", "", Rule.SENT),
    ("affiché en urgence, publié ensuite", "2026-03-16", "2026-03-12", "2026-03-12",
     "2026-03-12", Rule.URGENT),
    ("affiché en urgence, pas encore publié", "", "2026-03-12", "2026-03-13",
     "2026-03-13", Rule.URGENT),
    ("affiché en urgence, pas reçu", "", "", "2026-03-12", "", Rule.URGENT),
    ("affiché en urgence, publié, pas reçu", "2026-03-16", "", "2026-03-12", "", Rule.URGENT),
    ("affiché le jour où il est publié : pas d’urgence", "2026-03-12", "2026-03-12",
     "2026-03-12", "2026-03-12", Rule.SENT),
    ("affiché, publié, puis reçu : l’urgence n’y a rien fait", "2026-03-13", "2026-03-15",
     "2026-03-11", "2026-03-15", Rule.SENT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "received", "urgent", "since", "rule"),
    [pytest.param(*line, id=name) for name, *line in FORCE],
)
def test_an_act_that_is_sent_binds(known, received, urgent, since, rule):
    found = acts.force(EPCI, known_on=day(known), received_on=day(received), urgent_on=day(urgent))
    assert (found.since, found.rule) == (day(since), rule)
    assert bool(found.lacks) is (found.since is None)
    assert (", V du CGCT" in found.article) is (rule is Rule.URGENT)


def test_what_need_not_be_sent_binds_once_published():
    found = acts.force(EPCI, known_on=date(2026, 3, 11), is_transmissible=False)
    assert (found.since, found.rule, found.lacks) == (date(2026, 3, 11), Rule.PUBLISHED, ())


@pytest.mark.parametrize(("title", "matter", "is_wish"), [
    ("Vœu relatif à la ligne Amiens-Abbeville", "", True),
    ("Voeux", "", True),
    ("Motion de soutien aux agents", "", True),
    ("Soutien aux agents", "9.4", True),
    ("Soutien aux agents", "9.1", False),
    ("Achat de matériel", "", False),
    ("Présentation des vœux aux habitants", "", False),
])  # fmt: skip
def test_a_wish_binds_nobody_whatever_is_made_of_it(title, matter, is_wish):
    """CE, 29 décembre 1997, n° 157623: it was « exécutoire », and open to anybody's action."""
    assert acts.is_wish(title, matter) is is_wish
    known = date(2026, 3, 11)
    found = acts.force(EPCI, known_on=known, received_on=known, is_wish=is_wish)
    assert (found.since is None) is is_wish
    assert ("n’a pas d’effet juridique (CE, 29" in str(found)) is is_wish


@pytest.mark.parametrize(("title", "is_election", "is_electoral"), [
    ("Élection du président", True, True),
    ("Désignation d’une représentante à l’association DECLIC", False, False),
    ("Désignation d’une représentante à l’association DECLIC", True, False),
    ("Représentants à la SPL Ciné-Somme", True, False),
    ("Désignation d’un représentant au conseil d’administration du lycée", True, False),
    ("Élection des membres de la commission d’appel d’offres", False, True),
    ("Désignation de deux délégués au syndicat mixte des eaux", False, True),
    ("Convention avec la communauté de communes", False, False),
    ("Élection des représentants du collège des communes", True, True),
    ("Adhésion au syndicat des eaux", False, False),
])  # fmt: skip
def test_what_names_somebody_is_contested_by_what_it_names(title, is_election, is_electoral):
    """Of two that sent somebody to an association, one was contested in five days, the other in
    two months, as each had been voted."""
    assert acts.is_electoral(title, is_election=is_election) is is_electoral


@pytest.mark.parametrize(("notified", "received", "sent", "since", "rule"), [
    ("2026-03-13", "2026-03-12", True, "2026-03-13", Rule.NOTIFIED_AND_SENT),
    ("", "2026-03-12", True, "", Rule.NOTIFIED_AND_SENT),
    ("2026-03-13", "", False, "2026-03-13", Rule.NOTIFIED),
])  # fmt: skip
def test_an_individual_decision_binds_once_notified(notified, received, sent, since, rule):
    """Art. L2131-1, II: posted in urgency or not."""
    found = acts.force(
        EPCI,
        is_individual=True,
        known_on=day(notified),
        received_on=day(received),
        urgent_on=date(2026, 3, 1),
        is_transmissible=sent,
    )
    assert (found.since, found.rule) == (day(since), rule)


POSTS = replace(PRESETS["smf"], acts_publicity="affichage")
PRINTS = replace(PRESETS["smf"], acts_publicity="papier")
NEW, OLD = "2026-03-10", "2022-06-30"


@pytest.mark.parametrize(("regime", "decided", "is_individual", "known"), [
    pytest.param(EPCI, NEW, False, "2026-03-13", id="en ligne"),
    pytest.param(POSTS, NEW, False, "2026-03-12", id="l’affichage, s’il est choisi"),
    pytest.param(PRINTS, NEW, False, "", id="sur papier : rien ici ne le dit"),
    pytest.param(EPCI, OLD, False, "2026-03-12", id="avant le 1er juillet 2022"),
    pytest.param(POSTS, NEW, True, "2026-03-20", id="une décision individuelle"),
])  # fmt: skip
def test_the_day_an_act_is_known(regime, decided, is_individual, known):
    """Published online the 13, posted the 12, notified the 20 (art. L2131-1, II to IV)."""
    found = acts.known_on(
        regime,
        decided_on=day(decided),
        is_individual=is_individual,
        published_on=date(2026, 3, 13),
        posted_on=date(2026, 3, 12),
        notified_on=date(2026, 3, 20),
    )
    assert found == day(known)


@pytest.mark.parametrize(("told", "said"), [
    ({"known_on": date(2026, 3, 13), "received_on": date(2026, 3, 12)},
     "Exécutoire depuis le 13 mars 2026 (art. L2131-1 du CGCT)."),
    ({"known_on": date(2026, 3, 13)},
     "Réception par la préfecture non connue ici (art. L2131-1 du CGCT)."),
    ({}, "Publication et réception par la préfecture non connues ici (art. L2131-1 du CGCT)."),
    ({"is_individual": True, "is_transmissible": False},
     "Notification non connue ici (art. L2131-1 du CGCT)."),
    ({"known_on": date(2026, 3, 13), "is_gone": True, "withdrawn_by": "2026-14"},
     "Retirée par 2026-14 (art. L242-1 et L243-3 du code des relations entre le public et "
     "l’administration)."),
    ({"known_on": date(2026, 3, 13), "is_gone": True},
     "N’est pas un acte\u00a0: son vote a été corrigé, ou son point reporté."),
])  # fmt: skip
def test_it_says_why_in_words(told, said):
    """What is not known here may be known elsewhere: it is never said not to bind."""
    found = acts.force(COMMUNE, **told)
    assert str(found) == said
    assert (found.rule is Rule.GONE) is ("is_gone" in told)


@pytest.mark.parametrize(("form", "known", "urgent", "control"), [
    ("commune", "art. L2131-1 du CGCT", "art. L2131-1, V du CGCT", "art. L2131-6 du CGCT"),
    ("epci", "art. L2131-1 du CGCT, par renvoi de l’art. L5211-3",
     "art. L2131-1, V du CGCT, par renvoi de l’art. L5211-3",
     "art. L2131-6 du CGCT, par renvoi de l’art. L5211-3"),
    ("smf", "art. L2131-1 du CGCT, par renvoi des art. L5211-3 et L5711-1",
     "art. L2131-1, V du CGCT, par renvoi des art. L5211-3 et L5711-1",
     "art. L2131-6 du CGCT, par renvoi des art. L5211-3 et L5711-1"),
    ("smo", "art. L3131-1 du CGCT, par renvoi de l’art. L5721-4",
     "art. L3131-1 du CGCT, par renvoi de l’art. L5721-4",
     "art. L3132-1 du CGCT, par renvoi de l’art. L5721-4"),
])  # fmt: skip
def test_each_form_quotes_what_makes_an_article_its_own(form, known, urgent, control):
    regime, on = PRESETS[form], date(2026, 3, 13)
    assert acts.force(regime, known_on=on).article == known
    assert acts.force(regime, urgent_on=on).article == urgent
    assert acts.control(regime, on).article == control


KNOWN = "art. L2131-1 du CGCT, par renvoi des art. L5211-3 et L5711-1"
POSTED = replace(PRESETS["smf"], acts_publicity="affichage")
BESIDES = "affiché pour information\u00a0; ce qui le porte à la connaissance est {} ({})"


@pytest.mark.parametrize(("regime", "told", "rule"), [
    pytest.param(POSTED, {}, KNOWN, id="l’affichage est sa publicité"),
    pytest.param(PRESETS["smf"], {}, BESIDES.format("sa mise en ligne", KNOWN), id="en ligne"),
    pytest.param(replace(POSTED, acts_publicity="papier"), {},
                 BESIDES.format("sa publication sur papier", KNOWN), id="sur papier"),
    pytest.param(PRESETS["smf"], {"decided_on": date(2022, 6, 30)}, KNOWN, id="avant juillet 2022"),
    pytest.param(POSTED, {"is_individual": True}, BESIDES.format("sa notification", KNOWN),
                 id="un acte individuel"),
    pytest.param(POSTED, {"is_individual": True, "is_handed": True}, KNOWN, id="notifié"),
    pytest.param(PRESETS["smf"], {"is_urgent": True}, KNOWN.replace("-1 du", "-1, V du"),
                 id="en urgence"),
])  # fmt: skip
def test_what_a_posting_rests_upon(regime, told, rule):
    assert acts.posting_rule(regime, **{"decided_on": date(2026, 3, 13)} | told) == rule


@pytest.mark.parametrize(("form", "by", "last"), [
    ("commune", "par renvoi de l’art. L2122-13 du CGCT", date(2026, 3, 28)),
    ("epci", "par renvoi des art. L2122-13 et L5211-2 du CGCT", date(2026, 3, 28)),
    ("smf", "par renvoi des art. L2122-13, L5211-2 et L5711-1 du CGCT", date(2026, 3, 28)),
    ("smo", "faute de texte pour un syndicat mixte ouvert", date(2026, 5, 15)),
])  # fmt: skip
def test_how_long_an_election_is_contested_is_of_each_form(form, by, last):
    """No text puts an open syndicate under the delay of municipal elections: the shortest is told
    to whoever contests, and the longest to whoever would believe himself safe of the prefect."""
    regime = PRESETS[form]
    assert acts.electoral(regime) == f"art. R119 du code électoral, {by}"
    told = acts.electoral_appeal(regime)
    assert "le cinquième jour" in told
    assert ("aucun texte" in told) is (form == "smo")
    assert acts.electoral_control(regime, date(2026, 3, 13)).on == last


def test_a_last_day_is_told_with_reserve():
    last = acts.appeal(EPCI, date(2026, 3, 12))
    assert str(last) == f"en principe jusqu’au 13 mai 2026 ({acts.APPEAL})"
    pending = acts.control(EPCI, date(2026, 1, 5), [pieces("2026-01-10")])
    assert pending.words == "en suspens d’une réponse, au plus tard jusqu’au 11 mai 2026"


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
    assert acts.appeal(EPCI, day(known)) == acts.Deadline(on=day(last), article=acts.APPEAL)
    assert acts.control(EPCI, day(known)).on == day(last)


@pytest.mark.parametrize(("known", "here", "elsewhere"), [
    pytest.param("2026-02-02", "2026-04-07", "2026-04-03", id="le Vendredi saint"),
    pytest.param("2024-10-25", "2024-12-27", "2024-12-26", id="le 26 décembre"),
])  # fmt: skip
def test_a_court_of_alsace_moselle_has_two_holidays_more(known, here, elsewhere):
    local = replace(EPCI, alsace_moselle=True)
    assert acts.appeal(local, day(known)).on == acts.control(local, day(known)).on == day(here)
    assert acts.appeal(EPCI, day(known)).on == acts.control(EPCI, day(known)).on == day(elsewhere)


def pieces(on, answered=""):
    return acts.Request(on=day(on), answered_on=day(answered))


def observations(on, answered=""):
    return acts.Request(on=day(on), answered_on=day(answered), is_gracious=True)


# Reçu le 5 janvier 2026 : sans rien de plus, le 6 mars.
@pytest.mark.parametrize(("requests", "last", "is_pending"), [
    pytest.param([], "2026-03-06", False, id="rien n’est demandé"),
    pytest.param([pieces("2026-01-10", "2026-01-20")], "2026-03-23", False, id="pièces données"),
    pytest.param([observations("2026-01-10", "2026-01-20")], "2026-03-23", False,
                 id="observations, leur réponse"),
    pytest.param([pieces("2026-01-10", "2026-01-20"), observations("2026-03-15")], "2026-07-16",
                 True, id="observations dans le nouveau délai, qui attendent"),
    pytest.param([pieces("2026-01-10")], "2026-05-11", True, id="deux mois de silence refusent"),
    pytest.param([pieces("2026-01-10", "2026-06-01")], "2026-05-11", False,
                 id="une réponse après le refus tacite ne rouvre rien"),
    pytest.param([observations("2026-03-07", "2026-03-20")], "2026-03-06", False,
                 id="observations après le dernier jour"),
    pytest.param([observations("2026-03-06", "2026-03-20")], "2026-05-21", False,
                 id="observations le dernier jour"),
    pytest.param([observations("2026-01-10", "2026-01-20"), observations("2026-03-01")],
                 "2026-03-23", False, id="un second recours gracieux ne proroge pas"),
])  # fmt: skip
def test_what_the_prefect_asks_prolongs_his_referral(requests, last, is_pending):
    """Art. L2131-6; CE, 13 janvier 1988, n° 68166; CE, 18 avril 1986, n° 62470."""
    found = acts.control(EPCI, date(2026, 1, 5), requests)
    assert (found.on, found.is_pending) == (day(last), is_pending)


def test_contracts_and_individual_decisions_are_sent_within_fifteen_days():
    assert acts.transmission(EPCI, Nature.DELIBERATION, date(2026, 3, 10)) is None
    for nature, is_individual in (
        (Nature.CONTRACT, False),
        (Nature.INDIVIDUAL, False),
        (Nature.DELIBERATION, True),
    ):
        found = acts.transmission(EPCI, nature, date(2026, 3, 10), is_individual=is_individual)
        assert (found.on, found.article) == (
            date(2026, 3, 25),
            "art. L2131-2 du CGCT, par renvoi de l’art. L5211-3",
        )


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


def test_an_unsigned_act_says_whose_signature_it_lacks():
    told = {"known_on": date(2026, 3, 12), "received_on": date(2026, 3, 13)}
    told["unsigned_by"] = ("Alice ARNAUD", "Bruno BESSON")
    voted = acts.force(EPCI, **told)
    said = "Non signée\u00a0: sans la signature d’Alice ARNAUD et de Bruno BESSON"
    assert voted.since == date(2026, 3, 13)
    assert str(voted).startswith(f"{said} (art. L2121-23 du CGCT). Exécutoire depuis le 13 mars")
    assert str(voted).endswith(", sous cette réserve.")
    alone = acts.force(EPCI, **told, is_decided_by_signing=True)
    assert alone.since is None and str(alone) == f"{said} (art. L212-1 du CRPA)."
