"""What may stay of a text that was typed, pasted or imported."""

import random

import pytest

from meetings import richtext

WORD_LIST_ITEM = (
    "<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>"
    "<!--[if !supportLists]--><!--[endif]-->Premier<o:p></o:p></p>"
)

KEPT = [
    pytest.param("", "", id="rien"),
    pytest.param("<p>Bonjour</p>", "<p>Bonjour</p>", id="un paragraphe"),
    pytest.param("<p>a<strong>b</strong><em>c</em></p>", None, id="gras et italique"),
    pytest.param("<p>1<sup>er</sup> CO<sub>2</sub></p>", None, id="exposant et indice"),
    pytest.param("<p>a<br>b</p>", None, id="retour à la ligne"),
    pytest.param("<ul><li>a<ul><li>b</li></ul></li></ul>", None, id="listes emboîtées"),
    pytest.param("<ol><li>a</li><li>b</li></ol>", None, id="liste numérotée"),
    pytest.param("<ul><li><p>a</p><p>b</p></li></ul>", None, id="deux paragraphes dans un tiret"),
    pytest.param(
        '<table><thead><tr><th colspan="2">a</th></tr></thead>'
        "<tbody><tr><td>b</td><td></td></tr></tbody></table>",
        None,
        id="tableau, cellule vide gardée",
    ),
    pytest.param("<p>« 12 € »\u00a0; l’œuvre, 漢字, 🙂</p>", None, id="toutes les écritures"),
    pytest.param("<p>A &amp; B &lt;script&gt;</p>", None, id="chevrons écrits"),
    pytest.param(
        '<p>a <mark class="sensible">b <strong>c</strong></mark> d</p>', None, id="sensible"
    ),
    pytest.param('<p>d\'un "mot"</p>', None, id="apostrophes et guillemets droits"),
]
TIDIED = [
    pytest.param("<p><b>a</b><i>b</i></p>", "<p><strong>a</strong><em>b</em></p>", id="b et i"),
    pytest.param(
        "<p><strong>a</strong><strong>b</strong></p>",
        "<p><strong>ab</strong></p>",
        id="gras joints",
    ),
    pytest.param(
        "<p><em><strong>a</strong></em><strong>b</strong></p>",
        "<p><strong><em>a</em>b</strong></p>",
        id="marques dans un seul ordre",
    ),
    pytest.param("<p>a\n   b</p>\n\n<p>c </p>", "<p>a b</p><p>c</p>", id="espaces de la source"),
    pytest.param("<p>a</p><p>\u00a0</p><p><br></p><p></p>", "<p>a</p>", id="paragraphes vides"),
    pytest.param("<p>a <mark>b</mark> c</p>", "<p>a b c</p>", id="surligné ailleurs"),
    pytest.param("<p>a<strong> </strong>b<em></em></p>", "<p>a b</p>", id="marques vides"),
    pytest.param("<ul><li></li><li><p> </p></li></ul>", "", id="liste vide"),
    pytest.param("<table><tr><td></td></tr></table>", "", id="tableau vide"),
    pytest.param("<ul><li><p>a</p></li></ul>", "<ul><li>a</li></ul>", id="tiret sans paragraphe"),
    pytest.param(
        "<ul><li>a</li><ul><li>b</li></ul><ul><li>c</li></ul></ul>",
        "<ul><li>a<ul><li>b</li><li>c</li></ul></li></ul>",
        id="sous-liste posée à côté, comme Word",
    ),
    pytest.param("<li>a</li>", "<ul><li>a</li></ul>", id="tiret sans liste"),
    pytest.param("<div>a<div>b</div>c</div>", "<p>a</p><p>b</p><p>c</p>", id="blocs"),
    pytest.param("<h2>Titre</h2>texte", "<p><strong>Titre</strong></p><p>texte</p>", id="titre"),
    pytest.param("<p>a <a href='https://x.fr'>lien</a></p>", "<p>a lien</p>", id="lien"),
    pytest.param(
        "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
        "<table><tbody><tr><td>a</td></tr></tbody></table>",
        id="tableau dans un tableau",
    ),
    pytest.param(
        "<table><caption>t</caption><tr><td rowspan=1 colspan='9999'>a</td></tr></table>",
        "<p>t</p><table><tbody><tr><td>a</td></tr></tbody></table>",
        id="légende et étendues folles",
    ),
    pytest.param("un\n\ndeux\ntrois", "<p>un</p><p>deux<br>trois</p>", id="texte sans balise"),
    pytest.param("2 < 3 & 4", "<p>2 &lt; 3 &amp; 4</p>", id="texte sans balise, signes"),
    pytest.param("<p>10\u202f000\u00a0€</p>", "<p>10\u00a0000\u00a0€</p>", id="fine insécable"),
    pytest.param("<p>a\u200b\ufeff\x07\u00adb</p>", "<p>ab</p>", id="signes invisibles"),
]
DROPPED = [
    pytest.param("<p>a<script>alert(1)</script></p>", "<p>a</p>", id="script"),
    pytest.param("<style>p{}</style><p>a</p>", "<p>a</p>", id="style"),
    pytest.param(
        "<p onclick='x()' style='color:red' class=c id=i>a</p>", "<p>a</p>", id="attributs"
    ),
    pytest.param("<p>a<!-- b --></p>", "<p>a</p>", id="commentaire"),
    pytest.param("<p>a<img src='data:image/png;base64,AAAA'></p>", "<p>a</p>", id="image"),
    pytest.param("<p><img src=x onerror=alert(1)></p>", "", id="image seule"),
    pytest.param("<iframe src='//x'></iframe><object>b</object><p>a</p>", "<p>a</p>", id="cadres"),
    pytest.param("<svg><text>b</text></svg><math><mi>c</mi></math>a", "<p>a</p>", id="svg, math"),
    pytest.param(
        "<html xmlns:o='urn:x'><head><title>t</title><xml><w:View>Normal</w:View></xml></head>"
        "<body><p class=MsoNormal><span lang=FR>a<o:p></o:p></span></p></body></html>",
        "<p>a</p>",
        id="enveloppe de Word",
    ),
    pytest.param(WORD_LIST_ITEM, "<p>Premier</p>", id="liste de Word non convertie"),
    pytest.param("<p>a<", "<p>a&lt;</p>", id="balise coupée"),
    pytest.param("<p>a</b></i></p></div>", "<p>a</p>", id="fermetures orphelines"),
]


@pytest.mark.parametrize(("given", "wanted"), [*KEPT, *TIDIED, *DROPPED])
def test_clean(given, wanted):
    cleaned = richtext.clean(given)
    assert cleaned == (given if wanted is None else wanted)
    assert richtext.clean(cleaned) == cleaned


def test_what_the_editor_writes_and_what_we_store_say_the_same():
    """The editor puts a paragraph in each item and cell; stored without, it reads back alike."""
    of_the_editor = (
        "<ul><li><p>a</p><ol data-type='decimal'><li><p>b</p></li></ol></li></ul>"
        "<table><tbody><tr><th colspan='1' rowspan='1'><p>c</p></th></tr></tbody></table>"
    )
    assert richtext.clean(of_the_editor) == (
        "<ul><li>a<ol><li>b</li></ol></li></ul><table><tbody><tr><th>c</th></tr></tbody></table>"
    )


def test_five_megabytes_of_image_weigh_nothing():
    image = f"<img src='data:image/png;base64,{'A' * 5_000_000}'>"
    assert richtext.clean(f"<p>a{image}b</p>") == "<p>ab</p>"


@pytest.mark.parametrize("tag", ["div", "ul", "strong", "table", "li", "blockquote"])
def test_no_depth_exhausts_it(tag):
    cleaned = richtext.clean(f"<{tag}>" * 5000 + "fond")
    assert "fond" in cleaned
    assert richtext.clean(cleaned) == cleaned


def test_any_soup_settles_at_once():
    """Random soups of tags: one pass is enough, and nothing but our tags is left."""
    chance = random.Random(16112016)  # noqa: S311  a test that must tell the same story each time
    tags = "p b strong em i ul ol li table tr td th thead tbody div h1 br sup span img a".split()
    for _ in range(300):
        soup = "".join(
            chance.choice(
                [
                    f"<{chance.choice(tags)}>",
                    f"</{chance.choice(tags)}>",
                    chance.choice(["mot", " ", "\u00a0", "&amp;", "\n", "l’eau "]),
                ]
            )
            for _ in range(40)
        )
        cleaned = richtext.clean(soup)
        assert richtext.clean(cleaned) == cleaned, soup
        assert "span" not in cleaned
        assert "img" not in cleaned


NOTE = f"<p><em>{richtext.NOTE}</em></p>"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param("<p>Rien à cacher.</p>", "<p>Rien à cacher.</p>", id="rien"),
        pytest.param("", "", id="vide"),
        pytest.param(
            '<p>M. X, <mark class="sensible">qui a <em>ceci</em></mark>, est remplacé.</p>',
            f"<p>M. X, […], est remplacé.</p>{NOTE}",
            id="au milieu d’une phrase, en italique aussi",
        ),
        pytest.param(
            '<p>a <mark class="sensible">b </mark>c</p>',
            f"<p>a […] c</p>{NOTE}",
            id="espace dedans",
        ),
        pytest.param(
            '<p><mark class="sensible">a</mark><br><mark class="sensible">b</mark></p><p>c</p>',
            f"<p>[…]</p><p>c</p>{NOTE}",
            id="deux lignes",
        ),
        pytest.param(
            '<p><mark class="sensible">a</mark></p><p><mark class="sensible">b</mark></p><p>c</p>',
            f"<p>[…]</p><p>c</p>{NOTE}",
            id="deux paragraphes n’en disent pas le nombre",
        ),
        pytest.param(
            '<ul><li>a</li><li><mark class="sensible">b</mark></li></ul>',
            f"<ul><li>a</li><li>[…]</li></ul>{NOTE}",
            id="tiret",
        ),
        pytest.param(
            '<table><tbody><tr><td>a</td><td><mark class="sensible">b</mark></td></tr></table>',
            f"<table><tbody><tr><td>a</td><td>[…]</td></tr></tbody></table>{NOTE}",
            id="cellule",
        ),
    ],
)
def test_the_public_does_not_read_what_is_sensitive(given, wanted):
    stored = richtext.clean(given)
    assert richtext.public(stored) == wanted
    assert richtext.clean(wanted) == wanted
