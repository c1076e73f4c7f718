"""What an installation holds, told by the code of any version: run in its folder, on its base.

python …/told.py live            makes the demonstration, convenes, numbers, seals: all it can
python …/told.py tell            prints what must be the same after an upgrade, as JSON
python …/told.py upgrade FILE    upgrades that base, and fails with whatever is not as FILE told

The first two read nothing but what 0.1.0 had already, or ask first whether it is there: nothing of
`tests`, which is another in each version.
"""

import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import django

DAY = date(2099, 12, 8)  # a Tuesday: the links that are mailed for it open for as long as we test
ISSUED = ("2016-07-04", "2016-11-16", "2026-09-15")  # a paper weighs forty thousand bytes
HOST = {"HTTP_HOST": "127.0.0.1"}
# From 0.3.0 on, four sittings are enough: the whole demonstration weighs two million bytes.
FEW = ("2026-05-12-comite", "2026-06-30-comite", "2026-09-29-comite", "2026-12-01-bureau")


def live() -> None:
    """A sitting convened by mail, another numbered and sealed: what the demonstration lacks."""
    from django.apps import apps
    from django.core.management import call_command
    from django.utils import timezone

    from meetings.models import Meeting
    from members.models import User

    try:
        from demo import prefecture  # noqa: F401
    except ImportError:  # 0.1.0 and 0.2.0
        from demo.management.commands import demo

        demo.ISSUED = ISSUED
        call_command("demo", verbosity=0)
    else:
        a_few()
    if not apps.is_installed("convening"):
        return
    from documents.models import IssuedDocument
    from law.findings import Refused

    try:
        from convening.actions import dispatching, drafting
        from registry.acts import actions as acts
        from registry.signatures import actions as signatures
    except ImportError:  # 0.2.0
        from convening import actions as drafting
        from registry import actions as acts

        dispatching, signatures = drafting, acts

    by, now = User.objects.get(email="secretariat@demo.example"), timezone.now()
    Meeting.objects.filter(held_on="2026-12-08").update(held_on=DAY)
    meeting = Meeting.objects.get(held_on=DAY)
    for rank, person in enumerate(meeting.body.organisation.persons.order_by("pk")[:6]):
        person.email = person.email or f"personne-{rank}@demo.example"
        person.save()
    draft = drafting.prepare(meeting, by=by)
    dispatching.dispatch(draft, by=by, at=now, site="http://127.0.0.1")
    call_command("send_mails", once=True)
    for each in held():
        with suppress(Refused):  # what it approved was not issued here
            acts.record_adoptions(each, by=by, at=now)
    minutes = IssuedDocument.objects.filter(kind="pv", adoption__isnull=False).order_by("pk")[0]
    acts.number(minutes.meeting, by=by, at=now)
    signatures.prepare_signing(minutes, by=by, at=now)


def a_few() -> None:
    """Of the demonstration, `FEW` sittings: one read, adopted, signed and online, one whose acts
    are, reviewed, and one to convene; a decision and an order."""
    from demo import loading, prefecture, year
    from meetings.models import Meeting

    with tempfile.TemporaryDirectory() as place:
        data = Path(shutil.copytree(loading.DATA, f"{place}/data"))
        for path in (data / "seances").glob("*.json"):
            if not any(each in path.name for each in FEW):
                path.unlink()
        coming = next((data / "seances").glob(f"*{FEW[-1]}*"))
        given = json.loads(coming.read_text())
        # What it approves is not here.
        given["agenda"] = [each for each in given["agenda"] if not each.get("approves")]
        coming.write_text(json.dumps(given))
        loading.DATA = prefecture.DATA = data
        organisation = loading.load()
        year.STORIES = (
            ("comite-syndical", "2026-05-12", _numbered),
            ("comite-syndical", "2026-06-30", _adopted),
            ("comite-syndical", "2026-09-29", _online),
        )
        year.tell(organisation)
    Meeting.objects.filter(held_on="2026-12-01").update(held_on="2026-12-08")


def _numbered(teller: Any) -> None:
    """It delegates what the president decides alone."""
    from demo import year

    year.actions.number(teller.meeting, by=teller.by, at=year.moment("2026-05-15T11:00"))


def _adopted(teller: Any) -> None:
    from django.utils import timezone

    from archive import actions as publishing

    minutes = teller.minutes("2026-07-07T10:00")
    teller.adopted_by("2026-09-29", "2026-09-30T09:15")
    teller.prepare([minutes])
    teller.sign()
    publishing.publish(minutes, by=teller.by, at=timezone.now())


def _online(teller: Any) -> None:
    from demo import year

    teller.acts("2026-10-01T11:00")
    chair, _ = year._asked(teller, "")
    year.reviews.remark(
        by=chair, item=None, text="Rien.", seen=year._shown(teller), at=year.moment("")
    )
    teller.minutes("2026-10-05T10:00")
    teller.prepare([each for each in teller.whole() if each.kind != "pv"])
    teller.sign()
    teller.transmit()
    teller.publish_acts()


def held() -> Any:
    """The sittings that are over, whatever became of their minutes."""
    from meetings.models import Meeting

    return Meeting.objects.filter(events__kind="closed").distinct().order_by("pk")


def tell() -> dict[str, Any]:
    from django.conf import settings

    from documents.models import IssuedDocument
    from meetings.models import Meeting

    meetings = Meeting.objects.order_by("pk")
    papers = IssuedDocument.objects.order_by("pk")
    return {
        "key": settings.SECRET_KEY,
        "counts": counts(),
        "ledgers": {
            each.pk: [event.sha256 for event in each.events.order_by("seq")] for each in meetings
        },
        "read": {each.pk: sorted(set(words(papers_to(each.paper)))) for each in papers},
        "figures": {each.pk: figures(each) for each in held()},
        "downloaded": downloaded(papers),
        "accounts": signed_in(),
        "mailed": sorted(mailed()),
    }


def counts() -> dict[str, int]:
    from django.apps import apps

    named = (
        *("members.Organisation", "members.Community", "members.Body", "members.Person"),
        *("members.Mandate", "members.User", "members.Role", "members.RuleBook"),
        *("meetings.Meeting", "meetings.AgendaItem", "meetings.SittingEvent", "meetings.Ballot"),
        *("documents.IssuedDocument", "convening.Convocation", "convening.Recipient"),
        *("convening.Invitation", "registry.Deliberation", "registry.SignatureStep"),
    )
    return {
        each: apps.get_model(each)._base_manager.count()
        for each in named
        if apps.is_installed(each.split(".")[0])
    }


def papers_to(paper: Any) -> Any:
    from documents import papers

    return json.loads(papers.to_json(paper))


def words(value: Any) -> Iterator[str]:
    """Every sentence of a paper."""
    if isinstance(value, str):
        yield value
    for each in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from words(each)


def figures(meeting: Any) -> dict[str, Any]:
    """The quorum and the votes of a sitting, counted again from its ledger."""
    from documents.compile import compile_minutes

    paper = papers_to(compile_minutes(meeting))
    said = paper["quorum"]
    return {
        "quorum": [said[each] for each in ("in_office", "present", "required", "reached")],
        "votes": list(votes(paper)),
    }


def votes(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict) and "abstentions" in value:
        names = ("for_", "against", "abstentions", "not_voting", "blank", "null")
        yield [value.get(each, 0) for each in names]
    for each in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from votes(each)


def downloaded(papers: Any) -> dict[int, str]:
    """The fingerprint of each paper, signed if it is, as the secretariat receives it."""
    client = entered("secretariat@demo.example")
    found = {}
    for each in papers:
        answer = client.get(f"/documents/{each.pk}/signatures/fichier/", **HOST)  # 0.2.0
        if answer.status_code == 404:
            answer = client.get(f"/documents/{each.pk}/telecharger/", **HOST)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[each.pk] = f"{answer.status_code} {hashlib.sha256(content).hexdigest()}"
    return found


def entered(email: str) -> Any:
    from django.test import Client

    client = Client()
    client.post("/connexion/", {"username": email, "password": "somme-gov-2026"}, **HOST)
    return client


def signed_in() -> dict[str, bool]:
    from members.models import User

    emails = User.objects.order_by("email").values_list("email", flat=True)
    return {each: "_auth_user_id" in entered(each).session for each in emails}


def mailed() -> Iterator[str]:
    """The links of the mails that were kept in the outbox."""
    from django.apps import apps

    if not apps.is_installed("convening"):
        return
    from convening import outbox
    from convening.models import OutboxMail

    for mail in OutboxMail.objects.order_by("pk"):
        for part in outbox.parsed(mail).walk():
            if part.get_content_type() == "text/plain":
                yield from re.findall(
                    r"http://127\.0\.0\.1(?::\d+)?(/(?:invitation|dossier)/[\w-]+/)",
                    part.get_content(),
                )


# --- By the code that upgrades ----------------------------------------------------------------


def upgrade(before: dict[str, Any]) -> list[str]:
    """What was told before and is not so any more."""
    from django.core.management import CommandError, call_command

    call_command("check", databases=["default"])
    call_command("migrate", interactive=False, verbosity=0)
    call_command("migrate", check_unapplied=True, verbosity=0)
    found = []
    try:
        call_command("verify")
    except CommandError as error:
        found.append(str(error))
    after = json.loads(json.dumps(tell()))
    for name in ("counts", "ledgers", "figures", "downloaded", "accounts", "mailed"):
        was, now = before[name], after[name]
        if isinstance(was, dict):
            now = {each: now.get(each) for each in was}
        if was != now:
            found.append(f"{name}: {was} -> {now}")
    for paper, was in before["read"].items():
        found += [f"{paper}: {each!r} ne s’y lit plus" for each in {*was} - {*after["read"][paper]}]
    found += [
        f"{link}: {status}" for link, status in opened(before["mailed"][::8]) if status != 200
    ]
    return found


def opened(links: list[str]) -> Iterator[tuple[str, int]]:
    """What each link answers to whoever has no account."""
    from django.test import Client

    for each in links:
        yield each, Client().get(each, **HOST).status_code


if __name__ == "__main__":
    sys.path[0] = "."
    django.setup()
    match sys.argv[1:]:
        case ["live"]:
            live()
        case ["tell"]:
            json.dump(tell(), sys.stdout, ensure_ascii=False)
        case ["upgrade", file]:
            sys.exit("\n".join(upgrade(json.loads(Path(file).read_text()))) or None)
