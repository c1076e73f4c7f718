"""What is prepared and not sent reaches nobody but who prepares it, whatever the road.

A sitting is prepared with words that stand nowhere else, then convened, then given one more point.
Every address of the site is asked by everybody who has one, by account or by secret link, and what
comes back is opened to its last entry: pages, files, ZIPs, PDFs, diaries.
"""

import io
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from functools import lru_cache
from itertools import product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse
from django.utils import timezone

from convening import desk
from convening.actions import inviting
from documents.models import IssuedDocument
from live.actions import equipping
from live.models import Equipment
from meetings.actions import items, joining, preparing
from meetings.models import Brief, Meeting
from tests import test_access
from tests.cast import Cast, change
from tests.conftest import begin_afresh
from tests.meetings.urls import PICTURE
from tests.registry.urls import minutes

pytestmark = pytest.mark.django_db

TITLE, NOTE, FILE, CONTENT = "Zanzibarité", "xylophonage", "kaleidoscope", "woltmerangue"
ADDED = "Yttriumique"
EVERYTHING = (TITLE, NOTE, FILE, CONTENT, ADDED)


@dataclass(kw_only=True)
class Scene:
    """The sitting that is prepared, and every value that an address may hold."""

    meeting: Meeting
    values: dict[str, list]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    by, now = cast.secretariat, timezone.now()
    issued = IssuedDocument.objects.get(**minutes(cast))
    meeting = preparing.create_meeting(
        body=cast.comite, held_on=timezone.localdate() + timedelta(days=1), starts_at=time(9), by=by
    )
    point = items.add_item(meeting, title=TITLE, by=by)
    Brief.objects.create(item=point, note=f"<p>{NOTE}</p>")
    file = SimpleUploadedFile("k.png", PICTURE + CONTENT.encode())
    piece, _ = joining.add_attachment(point, file=file, filename=f"{FILE}.png", by=by)
    equipping.equip(
        meeting, Equipment(meeting=meeting, tablets=True, check_in=True, public_page=True), by=by
    )
    _, screen = equipping.make_screen(meeting, by=by)
    _, tablet = equipping.make_tablet(meeting, mandate=cast.seat(cast.denis), by=by)
    invitation = inviting.make_invitation(meeting, cast.seat(cast.claire), at=now)[1]
    diary = desk.feed_token(desk.make_feed(cast.claire, at=now))
    numbers = {meeting.pk, issued.pk, issued.meeting_id, piece.pk, cast.comite.pk, point.pk}
    sittings = [meeting.pk, issued.meeting_id]
    return Scene(
        meeting=meeting,
        values={
            "pk": sorted(numbers),
            # Where its address says of what a number is: two thirds of those that have one.
            "seances/<pk>": sittings,
            "documents/seances/<pk>": sittings,
            "documents/<pk>": [issued.pk],
            "instances/<pk>": [cast.comite.pk],
            "key": [point.key],
            "token": [screen, tablet, invitation, diary],
            "piece": [piece.pk],
            "code": [issued.code],
            "slug": [cast.organisation.slug],
            "other": [issued.pk],
            "seq": [1],
            "mandate": [cast.seat(cast.claire).pk],
            "extension": ["csv", "xlsx"],
        },
    )


def addresses(values: dict[str, list]) -> Iterator[str]:
    """Every address of the site that these values make; those of a parameter after these very words
    (`seances/<pk>`) are given there instead of its own."""

    def walk(patterns, spaces: str = "", taken: frozenset = frozenset(), way: str = ""):
        for each in patterns:
            parameters = taken | set(each.pattern.regex.groupindex)
            further = f"{way}{each.pattern}"
            if isinstance(each, URLResolver):
                inner = f"{spaces}{each.namespace}:" if each.namespace else spaces
                yield from walk(each.url_patterns, inner, parameters, further)
            elif each.name:
                yield f"{spaces}{each.name}", parameters, further.replace("<int:", "<")

    for name, parameters, way in walk(get_resolver().url_patterns):
        if name.startswith("admin:") or not parameters <= values.keys():
            continue
        given = {each: f"{way.partition(f'<{each}>')[0]}<{each}>" for each in parameters}
        tried = (values.get(given[each], values[each]) for each in sorted(parameters))
        for chosen in product(*tried):
            try:
                yield reverse(name, kwargs=dict(zip(sorted(parameters), chosen, strict=True)))
            except NoReverseMatch:
                continue
    for words in EVERYTHING:
        yield f"{reverse('archive:search')}?q={words}"


def opened(answer: HttpResponse) -> str:
    """All that an answer says, its files unpacked."""
    content = b"".join(answer) if answer.streaming else answer.content
    return f"{dict(answer.headers)} {_read(content)}"


def _read(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return " ".join(f"{name} {_read(archive.read(name))}" for name in archive.namelist())
    said = content.decode(errors="replace")
    return f"{_printed(content)} {said}" if content.startswith(b"%PDF-") else said


@lru_cache(maxsize=32)
def _printed(pdf: bytes) -> str:
    """Everybody is given the same papers."""
    ran = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True)  # noqa: S607
    return ran.stdout.decode()


@pytest.fixture
def leaked(scene, cast, client_of):
    """`leaked("delegate")`: the secret words that somebody is told, each with where; "" asks what
    a link alone opens. The walk ends once every word of `until` was met."""

    def asked(who: str, until: Iterable[str] = ("?",)) -> dict[str, list[str]]:
        cookies = client_of(getattr(cast, who) if who else None).cookies
        found: dict[str, list[str]] = {}
        for address in addresses(scene.values):
            if found.keys() >= set(until):
                break
            begin_afresh()
            with transaction.atomic():
                client = Client()
                client.cookies.update(cookies)
                said = opened(client.get(address)).replace(address, "")
                transaction.set_rollback(True)
            for word in EVERYTHING:
                if word in said and f"?q={word}" not in address:
                    found.setdefault(word, []).append(address)
        return found

    return asked


def convened(scene: Scene) -> None:
    """Its convocation left today; a point was written since."""
    change(scene.meeting, convened_on=timezone.localdate(), sent_on=timezone.localdate())
    added = items.add_item(scene.meeting, title=ADDED, by=scene.meeting.created_by)
    assert added.was_added
    file = SimpleUploadedFile("y.png", PICTURE + ADDED.encode())
    piece, _ = joining.add_attachment(
        added, file=file, filename=f"{ADDED}.png", by=scene.meeting.created_by
    )
    scene.values["piece"].append(piece.pk)
    scene.values["pk"].append(piece.pk)
    scene.values["key"].append(added.key)


@pytest.mark.proof
def test_a_delegate_learns_nothing_of_it_before_the_dispatch_and_all_that_was_sent_after(
    scene, leaked
):
    pk, (piece,) = scene.meeting.pk, scene.values["piece"]
    assert leaked("delegate") == {}
    convened(scene)
    after = leaked("delegate")
    assert ADDED not in after
    read = {f"/seances/{pk}/", f"/seances/{pk}/dossier/", f"/seances/{pk}/conserver/"}
    assert read <= set(after[TITLE]) | set(after[FILE])
    assert {f"/seances/pieces/{piece}/", f"/seances/{pk}/conserver/"} <= set(after[CONTENT])
    change(scene.meeting, stage=Meeting.Stage.OPEN)
    assert ADDED in leaked("delegate", until=(ADDED,))


@pytest.mark.proof
@pytest.mark.parametrize("who", ["", "stranger", "other_secretariat", "other_delegate"])
def test_who_has_no_account_here_learns_what_a_link_opens(scene, leaked, who):
    if not who:  # before, whoever has an account is told no more than after
        assert leaked(who) == {}
    convened(scene)
    after = leaked(who)
    assert ADDED not in after
    links = tuple(scene.values["token"])
    told = {address for found in after.values() for address in found}
    public = {f"/seances/{scene.meeting.pk}/public/", f"/seances/{scene.meeting.pk}/public/etat/"}
    public |= {reverse("archive:public_sittings", args=[scene.meeting.organisation.slug])}
    assert {address for address in told - public if not any(map(address.count, links))} == set()
    assert told


@pytest.mark.proof
def test_the_walk_finds_what_who_prepares_it_reads(scene, leaked):
    """So that it could find a leak."""
    convened(scene)
    for who in test_access.CLERKS:
        assert set(leaked(who, until=EVERYTHING)) == set(EVERYTHING)
