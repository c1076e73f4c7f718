"""What changed between two versions, as words that anybody can read."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import get_args

import pytest
from django.urls import reverse

from documents import actions as documents
from documents import papers
from documents.papers import Paragraph
from documents.papers.parts import types_of
from registry import comparison
from registry.comparison import compare_words
from tests.documents.paper import whole
from tests.held import AT, JULY, write
from tests.law.steps import calls
from tests.words import unsaid


def marked(old, new):
    """`compare_words` as a line: [-taken out-]{+put in+}."""
    signs = {"same": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    return "".join(signs[word.op].format(word.text) for word in compare_words(old, new))


# Both texts in one line, [-taken out-]{+put in+}: neither is written twice.
@pytest.mark.parametrize(
    "told",
    [
        pytest.param("Vu le budget.", id="rien n’a changé"),
        pytest.param("Vu le budget{+ primitif+}.", id="un ajout"),
        pytest.param("Vu le budget[- primitif-].", id="un retrait"),
        pytest.param("[-12-]{+13+} voix", id="un nombre entier"),
        pytest.param("Le [-Comité-]{+Bureau+} en [-débat-]{+décide+}.", id="deux mots séparés"),
        pytest.param(
            "Il est [-passé au vote-]{+procédé à l’élection+}.", id="des mots, pas des miettes"
        ),
        pytest.param("{+Ajouté.+}", id="tout est nouveau"),
        pytest.param("[-Retiré.-]", id="tout est parti"),
        pytest.param("漢字 [-🏛️-]{+🏠+}", id="漢字, émoji"),
        pytest.param("<b>[-a-]{+b+}</b>", id="des chevrons"),
    ],
)
def test_words_are_kept_taken_out_or_put_in(told):
    old = re.sub(r"\[-(.*?)-\]|\{\+.*?\+\}", r"\1", told)
    new = re.sub(r"\[-.*?-\]|\{\+(.*?)\+\}", r"\1", told)
    assert marked(old, new) == told


def test_both_texts_can_be_read_back():
    """Nothing is lost: without what was put in stands the old text, without the rest the new."""
    for old, new in (
        ("", ""),
        ("a b  c", "a  b c d"),
        ("l’été à Saint-Jean\u00a0: 3 €", "l'été, à St-Jean\u00a0! 4 €"),
        ("漢字 «\u00a0🏛️\u00a0»", "«\u00a0漢字\u00a0»"),
        ("x " * 40, "x y " * 30),
    ):
        words = compare_words(old, new)
        assert "".join(word.text for word in words if word.op != "ins") == old
        assert "".join(word.text for word in words if word.op != "del") == new


def compared(old, new):
    return comparison.compare_paragraphs(
        [Paragraph(text=text) for text in old], [Paragraph(text=text) for text in new]
    )


DEBATE, BETTER = "Le Comité en débat.", "Le Comité en débat bien."
SAME = "Les deux versions disent la même chose."


@pytest.mark.parametrize(
    ("old", "new", "kinds", "told"),
    [
        pytest.param(["a", "b"], ["a", "b"], "same same", SAME, id="identiques"),
        pytest.param(["a"], ["a", "b"], "same added", "1 paragraphe ajouté.", id="un de plus"),
        pytest.param(["a", "b"], ["b"], "removed same", "1 paragraphe retiré.", id="un de moins"),
        pytest.param([DEBATE], [BETTER], "changed", "1 paragraphe modifié.", id="retouché"),
        pytest.param(
            [DEBATE, "x"],
            [BETTER, "y", "z"],
            "changed added added removed",
            "1 paragraphe modifié, 2 paragraphes ajoutés et 1 paragraphe retiré.",
            id="de tout",
        ),
        pytest.param(
            ["Un premier texte.", "Un second texte ici."],
            ["Un second texte là."],
            "removed changed",
            "1 paragraphe modifié et 1 paragraphe retiré.",
            id="chacun vient de celui qui lui ressemble",
        ),
    ],
)
def test_each_paragraph_comes_from_the_one_it_resembles_and_the_whole_is_told(
    old, new, kinds, told
):
    changes = compared(old, new)
    assert [change.kind for change in changes] == kinds.split()
    assert comparison.summary(changes).replace("\u00a0", " ") == told


def test_a_long_text_wholly_rewritten_costs_what_its_length_does():
    def rewritten(lines: int) -> None:
        old = ["avant " * 34 * lines, *(f"ligne {rank}" for rank in range(lines))]
        new = ["après " * 34 * lines, *(f"rang {rank}" for rank in range(lines))]
        assert {change.kind for change in compared(old, new)} <= {"changed", "added", "removed"}

    few, many = (calls(lambda n=lines: rewritten(n)) for lines in (125, 500))
    assert many < 6 * few


def test_what_did_not_change_is_folded_under_its_last_title():
    head = [Paragraph(text="1 Budget", is_heading=True), Paragraph(text="Vu.")]
    versions = ([*head, Paragraph(text=last)] for last in "ab")
    changes = comparison.compare_paragraphs(*versions)
    first, second = comparison.stretches(changes)
    assert (first.is_same, len(first.changes), first.heading) == (True, 2, "1 Budget")
    assert not second.is_same


# --- Every field of every paper ---------------------------------------------------------------


def changed(value, name=""):
    """What is like it but for one field that is told, at any depth, each under that field."""
    match value:
        case bool():
            yield name, not value
        case int():
            yield name, value + 1
        case str():
            yield name, f"{value}<p>autre</p>"
        case tuple():
            yield from ((name, value[:-1]) for _ in value[:1])
            for rank, member in enumerate(value):
                for inner, other in changed(member, name):
                    yield inner, (*value[:rank], other, *value[rank + 1 :])
        case _ if is_dataclass(value):
            for each in fields(value):
                if not each.metadata.get("silent") and not each.metadata.get("apart"):
                    inner = f"{type(value).__name__}.{each.name}"
                    content = getattr(value, each.name)
                    if content == () and str in get_args(types_of(type(value))[each.name]):
                        content = ("un",)
                    for found, other in changed(content, inner):
                        if (differs := replace(value, **{each.name: other})) != value:
                            yield found, differs


@pytest.mark.parametrize("kind", sorted(papers.KINDS))
def test_a_field_that_changed_is_never_told_as_no_change(kind):
    paper, found = whole(kind), set()
    for name, other in changed(paper):
        assert {change.kind for change in comparison.compare(paper, other)} != {"same"}, name
        found.add(name)
    missed = {name for name in told_fields(type(paper)) if name not in found}
    assert not missed, "l’exemplaire d’essai n’a rien dans ces champs"


def told_fields(kind):
    """Each field that this class, or what it is made of, has to tell."""
    for each in fields(kind):
        if not each.metadata.get("silent") and not each.metadata.get("apart"):
            within = dataclasses_in(types_of(kind)[each.name])
            if not within:
                yield f"{kind.__name__}.{each.name}"
            for inner in within:
                if inner is not kind:
                    yield from told_fields(inner)


def dataclasses_in(hint):
    return [hint] if is_dataclass(hint) else [d for a in get_args(hint) for d in dataclasses_in(a)]


# --- The page ---------------------------------------------------------------------------------


@pytest.fixture
def versions(cast, june):
    """`versions(text, …)`: the minutes of June, issued once for each text of the budget."""

    def versions(*wordings):
        issued = []
        for rank, text in enumerate(wordings):
            write(cast, june, text)
            reason = f"Correction {rank}." if rank else ""
            issued.append(documents.issue_minutes(june, by=cast.secretariat, at=AT, reason=reason))
        return issued

    return versions


def page(client, one, two):
    return client.get(reverse("registry:compare", args=[one.pk, two.pk]))


@pytest.mark.django_db
def test_two_versions_are_compared_the_older_first(client_of, cast, versions, hold):
    table = "<table><tr><th>Lot</th><th>Prix</th></tr></table><p>&lt;script&gt; x</p>"
    debates = ("<p>Le Comité en débat.</p>", "<p>Le Comité en débat longuement.</p>")
    one, two, three = versions(*debates, table)
    reader = client_of(cast.delegate)
    content = page(reader, one, two).content.decode()
    assert unsaid(content, "De la version 1 à la version 2", "Correction 1.", "<ins><span") == []
    assert "longuement</ins>" in content.replace('<span class="visually-hidden">]</span>', "")
    assert "De la version 1 à la version 2" in page(reader, two, one).content.decode()
    # What a text shows of marks is words.
    content = page(reader, two, three).content.decode()
    assert "Lot | Prix" in content and "&lt;script&gt;" in content
    assert "<script>" not in content.partition("<main")[2].partition("</main")[0]
    # Nothing but two versions of the same minutes.
    july = hold(JULY)
    other = documents.issue_minutes(july, by=cast.secretariat, at=AT)
    assert page(reader, one, one).status_code == 404
    assert page(reader, one, other).status_code == 404
