"""Numbers of deliberations: what a body writes is data, and no two ever meet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import labels
from law.findings import Refused

DAY = date(2026, 3, 12)


@pytest.mark.parametrize(("pattern", "printed", "safe"), [
    pytest.param(labels.DEFAULT, "2026-03-12/04", "2026_03_12_04", id="date et rang"),
    pytest.param("B{annee}_{numero:03}", "B2026_017", "B2026_017", id="lettre et année"),
    pytest.param("{annee}-{numero}", "2026-17", "2026_17", id="sans zéros"),
    pytest.param("n° {numero:4}/{annee}", "n° 0017/2026", "N_0017_2026", id="numéro d’abord"),
    pytest.param("COMITE-{annee}-{mois}-{jour}-{rang:02}", "COMITE-2026-03-12-04",
        "OMITE2026031204", id="trop long pour @CTES : la fin est gardée"),
])  # fmt: skip
def test_what_is_printed(pattern, printed, safe):
    assert labels.label(pattern, held_on=DAY, rank=4, number=17) == printed
    assert labels.safe(printed) == safe


def test_what_actes_takes():
    assert len(labels.safe("x" * 80)) == 15


@pytest.mark.parametrize(("pattern", "codes"), [
    pytest.param(labels.DEFAULT, [], id="date et rang"),
    pytest.param("{annee}/{numero}", [], id="année et numéro"),
    pytest.param("{numero}", ["sans_annee"], id="le numéro recommence chaque année"),
    pytest.param("{annee}-{rang}", ["numero_ambigu"], id="deux séances, même rang"),
    pytest.param("{annee}-{jour}-{rang}", ["numero_ambigu"], id="le mois manque"),
    pytest.param("D-2026", ["numero_ambigu"], id="aucun repère"),
    pytest.param("{annee}/{numero}/{heure}", ["repere_inconnu"], id="repère inconnu"),
    pytest.param("{annee}/{numero", ["accolade", "numero_ambigu"], id="accolade ouverte"),
    pytest.param("{annee.__class__}/{numero}", ["accolade", "sans_annee"],
        id="rien d’autre qu’un repère n’est évalué"),
    pytest.param("", ["numero_ambigu"], id="vide"),
])  # fmt: skip
def test_what_is_wrong_with_a_format(pattern, codes):
    assert [finding.code for finding in labels.faults(pattern)] == codes


def test_a_bad_format_gives_no_number():
    with pytest.raises(Refused):
        labels.label("{rang}", held_on=DAY, rank=1, number=1)


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(
    st.sampled_from([labels.DEFAULT, "B{annee}_{numero:03}", "{numero}-{annee}"]),
    st.tuples(DAYS, st.integers(1, 999)),
    st.tuples(DAYS, st.integers(1, 999)),
)
def test_two_deliberations_never_share_a_number(pattern, one, other):
    """Of one body: the number differs within a year, the rank within a day."""

    def printed(held_on, count):
        return labels.label(pattern, held_on=held_on, rank=count, number=count)

    distinct = one[1] != other[1] or (
        one[0].year != other[0].year if "numero" in pattern else one[0] != other[0]
    )
    assert (printed(*one) != printed(*other)) == distinct


@given(st.text(max_size=60))
def test_any_text_becomes_safe(text):
    assert set(labels.safe(text)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def test_a_year_of_sittings_fits_actes():
    printed = [
        labels.label(labels.DEFAULT, held_on=DAY + timedelta(days), rank=99, number=1)
        for days in range(366)
    ]
    assert len({labels.safe(each) for each in printed}) == len(printed)
