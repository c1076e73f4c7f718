"""An organisation written into one file, for another installation: see `carried` for what goes.

The file is a ZIP: `manifest.json` (what it is, and the SHA-256 of each entry), `rows.jsonl`,
`accounts.jsonl`, `trail.jsonl`, `witness.jsonl`, `files/`. Nothing of it opens a door: neither
password, nor key, nor what an operator is reached by. The rows are one instant of the database.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, Model, Q
from django.utils import timezone

from archive.keeping import anchors, backup, sealing
from archive.keeping.moving import carried, evidence
from convening.models import Convocation, Notice, Recipient
from law import findings
from live.models import Poll
from meetings.models import Meeting
from members import files, private, serving, witness
from members.models import Organisation, Person, Role, User
from members.witness import Witness
from trail import chain
from trail.models import Entry, Trimming

FORMAT = 1
KIND = "organisation"
MANIFEST, FILES = "manifest.json", "files/"
ROWS, ACCOUNTS = "rows.jsonl", "accounts.jsonl"
TRAIL, WITNESS = "trail.jsonl", "witness.jsonl"
SAID = (ROWS, ACCOUNTS, TRAIL)  # at one instant of the base
PARTS = (*SAID, WITNESS)
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was written."""

    size: int
    rows: int
    files: int
    accounts: int


def find(said: str) -> Organisation:
    """The organisation that is called so: its SIREN, its identifier or its name. Raises `Refused`
    where there is none, or more than one."""
    rows = Organisation.objects.filter(is_fleeting=False)
    named = rows.filter(Q(slug=said) | Q(siren=said.replace(" ", "")) | Q(name__iexact=said))
    found = list(named[:2]) if said.strip() else []
    if len(found) == 1:
        return found[0]
    known = ", ".join(rows.order_by("name").values_list("slug", flat=True)[:20])
    told = "en désigne plusieurs" if found else "n’est le nom d’aucune"
    raise findings.refusal(
        "organisation",
        f"«\u00a0{said}\u00a0» {told}.",
        remedy=f"Donnez l’identifiant de l’une d’elles\u00a0: {known or 'il n’y en a aucune'}.",
    )


def leave(path: Path, organisation: Organisation, *, at: datetime, to: Iterable[str] = ()) -> Left:
    """Write this organisation to `path`, which appears only when it is whole, under the seal of
    these keys of age if there are any. What the witness holds is anchored first.

    Raises `Refused` where another machine serves the base, a sitting is being held, somebody writes
    meanwhile, a mail is in somebody's hands, a file is gone or changed, or a row leans on another
    organisation: it would arrive otherwise than it left.
    """
    _refuse_under_way(organisation, at=at)
    serving.refuse_held()
    keys = [sealing.recipient(each) for each in to]
    partial = backup.partial_of(path)
    try:
        with (
            TemporaryDirectory() as scratch,
            private.created(partial) as target,
            sealing.sealed(target, keys) as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive,
        ):
            with transaction.atomic():
                backup.read_one_instant()
                written = _Written(Path(scratch), organisation)
                written.write()
            written.prove(at=at)
            hashes: dict[str, str] = {}
            for name in PARTS:
                with (Path(scratch) / name).open("rb") as source:
                    hashes[name] = backup.add(archive, source, name)
            for name, digest in sorted(written.files.items()):
                hashes[FILES + name] = _add_file(archive, name, digest)
            manifest = written.told() | {
                "kind": KIND,
                "format": FORMAT,
                "made_at": at.isoformat(),
                "from": settings.SITE_URL,
                "version": settings.VERSION,
                "migrations": backup.migrations_applied(),
                "sha256": hashes,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        partial.replace(path)
    except OSError as error:
        raise findings.refusal(
            "depart",
            f"Le fichier ne s’écrit pas\u00a0: {files.in_words(error)}.",
            remedy="Écrivez où le compte du service écrit (BACKUP_DIR), sur un disque qui a de la "
            "place.",
        ) from error
    except evidence.Unproved as error:
        raise findings.refusal("depart", f"Pas maintenant\u00a0: {error}", remedy="") from error
    except files.Away as away:
        raise backup.away_told(away) from away
    finally:
        with suppress(OSError):  # of a folder that one may not enter: why is told
            partial.unlink(missing_ok=True)
    return Left(
        size=path.stat().st_size,
        rows=written.rows,
        files=len(written.files),
        accounts=len(written.accounts),
    )


def _refuse_under_way(organisation: Organisation, *, at: datetime) -> None:
    told = []
    if Poll.objects.filter(meeting__body__organisation=organisation, ended_at=None).exists():
        told.append("un scrutin est ouvert")
    opened = Meeting.every.filter(body__organisation=organisation, stage=Meeting.Stage.OPEN)
    if opened.filter(held_on__gte=timezone.localdate(at) - timedelta(days=1)).exists():
        told.append("une séance se tient")
    roads = ((Recipient, "convocation__meeting"), (Notice, "meeting"))
    for model, road in roads:
        rows = model.objects.filter(**{f"{road}__body__organisation": organisation})
        if rows.filter(state=model.State.HANDING).exists():
            told.append("un courriel est entre les mains du facteur")
            break
    if told:
        raise findings.refusal(
            "depart",
            f"Pas maintenant\u00a0: {', '.join(told)}.",
            remedy="Attendez que ce soit fini.",
        )


def _add_file(archive: zipfile.ZipFile, name: str, kept: str) -> str:
    try:
        with default_storage.open(name) as source:
            found = backup.add(archive, source, FILES + name)
    except FileNotFoundError:
        found = ""
    if not found or (kept and found != kept):
        raise findings.refusal(
            "depart",
            f"{name} {'a changé' if found else 'manque'}\u00a0: rien n’est écrit.",
            remedy="Remettez-le d’une sauvegarde\u00a0: «\u00a0manage.py verify\u00a0» les nomme.",
        )
    return found


class _Written:
    """The parts, as they are written beside."""

    def __init__(self, folder: Path, organisation: Organisation) -> None:
        self.folder, self.organisation = folder, organisation
        self.rows, self.last = 0, dict[str, int]()
        self.files, self.accounts = dict[str, str](), set[int]()
        self._known = dict[str, set[int]]()  # the rows that the witness may know, by table
        self._last = 0  # line of the witness by then

    def write(self) -> None:
        """Those that are read at one instant."""
        for model in carried.carried():
            _refuse_leaning(model, self.organisation)
        self._part(ROWS, self._of_rows())
        self._part(ACCOUNTS, self._of_accounts())
        self._part(TRAIL, self._of_trail())
        self._last = Witness.objects.aggregate(last=Max("pk"))["last"] or 0

    def prove(self, *, at: datetime) -> None:
        """What they are is witnessed and anchored, and that part written last."""
        number = self.organisation.pk
        witness.add(evidence.DEPARTURE, number, evidence.hashes(self.folder, SAID), at=at)
        anchors.anchor(at=at)
        known = self._known | {evidence.DEPARTURE: {number}}
        self._part(WITNESS, evidence.told(known, before=self._last))

    def told(self) -> dict[str, Any]:
        """What the manifest says of it."""
        whose = self.organisation
        named = {"name": whose.name, "slug": whose.slug, "siren": whose.siren, "pk": whose.pk}
        return {"organisation": named, "rows": self.rows, "last": self.last}

    def _part(self, name: str, lines: Iterable[Any]) -> None:
        with (self.folder / name).open("w", encoding="utf-8") as target:
            for line in lines:
                target.write(json.dumps(line, ensure_ascii=False, cls=backup.Exact) + "\n")

    def _of_rows(self) -> Iterator[list[Any]]:
        for model in carried.carried():
            label, fields = model._meta.label_lower, carried.columns(model)
            names, known = [each.attname for each in fields], set[int]()
            number = names.index(model._meta.pk.attname)
            accounts = [names.index(each.attname) for each in carried.to_accounts(model)]
            rows = carried.of(model, self.organisation.pk)
            for values in rows.values_list(*names).iterator(chunk_size=_AT_ONCE):
                self.accounts.update(values[each] for each in accounts if values[each])
                known.add(values[number])
                self.rows += 1
                yield [label, dict(zip(names, values, strict=True))]
            self._known[label] = known
            last = model._base_manager.aggregate(last=Max(model._meta.pk.attname))["last"]
            self.last[label] = last or 0
            for name, kept in backup.files_told_by(rows):
                self.files[name] = kept or self.files.get(name, "")
        for letter in Convocation.objects.filter(
            meeting__body__organisation=self.organisation
        ).values_list("letter", flat=True):
            self.files |= {each["path"]: each["sha256"] for each in letter.get("files", [])}

    def _of_accounts(self) -> Iterator[dict[str, Any]]:
        """Who is named by a row, and whoever opened his account: what asks for two people asks
        whether one opened that of the other."""
        whose = self.organisation
        waiting = set(self.accounts)
        while waiting:
            openers = User.objects.filter(pk__in=waiting).values_list("created_by", flat=True)
            waiting = {each for each in openers if each} - self.accounts
            self.accounts |= waiting
        own = set(Role.objects.filter(organisation=whose).values_list("user", flat=True))
        own |= set(Person.objects.filter(organisation=whose).values_list("user", flat=True))
        for account in User.objects.filter(pk__in=self.accounts).order_by("pk"):
            yield {
                "number": account.pk,
                "email": account.email,
                "first_name": account.first_name,
                "last_name": account.last_name,
                "date_joined": account.date_joined,
                "created_by": account.created_by_id,
                "is_active": account.is_active and account.pk in own,
            }

    def _of_trail(self) -> Iterator[dict[str, Any]]:
        """Its lines, each with the digest of the one before: whose that is, nobody is told."""
        chain.extend()
        own = Entry.objects.filter(organisation=self.organisation.pk).exclude(position=None)
        trimmed = Trimming.objects.last()
        rows = own.order_by("position").iterator(chunk_size=_AT_ONCE)
        while lines := list(islice(rows, _AT_ONCE)):
            before = Entry.objects.filter(position__in=[each.position - 1 for each in lines])
            digests = dict(before.values_list("position", "digest"))
            if trimmed:
                digests.setdefault(trimmed.position, trimmed.digest)
            for entry in lines:
                after = digests.get(entry.position - 1, "")
                yield {"after": after, "digest": entry.digest, "told": list(entry.told())}


def _refuse_leaning(model: type[Model], organisation: Organisation) -> None:
    """A row that leans on what does not go would lean on a stranger's there."""
    for field, row in carried.leaning(model, organisation.pk):
        raise findings.refusal(
            "depart",
            f"{model._meta.verbose_name} n°\u00a0{row.pk} tient à une ligne qui n’est pas de "
            f"«\u00a0{organisation}\u00a0» ({field.verbose_name}).",
            remedy="«\u00a0manage.py verify\u00a0» en dit peut-être plus.",
        )
