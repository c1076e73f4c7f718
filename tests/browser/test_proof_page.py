"""The page that verifies a proof file: opened from a folder, the network cut, it says what the
script says."""

import hashlib

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from archive import actions
from archive.keeping import anchors, proofs
from archive.keeping.offline import verifier
from registry.signatures import keys
from tests.archive.conftest import signed  # noqa: F401 the same signed minutes
from tests.archive.forgeries import ALTERED, CONTAINERS, FORGED, UNBELIEVED, again, rewritten
from tests.archive.test_proofs import BELIEVED
from tests.registry.conftest import accounts, demonstration, hold, june, media, minutes  # noqa: F401

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def test_it_says_what_the_script_says_with_the_network_cut(
    cast,
    signed,  # noqa: F811 the fixture above
    settings,
    tmp_path,
    browser,
):
    settings.ANCHOR_FILE = tmp_path / "ancrages.jsonl"
    actions.publish(signed, by=None, at=timezone.now())
    anchors.anchor(at=timezone.now())
    proof = proofs.of_act(signed).packed(at=timezone.now())
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((proofs.OFFLINE / "verifier.html").as_uri())

    def said(content: bytes) -> str:
        file = {"name": "preuve.zip", "mimeType": "application/zip", "buffer": content}
        page.locator("#said").evaluate("said => said.replaceChildren()")
        page.set_input_files("#file", [])
        page.set_input_files("#file", [file])
        page.locator("#verdict").wait_for()
        return plain(page.locator("#said").inner_text())

    def differs(content: bytes, **believed: set[str]) -> str:
        """What the page says, when it is not, word for word, what the script says."""
        page.fill("#root", " ".join(believed.get("roots", ())))
        page.fill("#clock", " ".join(believed.get("clocks", ())))
        report, words = verifier.verify(content, **believed), said(content)
        lines = [report.verdict]
        for title, more in (
            ("Altéré", report.broken),
            ("Prouvé", report.proved),
            ("Non prouvé", report.left),
        ):
            lines += [title, *more] if more else []
        return "" if words == plain(" ".join(lines)) else f"{words} ≠ {plain(' '.join(lines))}"

    root = {hashlib.sha256(keys.authority().root).hexdigest()}
    both = {"roots": root, "clocks": root}
    for believed in ({}, {"roots": root}, {"clocks": root}, both):
        assert differs(proof, **believed) == ""
    assert BELIEVED in said(proof)
    assert page.locator("#verdict.good").is_visible()
    faults = Axe().run(page)
    assert not faults.violations_count, faults.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    cases = {name: rewritten(proof, change) for name, (change, _) in ALTERED.items()}
    cases |= {name: change(proof) for name, (change, _) in CONTAINERS.items()}
    cases |= {name: rewritten(proof, change) for name, (change, _) in FORGED.items()}
    cases |= {name: rewritten(proof, change) for name, (change, _) in UNBELIEVED.items()}
    assert differs(rewritten(proof, again()), **both) == ""
    wrong = {name: differs(content, **both) for name, content in cases.items()}
    assert {name: words for name, words in wrong.items() if words} == {}
    assert page.locator("#verdict.good").count() == 0
    page.fill("#root", "abc")
    assert "Une empreinte a 64 signes" in said(proof)
    assert all(url.startswith("file:") for url in asked)
    context.close()
