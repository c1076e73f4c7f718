"""Before which court an act is contested, by the department of whoever made it."""

import pytest

from law import courts


@pytest.mark.parametrize(("department", "court"), [
    pytest.param("080", "tribunal administratif d’Amiens", id="la Somme"),
    pytest.param("036", "tribunal administratif de Limoges", id="l’Indre, et non Orléans"),
    pytest.param("02A", "tribunal administratif de Bastia", id="la Corse-du-Sud"),
    pytest.param("095", "tribunal administratif de Cergy-Pontoise", id="le Val-d’Oise"),
    pytest.param("971", "tribunal administratif de la Guadeloupe", id="la Guadeloupe"),
    pytest.param("", "tribunal administratif", id="département non renseigné"),
    pytest.param("988", "tribunal administratif", id="hors du tableau"),
])  # fmt: skip
def test_the_court_of_a_department(department, court):
    assert courts.administrative(department) == court


def test_each_department_has_its_court():
    metropolis = {f"0{rank:02}" for rank in range(1, 96) if rank != 20} | {"02A", "02B"}
    known = set(courts._BY_DEPARTMENT)
    assert known == metropolis | {"971", "972", "973", "974", "976"}
    assert sum(len(codes.split()) for codes in courts._SEATS.values()) == len(known)
