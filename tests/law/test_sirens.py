"""The numbers of a legal person, and its department."""

import pytest

from law import sirens


@pytest.mark.parametrize(("siren", "fault"), [
    pytest.param("244200770", "", id="Saint-Étienne Métropole"),
    pytest.param("244200771", "clé de contrôle", id="un chiffre faux"),
    pytest.param("244207070", "clé de contrôle", id="deux chiffres échangés"),
    pytest.param("24420077", "neuf", id="huit chiffres"),
    pytest.param("٢٤٤٢٠٠٧٧٠", "neuf", id="d’autres chiffres"),
    pytest.param("", "neuf", id="rien"),
])  # fmt: skip
def test_siren(siren, fault):
    found = sirens.fault_of_siren(siren)
    assert fault in found
    assert bool(found) is bool(fault)


@pytest.mark.parametrize(("siret", "siren", "fault"), [
    pytest.param("24420077000117", "", "", id="Saint-Étienne Métropole"),
    pytest.param("24420077000117", "244200770", "", id="Saint-Étienne Métropole, et son SIREN"),
    pytest.param("24420077000117", "200000016", "commence par le SIREN", id="d’une autre"),
    pytest.param("24420077000118", "", "clé de contrôle", id="un chiffre de trop"),
    pytest.param("42420077000117", "", "clé de contrôle", id="deux chiffres échangés"),
    pytest.param("35600000000048", "", "", id="La Poste, au siège"),
    pytest.param("35600000049837", "", "", id="La Poste, hors de la clé"),
    pytest.param("2442007700011", "", "quatorze", id="treize chiffres"),
    pytest.param("2442007700011A", "", "quatorze", id="une lettre"),
    pytest.param("٢٤٤٢٠٠٧٧٠٠٠١١٧", "", "quatorze", id="d’autres chiffres"),
    pytest.param("", "", "quatorze", id="rien"),
])  # fmt: skip
def test_siret(siret, siren, fault):
    found = sirens.fault_of_siret(siret, siren)
    assert fault in found
    assert bool(found) is bool(fault)


@pytest.mark.parametrize(("typed", "code"), [
    ("80", "080"), (" 080 ", "080"), ("1", "001"), ("2a", "02A"), ("02B", "02B"), ("974", "974"),
])  # fmt: skip
def test_department(typed, code):
    assert sirens.department(typed) == code


@pytest.mark.parametrize("typed", ["", "Somme", "8O", "180", "0800", "2C"])
def test_what_is_no_department(typed):
    with pytest.raises(ValueError, match="trois caractères"):
        sirens.department(typed)
