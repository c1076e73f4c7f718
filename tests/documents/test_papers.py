"""Papers are values: canonical JSON, a hash, and a memory of every format ever issued."""

import json
from dataclasses import replace

import pytest

from documents import papers
from tests.documents.paper import EVERY, FULL, SHORT, golden


def test_json_is_canonical_and_gives_the_paper_back():
    text = papers.to_json(FULL)
    assert papers.from_json(text) == FULL
    assert text == json.dumps(
        json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def test_hash_changes_with_any_word():
    assert papers.sha256(SHORT) == papers.sha256(replace(SHORT))
    assert papers.sha256(SHORT) != papers.sha256(replace(SHORT, closing="La séance est levée."))


@pytest.mark.parametrize(
    ("kind", "schema"),
    [(kind, schema) for kind, each in papers.KINDS.items() for schema in range(1, each.schema + 1)],
)
def test_every_schema_ever_issued_is_read(kind, schema, check_golden):
    """One golden file for each version, kept for ever. If the last one is not written as it was
    read, the format changed: raise `schema`, read the older ones, and keep the new one."""
    if schema == papers.KINDS[kind].schema:
        check_golden(golden(kind, schema), papers.to_json(EVERY[kind]) + "\n")
    told = json.loads(golden(kind, schema).read_text())
    again = json.loads(papers.to_json(papers.from_json(json.dumps(told))))
    assert {name: again[name] for name in told} == told | {"schema": papers.KINDS[kind].schema}


def test_a_paper_of_another_kind_is_not_taken_for_it():
    with pytest.raises(ValueError) as refused:
        papers.from_json(papers.to_json(SHORT), papers.NoteDocument)
    assert str(refused.value) == "La nature « pv » n’est pas celle du papier attendu."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 99}, "La version 99 de ce format n’est pas connue ici."),
        ({"schema": "1"}, "Ce JSON n’est pas un papier\u00a0: «\u00a0schema\u00a0» manque."),
        ({"inconnu": 1}, "document : clés inconnu."),
        ({"title": 3}, "/title : str attendu."),
        ({"roll": [{"name": "x"}]}, "/roll/0 : clés lines, remark."),
        ({"items": "x"}, "/items : une liste est attendue."),
        ({"held_on": "hier"}, "Invalid isoformat string: 'hier'"),
    ],
)
def test_what_is_not_a_paper_is_refused_by_its_path(change, message):
    data = json.loads(papers.to_json(SHORT)) | change
    with pytest.raises(ValueError) as refused:
        papers.from_json(json.dumps(data))
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("item", "heading"),
    [
        ({"number": "I", "kind": "section"}, "I – Titre"),
        ({"number": "", "kind": "section"}, "Titre"),
        ({"number": "12", "kind": "deliberation"}, "12. Titre"),
        ({"number": "12 bis.", "kind": "deliberation"}, "12 bis. Titre"),
        ({"number": "•", "kind": "information"}, "Titre"),
    ],
)
def test_heading(item, heading):
    assert papers.Item(key="x", title="Titre", **item).heading == heading


@pytest.mark.parametrize(
    ("html", "run_in", "rest"),
    [
        ("<p>un</p><p>deux</p>", "un", "<p>deux</p>"),
        ("<p>un</p>", "un", ""),
        ("<ul><li>un</li></ul>", "", "<ul><li>un</li></ul>"),
        ("", "", ""),
    ],
)
def test_first_paragraph_follows_the_title(html, run_in, rest):
    item = papers.Item(key="x", title="Titre", kind="information", html=html)
    assert (item.run_in, item.rest) == (run_in, rest)


@pytest.mark.parametrize(
    ("colleges", "rows"),
    [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (5, [3, 2]), (7, [3, 3, 1]), (0, [])],
)
def test_roll_is_laid_in_rows_of_columns(colleges, rows):
    line = papers.RollLine(name="A", standing="present")
    roll = tuple(papers.College(name=f"C{n}", lines=(line,)) for n in range(colleges))
    assert [len(row) for row in replace(SHORT, roll=roll).roll_rows] == rows


def test_a_single_list_is_cut_in_three():
    lines = tuple(papers.RollLine(name=f"M{n}", standing="present") for n in range(8))
    ((one, two, three),) = replace(SHORT, roll=(papers.College(lines=lines),)).roll_rows
    assert [len(column.lines) for column in (one, two, three)] == [3, 3, 2]


def test_who_sits_and_who_only_came_are_not_in_one_row():
    """Titulars without a college fill their own columns; others stand under their own name."""
    seven = tuple(papers.RollLine(name=f"M{n}", standing="present") for n in range(7))
    roll = (
        papers.College(lines=seven, remark="1 siège vacant"),
        papers.College(name="Voix consultative", lines=seven[:1]),
        papers.College(name="Suppléants présents sans siéger", lines=seven[:2]),
    )
    titulars, others = replace(SHORT, roll=roll).roll_rows
    assert [(len(each.lines), each.remark) for each in titulars] == [
        (3, ""),
        (3, ""),
        (1, "1 siège vacant"),
    ]
    assert [each.name for each in others] == [each.name for each in roll[1:]]


def test_sections_stand_alone_in_the_list_of_items():
    def item(key, kind):
        return papers.Item(key=key, title=key, kind=kind)

    items = (item("a", "debat"), item("b", "debat"), item("S", "section"), item("T", "section"))
    document = replace(SHORT, items=items)
    assert [[i.key for i in group] for group in document.groups] == [["a", "b"], ["S"], ["T"]]
