"""What is masked is in no text that is given back, however it was written there."""

import pytest

from law import masking
from law.masking import Mask


@pytest.mark.parametrize(
    ("passages", "text", "kept"),
    [
        pytest.param(
            ["Mme Martin"], "Protection de Mme Martin.", "Protection de […].", id="tel quel"
        ),
        pytest.param(["Mme Martin"], "MME MARTIN", "[…]", id="en capitales"),
        pytest.param(["Lefèvre"], "M. LEFEVRE", "M. […]", id="sans accents"),
        pytest.param(["Lefevre"], "M. Lefe\u0300vre", "M. […]", id="accents décomposés"),
        pytest.param(
            ["Mme Martin"], "Mme\u00a0Martin, Mme \n Martin", "[…], […]", id="une autre espace"
        ),
        pytest.param(["rue de l'Eau"], "7 rue de l’Eau", "7 […]", id="une autre apostrophe"),
        pytest.param(["Saint-Jean"], "Saint‑Jean", "[…]", id="un autre trait d’union"),
        pytest.param(
            ["Martin"], "Martinet et Saint-Martin", "Martinet et Saint-[…]", id="des mots entiers"
        ),
        pytest.param(
            ["Roux", "Anne Roux"], "Anne Roux, Roux", "[…], […]", id="le plus long d’abord"
        ),
        pytest.param(["06 12"], "au 06 12.", "au […].", id="des chiffres"),
        pytest.param(["(*)"], "cinq (*) voix", "cinq […] voix", id="des signes"),
        pytest.param([], "Mme Martin", "Mme Martin", id="rien"),
        pytest.param(["\u200b"], "a\u200bb", "a\u200bb", id="rien qui se voie"),
        pytest.param(["Lecœur"], "Mme LECOEUR, Lecœur", "Mme […], […]", id="œ et oe"),
        pytest.param(["Lecoeur"], "Lecœur.", "[…].", id="oe et œ"),
        pytest.param(["Weiß"], "M. Weiss, WEISS", "M. […], […]", id="ß et ss"),
        pytest.param(["Grosso"], "M. Großo", "M. […]", id="ss et ß"),
        pytest.param(["Pawel"], "Paweł, Øre", "[…], Øre", id="ł et l"),
        pytest.param(["Ærø"], "à AERO", "à […]", id="æ et ae"),
        pytest.param(["L'Hôte"], "L´Hote, L′Hôte, L`Hôte", "[…], […], […]", id="des primes"),
        pytest.param(
            ["Saint-Jean"],
            "Saint—Jean, Saint−Jean, Saint‒Jean, Saint–Jean",
            "[…], […], […], […]",
            id="d’autres tirets",
        ),
        pytest.param(
            ["06 12 34 56 78"],
            "0612345678, 06.12.34.56.78, 06-12-34-56-78, 06 12 34 56 79",
            "[…], […], […], 06 12 34 56 79",
            id="d’autres séparateurs",
        ),
        pytest.param(["0612"], "06.12 et 1206.12", "[…] et 1206.12", id="des chiffres entiers"),
        pytest.param(["12"], "le 1.2", "le 1.2", id="peu de chiffres"),
        pytest.param(["Martin"], "_Martin_", "_[…]_", id="souligné"),
        pytest.param(
            ["Martin"], "Mar\u00adtin, Mar\u200btin\u200b.", "[…], […].", id="des signes cachés"
        ),
        pytest.param(
            ["Zoé Zorglub"],
            "sanction-zoe-zorglub, zoe_zorglub.pdf, Zoe.Zorglub, zoe%20zorglub, zoe+zorglub",
            "sanction-[…], […].pdf, […], […], […]",
            id="les noms de fichiers",
        ),
        pytest.param(["Jean-Paul"], "jean paul, Jean_Paul", "[…], […]", id="sans trait d’union"),
        pytest.param(["7 rue de l'Eau"], "7-rue-de-l-eau", "[…]", id="une adresse, en fichier"),
        pytest.param(["Mme Roux"], "mme-rouxel, Mme-Roux", "mme-rouxel, […]", id="mots entiers"),
        pytest.param(["Finet"], "M. \ufb01net", "M. […]", id="une ligature"),
    ],
)
def test_a_text_without_what_is_masked(passages, text, kept):
    mask = Mask(passages)
    assert mask.text(text) == kept
    assert mask.finds(text) is (kept != text)
    assert not mask.finds(mask.text(text))


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        pytest.param("<p>De Mme Martin.</p>", "<p>De […].</p>", id="d’un paragraphe"),
        pytest.param(
            "<p>Mme <strong>Mar</strong>tin</p>",
            "<p>[…]<strong></strong></p>",
            id="à cheval sur des marques",
        ),
        pytest.param(
            "<p>Mme</p><p>Martin</p>", "<p>[…]</p><p></p>", id="à cheval sur deux paragraphes"
        ),
        pytest.param(
            "<p>a &lt; b, Mme&nbsp;Martin</p>", "<p>a &lt; b, […]</p>", id="des signes échappés"
        ),
        pytest.param("<p>Mme <em>Mar&shy;</em>tin</p>", "<p>[…]<em></em></p>", id="un trait caché"),
        pytest.param("<p>M. Martin</p>", "<p>M. Martin</p>", id="rien"),
    ],
)
def test_html_without_what_is_masked(html, kept):
    assert Mask(["Mme Martin"]).html(html) == kept


def test_what_is_too_short_would_be_hidden_everywhere():
    found = [masking.is_too_short(each) for each in ("", "a", " a. ", "Li", "7")]
    assert found == [True, True, True, False, True]
