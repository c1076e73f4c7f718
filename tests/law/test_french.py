"""French grammar and typography: what minutes are written with."""

import doctest
from datetime import date, datetime, time
from fractions import Fraction

import pytest

from law import french

N = french.NBSP


def test_examples_of_the_docstrings():
    assert doctest.testmod(french).failed == 0


@pytest.mark.parametrize(("names", "expected"), [
    pytest.param([], "", id="personne"),
    pytest.param(["A"], "A", id="une personne"),
    pytest.param(["A", "B"], "A et B", id="deux personnes"),
    pytest.param(["A", "B", "C"], "A, B et C", id="trois personnes : pas de virgule avant et"),
])  # fmt: skip
def test_join(names, expected):
    assert french.join(names) == expected


def test_join_with_another_conjunction():
    assert french.join("ABC", "ou") == "A, B ou C"


@pytest.mark.parametrize(("preposition", "group", "expected"), [
    ("de", "le syndicat mixte Somme Numérique", "du syndicat mixte Somme Numérique"),
    ("de", "la communauté de communes", "de la communauté de communes"),
    ("de", "l’association DECLIC", "de l’association DECLIC"),
    ("de", "l'association DECLIC", "de l’association DECLIC"),
    ("de", "les communes", "des communes"),
    ("de", "Le Bureau", "du Bureau"),
    ("de", "LES élus", "des élus"),
    ("de", "Amiens Métropole", "d’Amiens Métropole"),
    ("de", "Corbie", "de Corbie"),
    ("de", "Hallencourt", "de Hallencourt"),
    ("de", "Hélène", "d’Hélène"),
    ("de", "Yvetot", "d’Yvetot"),
    ("de", "Écquevilly", "d’Écquevilly"),
    ("de", "onze voix", "de onze voix"),
    ("de", "huit voix", "de huit voix"),
    ("de", "Le", "de Le"),
    ("à", "le Bureau", "au Bureau"),
    ("à", "les délégués", "aux délégués"),
    ("à", "la commission", "à la commission"),
    ("à", "L’assemblée", "à l’assemblée"),
    ("à", "Amiens", "à Amiens"),
])  # fmt: skip
def test_contract(preposition, group, expected):
    assert french.contract(preposition, group) == expected


@pytest.mark.parametrize(("word", "feminine_", "plural", "feminine_plural"), [
    ("désigné", "désignée", "désignés", "désignées"),
    ("présent", "présente", "présents", "présentes"),
    ("excusé", "excusée", "excusés", "excusées"),
    ("convoqué", "convoquée", "convoqués", "convoquées"),
    ("réuni", "réunie", "réunis", "réunies"),
    ("élu", "élue", "élus", "élues"),
    ("admis", "admise", "admis", "admises"),
    ("absent", "absente", "absents", "absentes"),
    ("secrétaire de séance", "secrétaire de séance", "secrétaires de séance",
        "secrétaires de séance"),
    ("président", "présidente", "présidents", "présidentes"),
    ("vice-président", "vice-présidente", "vice-présidents", "vice-présidentes"),
    ("délégué titulaire", "déléguée titulaire", "délégués titulaires", "déléguées titulaires"),
    ("scrutateur", "scrutatrice", "scrutateurs", "scrutatrices"),
    ("rapporteur", "rapporteure", "rapporteurs", "rapporteures"),
    ("conseiller", "conseillère", "conseillers", "conseillères"),
    ("consultatif", "consultative", "consultatifs", "consultatives"),
    ("nul", "nulle", "nuls", "nulles"),
    ("blanc", "blanche", "blancs", "blanches"),
    ("il", "elle", "ils", "elles"),
])  # fmt: skip
def test_agree(word, feminine_, plural, feminine_plural):
    assert french.agree(word) == word
    assert french.agree(word, feminine=True) == feminine_
    assert french.agree(word, plural=True) == plural
    assert french.agree(word, feminine=True, plural=True) == feminine_plural


@pytest.mark.parametrize(("civilities", "feminine"), [
    pytest.param(["Mme"], True, id="une femme"),
    pytest.param(["Mme", "Mme"], True, id="des femmes"),
    pytest.param(["Mme", "M."], False, id="groupe mixte : masculin"),
    pytest.param(["Mme", ""], False, id="civilité inconnue : masculin"),
    pytest.param([], False, id="personne"),
])  # fmt: skip
def test_gender_of_a_group(civilities, feminine):
    assert french.is_feminine(civilities) is feminine


@pytest.mark.parametrize(("number", "noun", "expected"), [
    (0, "abstention", "0 abstention"),
    (1, "voix contre", "1 voix contre"),
    (2, "voix contre", "2 voix contre"),
    (12, "voix pour", "12 voix pour"),
    (5, "délégué présent", "5 délégués présents"),
    (1, "bulletin nul", "1 bulletin nul"),
    (3, "bulletin blanc", "3 bulletins blancs"),
    (16, "suffrage exprimé", "16 suffrages exprimés"),
    (2, "conseil municipal", "2 conseils municipaux"),
    (1200, "habitant", f"1{N}200 habitants"),
])  # fmt: skip
def test_count(number, noun, expected):
    assert french.count(number, noun) == expected


@pytest.mark.parametrize("noun", ["délégué", "membre", "conseiller municipal", "élu du comité"])
def test_singular_undoes_the_plural(noun):
    assert french.singular(french.agree(noun, plural=True)) == noun


def test_civilities():
    assert french.civility_long("M.") == "Monsieur"
    assert french.civility_long("Mme") == "Madame"
    assert french.civility_long("") == ""


@pytest.mark.parametrize(("typed", "expected"), [
    ("JEAN-CHRISTOPHE LORIC", "Jean-Christophe Loric"),
    ("LE GALL", "Le Gall"),
    ("DE LA TOUR", "de La Tour"),
    ("d'estaing", "d'Estaing"),
    ("L’HERMITTE", "L’Hermitte"),
    ("SAINT-VALERY-SUR-SOMME", "Saint-Valery-sur-Somme"),
    ("ÉLODIE", "Élodie"),
])  # fmt: skip
def test_title_name(typed, expected):
    assert french.title_name(typed) == expected


@pytest.mark.parametrize(("number", "expected"), [
    (0, "zéro"),
    (1, "un"),
    (16, "seize"),
    (17, "dix-sept"),
    (21, "vingt et un"),
    (27, "vingt-sept"),
    (70, "soixante-dix"),
    (71, "soixante et onze"),
    (79, "soixante-dix-neuf"),
    (80, "quatre-vingts"),
    (81, "quatre-vingt-un"),
    (91, "quatre-vingt-onze"),
    (99, "quatre-vingt-dix-neuf"),
    (100, "cent"),
    (101, "cent un"),
    (200, "deux cents"),
    (201, "deux cent un"),
    (1000, "mille"),
    (1999, "mille neuf cent quatre-vingt-dix-neuf"),
    (2000, "deux mille"),
    (2016, "deux mille seize"),
    (2026, "deux mille vingt-six"),
    (80_000, "quatre-vingt mille"),
    (200_000, "deux cent mille"),
])  # fmt: skip
def test_in_words(number, expected):
    assert french.in_words(number) == expected


@pytest.mark.parametrize(("number", "masculine", "feminine", "words"), [
    (1, "1er", "1re", "premier"),
    (2, "2e", "2e", "deuxième"),
    (4, "4e", "4e", "quatrième"),
    (5, "5e", "5e", "cinquième"),
    (9, "9e", "9e", "neuvième"),
    (21, "21e", "21e", "vingt et unième"),
    (80, "80e", "80e", "quatre-vingtième"),
])  # fmt: skip
def test_ordinals(number, masculine, feminine, words):
    assert french.ordinal(number) == masculine
    assert french.ordinal(number, feminine=True) == feminine
    assert french.ordinal_in_words(number) == words


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (1999, "MCMXCIX"), (2026, "MMXXVI")],
)
def test_roman(number, expected):
    assert french.roman(number) == expected


@pytest.mark.parametrize("number", [0, -1, 4000])
def test_roman_has_its_limits(number):
    with pytest.raises(ValueError):
        french.roman(number)


@pytest.mark.parametrize(("value", "expected"), [
    (Fraction(1, 2), "la moitié"),
    (Fraction(1, 3), "le tiers"),
    (Fraction(2, 3), "les deux tiers"),
    (Fraction(3, 4), "les trois quarts"),
    (Fraction(1, 4), "le quart"),
    (Fraction(3, 5), "les trois cinquièmes"),
    (Fraction(1), "la totalité"),
    (Fraction(1, 10**17 - 1), "la fraction 1/99999999999999999"),
])  # fmt: skip
def test_fraction(value, expected):
    assert french.fraction(value) == expected


@pytest.mark.parametrize(("at", "full", "compact"), [
    (time(17, 30), f"17{N}h{N}30", "17h30"),
    (time(17), f"17{N}h", "17h"),
    (time(0, 5), f"0{N}h{N}05", "0h05"),
    (time(0), f"0{N}h", "0h"),
    (datetime(2016, 11, 16, 18, 6), f"18{N}h{N}06", "18h06"),
])  # fmt: skip
def test_clock(at, full, compact):
    assert french.clock(at) == full
    assert french.clock(at, "compact") == compact


@pytest.mark.parametrize(("on", "long", "with_weekday", "in_words"), [
    (date(2016, 7, 4), "4 juillet 2016", "lundi 4 juillet 2016", "quatre juillet"),
    (date(2016, 11, 16), "16 novembre 2016", "mercredi 16 novembre 2016", "seize novembre"),
    (date(2018, 2, 1), "1er février 2018", "jeudi 1er février 2018", "premier février"),
    (date(2020, 8, 31), "31 août 2020", "lundi 31 août 2020", "trente et un août"),
])  # fmt: skip
def test_dates(on, long, with_weekday, in_words):
    assert french.long_date(on) == long
    assert french.long_date(on, weekday=True) == with_weekday
    assert french.day_in_words(on) == in_words


@pytest.mark.parametrize(("on", "short"), [
    (date(2026, 12, 1), f"1er{N}déc."),
    (date(2026, 7, 14), f"14{N}juil."),
    (date(2027, 5, 1), f"1er{N}mai"),
    (date(2027, 2, 28), f"28{N}févr."),
])  # fmt: skip
def test_short_days(on, short):
    assert french.short_day(on) == short


def test_date_in_words_carries_the_year():
    assert french.date_in_words(date(2016, 11, 16)) == "seize novembre deux mille seize"


@pytest.mark.parametrize(("typed", "printed"), [
    ("Pour : 14", f"Pour{N}: 14"),
    ("Vraiment?", f"Vraiment{N}?"),
    ("Vraiment ?!", f"Vraiment{N}?!"),
    ("un ; deux", f"un{N}; deux"),
    ("« mot »", f"«{N}mot{N}»"),
    ("«mot»", f"«{N}mot{N}»"),
    ("l'assemblée d'Amiens", "l’assemblée d’Amiens"),
    ("à 17 h 30 précises", f"à 17{N}h{N}30 précises"),
    ("n° 5", f"n°{N}5"),
    ("art. L2121-17", f"art.{N}L2121-17"),
    ("M. Philippe COCQ et Mme DANAN", f"M.{N}Philippe COCQ et Mme{N}DANAN"),
    ("le 1er juillet", f"le 1er{N}juillet"),
    ("12 voix", f"12{N}voix"),
    ("15 000 €", f"15{N}000{N}€"),
    ("https://exemple.fr/?a=1 : voir", f"https://exemple.fr/?a=1{N}: voir"),
    ("17:30", "17:30"),
])  # fmt: skip
def test_nbsp(typed, printed):
    assert french.nbsp(typed) == printed
    assert french.nbsp(printed) == printed


@pytest.mark.parametrize(("text", "expected"), [
    ("le Bureau prend acte", "Le Bureau prend acte."),
    ("« oui »", f"«{N}Oui{N}»."),
    ("Est-ce clair ?", f"Est-ce clair{N}?"),
    ("  déjà dit.  ", "Déjà dit."),
    ("", ""),
])  # fmt: skip
def test_sentence(text, expected):
    assert french.sentence(text) == expected
