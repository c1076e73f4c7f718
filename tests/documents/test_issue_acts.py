"""Extracts and lists are frozen by the same press as minutes: once, all or none, for ever."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse

from documents import actions, compile, render
from documents.actions import Wanted
from documents.models import IssuedDocument
from law.findings import Refused
from tests.documents.conftest import ISSUED_AT, printed
from tests.documents.ink import told_by_docx, told_by_html

EXTRACT, LIST = IssuedDocument.Kind.EXTRACT, IssuedDocument.Kind.LIST


def wanted(meeting, title: str = "Budget") -> Wanted:
    key = meeting.items.get(title=title).key
    extracts = compile.compile_extracts(meeting, numbers={key: "2026-04"})
    extract = next(each for each in extracts if each.key == key)
    return Wanted(kind=EXTRACT, paper=extract, subject=key, title=f"N° 2026-04\u00a0: {title}")


def listed(meeting, on=None) -> Wanted:
    return Wanted(kind=LIST, paper=compile.compile_deliberation_list(meeting, at=on))


def freeze(meeting, cast, *papers, reason="", at=ISSUED_AT):
    with actions.issuing(meeting, by=cast.secretariat, at=at, reason=reason) as press:
        return press.freeze(*papers)


def rename(meeting, title: str, to: str) -> None:
    item = meeting.items.get(title=title)
    item.title = to
    item.save()


def test_a_list_issued_in_the_words_of_before_still_says_the_same(comite, cast):
    """It printed a deadline as if it were done: nobody has to issue it again for that."""
    now = listed(comite)
    before = now.paper.notice.replace(
        "à afficher au siège et à mettre en ligne", "affichée au siège et mise en ligne"
    )
    assert before != now.paper.notice
    (issued,) = freeze(comite, cast, replace(now, paper=replace(now.paper, notice=before)))
    assert not actions.has_changed(issued, now.paper)
    assert freeze(comite, cast, now) == (issued,)
    assert issued.paper.notice == before
    later = replace(now.paper, notice=now.paper.notice.replace("16", "17"))
    assert actions.has_changed(issued, later)


def test_an_extract_and_a_list_are_frozen_once_with_their_code(comite, cast, drawn_anew):
    extract, listing = freeze(comite, cast, wanted(comite), listed(comite))
    assert (extract.kind, extract.subject, extract.version) == (EXTRACT, "p1", 1)
    assert (listing.kind, listing.subject, listing.version) == (LIST, "", 1)
    for document in (extract, listing):
        pdf = printed(document)
        assert document.pdf_sha256 == hashlib.sha256(pdf).hexdigest()
        drawn_anew()
        assert pdf == render.render_pdf(document.paper)
        assert document.paper.verification.code == document.code
        assert document.issued_by == cast.secretariat
    assert comite.stage == comite.Stage.CLOSED  # only minutes make a sitting issued
    assert str(extract) == "N° 2026-04\u00a0: Budget"
    assert str(listing) == "Liste des délibérations du 9 juin 2026"
    assert listing.heading == "Liste des délibérations du Comité syndical du 9 juin 2026"
    assert extract.file_name == "deliberation-2026-04-comite-2026-06-09.pdf"
    assert listing.file_name == "liste-deliberations-comite-2026-06-09.pdf"


def test_the_same_papers_are_the_same_documents(comite, cast, media):
    first = freeze(comite, cast, wanted(comite), listed(comite))
    again = freeze(comite, cast, wanted(comite), listed(comite), reason="encore")
    assert again == first
    assert len(list(media.rglob("*.pdf"))) == IssuedDocument.objects.count() == 2
    later = (ISSUED_AT + timedelta(days=3)).date()
    assert freeze(comite, cast, listed(comite, later)) == first[1:]
    actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT)
    freeze(comite, cast, wanted(comite), wanted(comite, "Tarifs"), listed(comite))
    assert list(comite.documents.current().values_list("version", flat=True)) == [1] * 4


def test_only_what_changed_becomes_a_new_version(comite, cast, drawn_anew):
    budget, tariffs = wanted(comite), wanted(comite, "Tarifs")
    first = freeze(comite, cast, budget, tariffs)
    rename(comite, "Tarifs", "Tarifs 2026")
    second = freeze(
        comite, cast, wanted(comite), wanted(comite, "Tarifs 2026"), reason="l’année manquait"
    )
    assert second[0] == first[0]
    assert (second[1].version, second[1].supersedes, second[1].subject) == (2, first[1], "p3")
    assert "Version 2, qui annule et remplace la version 1" in second[1].paper.edition
    assert "l’année manquait" in second[1].paper.edition
    assert second[1].file_name == "deliberation-2026-04-comite-2026-06-09-v2.pdf"
    drawn_anew()
    assert printed(first[1]) == render.render_pdf(first[1].paper)


def test_a_new_version_without_a_reason_is_refused_before_anything_is_drawn(
    comite, cast, media, monkeypatch
):
    freeze(comite, cast, wanted(comite))
    rename(comite, "Budget", "Budget 2026")
    monkeypatch.setattr(render, "render_pdf", _must_not_be_called)
    with pytest.raises(Refused) as refused:
        freeze(comite, cast, wanted(comite, "Budget 2026"), listed(comite), reason="  ")
    assert [finding.field for finding in refused.value.findings] == ["reason"]
    assert IssuedDocument.objects.count() == len(list(media.rglob("*.pdf"))) == 1


def _must_not_be_called(paper):
    raise AssertionError("rien ne doit être composé")


def test_a_character_without_glyph_is_told_for_each_paper_that_has_it(comite, cast):
    rename(comite, "Budget", "Budget 漢")
    with pytest.raises(Refused) as refused:
        freeze(comite, cast, wanted(comite, "Budget 漢"), listed(comite), wanted(comite, "Tarifs"))
    assert [finding.code for finding in refused.value.findings] == ["caractere_absent"] * 2
    assert not IssuedDocument.objects.exists()


def test_what_fails_half_way_leaves_neither_rows_nor_files(comite, cast, media, monkeypatch):
    drawn = []
    draw = render.render_pdf

    def fail_at_the_second(paper):
        drawn.append(paper)
        if len(drawn) == 2:
            raise IntegrityError("le disque est plein")
        return draw(paper)

    monkeypatch.setattr(render, "render_pdf", fail_at_the_second)
    with pytest.raises(IntegrityError):
        freeze(comite, cast, wanted(comite), listed(comite))
    assert not IssuedDocument.objects.exists()
    assert not list(media.rglob("*.pdf"))


# --- Who reads them ---------------------------------------------------------------------------


def test_a_delegate_of_the_body_reads_them(comite, cast, client_of):
    extract, listing = freeze(comite, cast, wanted(comite), listed(comite))
    page = client_of(cast.delegate).get(reverse("documents:mine")).content.decode()
    assert extract.title in page
    assert "Liste des délibérations du Comité syndical du 9 juin 2026" in page
    for document in (extract, listing):
        assert client_of(cast.delegate).get(document.get_absolute_url()).status_code == 200
    url = reverse("documents:mine")
    page = client_of(cast.secretariat).get(url, {"nature": LIST}).content.decode()
    assert "Liste des délibérations du Comité syndical du 9 juin 2026" in page
    assert extract.title not in page


def test_versions_of_one_extract_are_those_of_its_item(comite, cast, client_of):
    extract, _ = freeze(comite, cast, wanted(comite), wanted(comite, "Tarifs"))
    page = client_of(cast.secretariat).get(extract.get_absolute_url()).content.decode()
    assert "Versions</h2>" not in page
    rename(comite, "Budget", "Budget 2026")
    (second,) = freeze(comite, cast, wanted(comite, "Budget 2026"), reason="l’année")
    page = client_of(cast.secretariat).get(second.get_absolute_url()).content.decode()
    assert "Versions</h2>" in page
    assert "Comparer" not in page  # only minutes are compared


# --- The other outputs ------------------------------------------------------------------------


def test_the_word_file_and_the_signature_sheet_are_those_of_what_was_frozen(
    comite, cast, client_of
):
    (document,) = freeze(comite, cast, wanted(comite))
    sheet = compile.compile_signature_sheet(
        document.paper,
        heading=document.heading,
        version=document.version,
        issued_on=ISSUED_AT.date(),
        pages=document.pages,
        pdf_sha256=document.pdf_sha256,
    )
    facts = {fact.label: fact.text for fact in sheet.facts}
    assert facts["Empreinte SHA-256 du PDF"].replace(" ", "") == document.pdf_sha256
    assert facts["Empreinte SHA-256 du contenu"].replace(" ", "") == document.sha256
    assert [each.name for each in sheet.signatories] == ["Alice ARNAUD", "Bruno BESSON"]
    assert sheet.verification.code == document.code
    rename(comite, "Budget", "Tout autre chose")
    response = client_of(cast.secretariat).get(
        reverse("documents:download_docx", args=[document.pk])
    )
    assert response["Content-Disposition"].endswith(
        'filename="deliberation-2026-04-comite-2026-06-09.docx"'
    )
    assert told_by_docx(response.content) == told_by_html(render.render_html(document.paper))
