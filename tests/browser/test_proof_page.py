"""The page that verifies a proof file: opened from a folder, the network cut, it says what the
script says."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from archive import actions
from archive.keeping import anchors, proofs
from registry.signatures import keys
from tests.archive.conftest import signed  # noqa: F401 the same signed minutes
from tests.archive.test_proofs import ALTERED, found, rewritten
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

    whole = said(proof)
    assert "Reste à savoir par qui" in whole
    for line in found(proof).proved:
        assert plain(line).partition(" (")[0].partition(" le ")[0] in whole
    page.fill("#root", keys.of_seal(cast.organisation, at=timezone.now()).key.fingerprint)
    assert "et vous croyez qui l’a scellé" in said(proof)
    page.fill("#root", "")
    faults = Axe().run(page)
    assert not faults.violations_count, faults.generate_report()
    silent = [
        name
        for name, change in ALTERED.items()
        if "a été altéré" not in said(rewritten(proof, change))
    ]
    assert silent == []
    assert all(url.startswith("file:") for url in asked)
    context.close()
