"""A sitting to rehearse: an assembly that does not exist, and delegates who behave like ours.

`prepare` writes the sitting; `Delegate` is a tablet in the hands of somebody who arrives, votes,
changes his mind. It speaks to the server as a browser does and keeps what it was told, so that
the same people train a secretary and measure the server.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urljoin

from django.db import transaction

from law import regime
from live import stream
from live.actions import equipping
from live.models import Equipment
from meetings.actions import items, preparing
from meetings.models import AgendaItem, Meeting
from members.lately import Lately
from members.models import (
    Body,
    Community,
    LegalForm,
    Mandate,
    Organisation,
    Person,
    Role,
    RuleBook,
    User,
)

aiohttp, yarl = Lately("aiohttp"), Lately("yarl")

SLUG = Organisation.REHEARSAL
NAME = "Répétition (assemblée fictive)"
FIRST_NAMES = (
    "Agnès Bruno Cécile Denis Élodie Franck Ghislaine Hervé Inès Jérôme Karine Luc Maud Nicolas "
    "Odile Pascal Rachel Serge Thérèse Vincent"
).split()
LAST_NAMES = (
    "Abadie Bacquet Caron Daussy Evrard Fouquet Gaillard Hénique Imbert Joly Kermarec Leclerc "
    "Magnier Noiret Obry Pruvost Quentin Ringard Sauvé Tellier Urbain Vasseur Wallet Ybert Zeller "
    "Bellard Cuvelier Delattre Fournier Gosselin Lamotte Mercier Pernois Roussel Thuillier"
).split()
ITEMS = (
    "Désignation du secrétaire de séance",
    "Compte rendu des décisions du président",
    "Débat d’orientation budgétaire",
    "Décision modificative n° 1",
    "Convention avec le centre de gestion",
    "Tarifs des services aux communes",
    "Création d’un emploi permanent",
    "Adhésion d’une commune nouvelle",
    "Groupement de commandes pour l’énergie",
    "Vœu sur la couverture mobile",
)
LINE = 2**20  # bytes of the news of one moment


# --- The sitting to rehearse -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The sitting to rehearse, the raw links of its tablets and that of its room screen."""

    meeting: Meeting
    tablets: tuple[str, ...]
    screen: str


@transaction.atomic
def prepare(*, delegates: int, by: User, at: datetime, length: int = len(ITEMS)) -> Rehearsal:
    """A sitting about to open at this hour, with so many delegates, each with a tablet.

    The assembly is made once for each size, and serves again. `by` keeps it.
    """
    body = _body(delegates, by=by, at=at)
    meeting = preparing.create_meeting(
        body=body,
        held_on=at.date(),
        starts_at=at.time().replace(second=0, microsecond=0),  # an hour as people say it
        place="dans une salle qui n’existe pas",
        convened_on=at.date(),
        by=by,
    )
    for rank in range(length):
        title = ITEMS[rank % len(ITEMS)]
        again = rank // len(ITEMS)
        items.add_item(
            meeting,
            title=f"{title} ({again + 1})" if again else title,
            kind=AgendaItem.Kind.DELIBERATION,
            by=by,
        )
    Equipment.objects.create(meeting=meeting, tablets=True, check_in=True, secret_on_tablets=True)
    _, screen = equipping.make_screen(meeting, by=by)
    made = equipping.make_tablets(meeting, by=by)
    return Rehearsal(meeting=meeting, tablets=tuple(raw for _, raw in made), screen=screen)


def _body(delegates: int, *, by: User, at: datetime) -> Body:
    organisation, _ = Organisation.objects.get_or_create(
        slug=SLUG,
        defaults={
            "name": NAME,
            "designation": "le syndicat de la répétition",
            "legal_form": LegalForm.OPEN,
        },
    )
    Role.objects.get_or_create(user=by, organisation=organisation, kind=Role.Kind.SECRETARIAT)
    found = organisation.bodies.filter(slug=f"comite-{delegates}").first()
    return found or assemble(organisation, delegates, since=at.date())


def assemble(organisation: Organisation, delegates: int, *, since: date) -> Body:
    """A committee of so many delegates who do not exist."""
    body = Body.objects.create(
        organisation=organisation,
        slug=f"comite-{delegates}",
        name=f"Comité de {delegates} délégués",
        kind=Body.Kind.COMITE,
        designation="le Comité de répétition",
    )
    RuleBook.objects.create(body=body, preset="smo", values=regime.to_values(regime.PRESETS["smo"]))
    _seat(body, delegates, since)
    return body


COLLEGES = ("Communautés", "Communes", "Département")


def _seat(body: Body, delegates: int, since: date) -> None:
    """So many titulars in three constituencies; the first of them presides."""
    colleges, communities = [], []
    for rank, name in enumerate(COLLEGES, start=1):
        colleges.append(
            body.constituencies.create(
                name=f"Collège n° {rank}, {name}",
                position=rank,
                seats=len(range(rank - 1, delegates, len(COLLEGES))),
            )
        )
        community, _ = Community.objects.get_or_create(
            organisation=body.organisation,
            name=f"{name} de nulle part",
            defaults={"kind": Community.Kind.OTHER},
        )
        communities.append(community)
    for rank in range(delegates):
        person = Person.objects.create(
            organisation=body.organisation,
            civility="Mme" if rank % 2 == 0 else "M.",
            first_name=FIRST_NAMES[rank % len(FIRST_NAMES)],
            last_name=_last_name(rank),
        )
        Mandate.objects.create(
            body=body,
            person=person,
            constituency=colleges[rank % len(COLLEGES)],
            community=communities[rank % len(COLLEGES)],
            office=Mandate.Office.CHAIR if rank == 0 else Mandate.Office.MEMBER,
            start_on=since,
        )


def _last_name(rank: int) -> str:
    """A family name: simple ones first, then two joined, so that letters tell them apart."""
    again, first = divmod(rank, len(LAST_NAMES))
    if not again:
        return LAST_NAMES[first]
    second = (first + 11 * again) % len(LAST_NAMES)
    return f"{LAST_NAMES[second]}-{LAST_NAMES[first]}"


# --- The delegates ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the server answered to a vote: `ok` when it said that it was received.

    `sent` is the moment it left (`time.perf_counter`), `stamp` that of the sitting once written.
    """

    poll: str
    seat: str
    choice: str
    ok: bool
    status: int
    sent: float
    stamp: int


@dataclass(slots=True)
class Delegate:
    """Somebody with a tablet: opens its link, comes in, votes, sometimes changes his mind.

    `patience` is the longest he waits, in seconds, before he answers what the screen asks.
    """

    base: str
    link: str
    chance: random.Random
    patience: float = 8.0
    told: list[Told] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    voted: set[str] = field(default_factory=set)
    mine: str = ""  # what his tablet shows of his part
    reacting: asyncio.Task[None] | None = None
    page_url: str = ""
    state_url: str = ""

    async def attend(self, session: aiohttp.ClientSession, until: asyncio.Event) -> None:
        """Live the sitting until it ends: listen to the news, answer what is asked. Where the
        server answers once instead of telling, ask each second."""
        for attempt in range(3):
            try:
                await self._open(session)
                break
            except aiohttp.ClientConnectionError:  # a server drops connections that slept
                if attempt == 2:
                    raise
        try:
            await self._listen(session, until)
        finally:
            if self.reacting is not None:
                await self.reacting

    async def _listen(self, session: aiohttp.ClientSession, until: asyncio.Event) -> None:
        mark = ""
        while not until.is_set():
            headers = {"Accept": f"{stream.TYPE.decode()}, application/json", "If-None-Match": mark}
            try:
                async with session.get(
                    self.state_url, headers=headers, read_bufsize=LINE
                ) as answer:
                    if answer.status not in (200, 304):
                        self.errors.append(f"{answer.status} {self.state_url}")
                    async for line in answer.content:
                        news = json.loads(line)
                        mark = news.get("mark") or answer.headers.get("ETag", mark)
                        self._show(session, news.get("regions", {}))
                        if until.is_set():
                            return
            except (aiohttp.ClientError, TimeoutError) as error:
                self.errors.append(f"{type(error).__name__} {error}")
            await _wait(until, 1.0)

    async def _open(self, session: aiohttp.ClientSession) -> None:
        """Open the personal link as a thumb does: look, then press."""
        url = urljoin(self.base, f"/seances/tablette/{self.link}/")
        async with session.get(url) as answer:
            page = await answer.text()
        token = _value(page, "csrfmiddlewaretoken")
        async with session.post(
            url, data={"csrfmiddlewaretoken": token}, headers={"Referer": url}
        ) as answer:
            page = await answer.text()
            self.page_url = str(answer.url)
        self.state_url = urljoin(self.page_url, "etat/")

    def _show(self, session: aiohttp.ClientSession, regions: Mapping[str, str]) -> None:
        """His tablet shows the news as they come, whatever he is doing; he looks at the last."""
        self.mine = regions.get("mine", self.mine)
        if self.reacting is None or self.reacting.done():
            self.reacting = asyncio.create_task(self._react(session))

    async def _react(self, session: aiohttp.ClientSession) -> None:
        if "/arrivee/" in self.mine:
            await asyncio.sleep(self.chance.uniform(0, self.patience))
            if "/arrivee/" in self.mine:
                await self._post(session, "arrivee/", {})
        asked = set(re.findall(r'name="poll" value="(\d+)"', self.mine))
        for poll in asked - self.voted:
            self.voted.add(poll)
            await asyncio.sleep(self.chance.uniform(0, self.patience))
            for seat in dict.fromkeys(re.findall(r'name="seat" value="([\w-]+)"', self.mine)):
                await self.vote(session, poll, seat, is_secret="/urne/" in self.mine)

    async def vote(
        self, session: aiohttp.ClientSession, poll: str, seat: str, *, is_secret: bool
    ) -> None:
        """Vote for one seat; in a public poll, one time in ten, think again."""
        choices = ("pour", "contre", "blanc") if is_secret else ("pour", "contre", "abstention")
        again = not is_secret and self.chance.random() < 0.1
        for _ in range(2 if again else 1):
            choice = self.chance.choices(choices, weights=(8, 1, 1))[0]
            where = "urne/" if is_secret else "vote/"
            data = {"poll": poll, "seat": seat, "choice": choice, "confirmed": "1"}
            sent = time.perf_counter()
            status, stamp = await self._post(session, where, data)
            self.told.append(
                Told(
                    poll=poll,
                    seat=seat,
                    choice="" if is_secret else choice,
                    ok=status == 200,
                    status=status,
                    sent=sent,
                    stamp=stamp,
                )
            )

    async def _post(
        self, session: aiohttp.ClientSession, where: str, data: dict[str, str]
    ) -> tuple[int, int]:
        """The status of the answer, and the stamp of the sitting that it tells."""
        cookies = session.cookie_jar.filter_cookies(yarl.URL(self.page_url))
        token = cookies["csrftoken"].value if "csrftoken" in cookies else ""
        headers = {
            "X-CSRFToken": token,
            "Accept": "application/json",
            "Referer": self.page_url,
        }
        for attempt in range(3):
            try:
                async with session.post(
                    urljoin(self.page_url, where), data=data, headers=headers
                ) as answer:
                    told = await answer.json() if "json" in answer.content_type else {}
                    return answer.status, told.get("stamp", 0)
            except aiohttp.ClientConnectionError as error:
                # A server drops connections that slept; asking again changes nothing.
                if attempt == 2:
                    self.errors.append(f"{type(error).__name__} {where}")
        return 0, 0


async def _wait(until: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(until.wait(), seconds)
    except TimeoutError:
        return


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


async def attend_all(
    base: str, rehearsal: Rehearsal, *, until: asyncio.Event, patience: float, seed: int = 2016
) -> list[Delegate]:
    """All the delegates at once, each with his own device, until the sitting ends."""
    chance = random.Random(seed)  # noqa: S311 the same delegates each time, not a secret
    delegates = [
        Delegate(base, link, random.Random(chance.random()), patience)  # noqa: S311 idem
        for link in rehearsal.tablets
    ]

    async def one(delegate: Delegate) -> None:
        # A jar of cookies each; an address in digits is not a domain for a careful jar.
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            await asyncio.sleep(delegate.chance.uniform(0, min(2.0, patience)))
            await delegate.attend(session, until)

    await asyncio.gather(*(one(delegate) for delegate in delegates))
    return delegates
