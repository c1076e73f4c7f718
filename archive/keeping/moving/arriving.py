"""An organisation received from another installation (`leaving`): whole, or not at all.

Nothing in the file is believed. Each row must say what its last line of the witness said there,
each such line climb to the roots of the anchors, each ledger follow its chain, each row belong to
the one organisation that arrives. Here they are rows like others: witnessed, anchored and sealed
anew; what proved them there is kept under the `Arrival`. Nothing that waited to leave leaves.
"""

import gzip
import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, models, transaction
from django.utils.dateparse import parse_datetime

from archive.desk import calls
from archive.keeping import backup, sealing
from archive.keeping.moving import carried, evidence, leaving
from archive.models import Alert, Arrival, SigningCall
from archive.online import alerts
from archive.personal.letting_go import GONE
from convening.models import Notice, Posted, Recipient, Reminder
from law import codec, findings
from law.addresses import lowered
from meetings.models import SittingEvent
from members import addresses, files, links, private, witness
from members.archives import DAMAGED
from members.models import Organisation, User
from members.witness import Witness, Witnessed
from trail import chain
from trail.models import Act, Entry
from trail.recording import note
from transmission.models import Errand, Operator

_AT_ONCE = 200
_MOST = 2**31  # what the narrowest of the numbers holds
_SET_ASIDE = "attendait quand l’organisation a changé d’installation\u00a0: rien n’en repart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What came, and what somebody has still to do."""

    arrival: Arrival
    files: int
    opened: tuple[str, ...]  # accounts that have no password yet
    found: tuple[str, ...]  # accounts that were here already
    doubts: tuple[str, ...]  # authorities that stamped there and are not believed here


def arrive(path: Path, *, at: datetime, identity: Path | None = None) -> Arrived:
    """Receive what `leaving.leave` wrote. Raises `Refused` when the file is damaged, incomplete,
    was altered, was made by another version, or the organisation is here already; nothing is then
    written."""
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        try:
            opened = sealing.unsealed(path, identity, scratch / "organisation.zip")
            with zipfile.ZipFile(opened) as archive:
                manifest = _checked(archive)
                for name in leaving.PARTS:
                    with archive.open(name) as entry, private.created(scratch / name) as target:
                        shutil.copyfileobj(entry, target)
                with closing(sqlite3.connect(scratch / "derniers.sqlite3")) as last:
                    return _Arriving(archive, manifest, scratch, last, at).receive()
        except files.Away as away:
            raise backup.away_told(away) from away
        except evidence.Unproved as error:
            raise _refusal(f"Ce fichier a été altéré\u00a0: {error}") from error
        except OSError as error:
            told = files.in_words(error)
            raise _refusal(
                f"Le fichier ne se lit pas, ou ne s’écrit pas ici\u00a0: {told}.",
                "Vérifiez le chemin, les droits et la place sur le disque.",
            ) from error
        except DatabaseError as error:
            said = str(error).splitlines()[0][:200]
            raise _refusal(f"La base n’en veut pas\u00a0: {said}") from error
        except (AttributeError, TypeError, ValidationError, *DAMAGED) as error:
            raise _refusal("Ce fichier est abîmé, ou n’est pas d’une organisation.") from error


_AGAIN = "Rien n’a été écrit\u00a0: exportez-la de nouveau."


def _refusal(message: str, remedy: str = _AGAIN) -> findings.Refused:
    return findings.refusal("arrivee", message, remedy=remedy)


def _checked(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest of a file that is whole, safe and of this version."""
    manifest = json.loads(archive.read(leaving.MANIFEST))
    if manifest.get("kind") != leaving.KIND:
        raise _refusal(
            "Ce fichier n’est pas celui d’une organisation.",
            "Une sauvegarde se restaure\u00a0: manage.py restore.",
        )
    if (manifest["format"], manifest["migrations"]) != (
        leaving.FORMAT,
        backup.migrations_applied(),
    ):
        raise _refusal(
            f"Ce fichier a été fait par une autre version ({manifest.get('version')}).",
            "Mettez les deux installations à la même version, puis exportez de nouveau.",
        )
    hashes = manifest["sha256"]
    present = {info.filename for info in archive.infolist()} - {leaving.MANIFEST}
    if len(archive.infolist()) != len(present) + 1 or present != set(hashes):
        raise _refusal("Il manque des fichiers dans cet export, ou il y en a de trop.")
    for name, expected in hashes.items():
        if name not in leaving.PARTS:
            backup.inner_name(name)
        with archive.open(name) as entry:
            if hashlib.file_digest(entry, "sha256").hexdigest() != expected:
                raise _refusal(f"«\u00a0{name}\u00a0» est abîmé dans cet export.")
    return dict(manifest)


class _Arriving:
    """One arrival: what is known of it so far."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        manifest: dict[str, Any],
        scratch: Path,
        last: sqlite3.Connection,
        at: datetime,
    ) -> None:
        self.archive, self.manifest, self.scratch, self.at = archive, manifest, scratch, at
        self.last = last
        self.proof = evidence.Reader()
        self.models = {model._meta.label_lower: model for model in carried.carried()}
        self.numbers: dict[str, list[int]] = {label: [] for label in self.models}
        self.heads: dict[int, tuple[str, str]] = {}  # of each ledger, there and here
        self.spoken: set[str] = set()
        self.opened: list[str] = []
        self.found: list[str] = []

    def receive(self) -> Arrived:
        """All of it, in one transaction."""
        told = self.manifest["organisation"]
        here = Organisation.objects.filter(slug=told["slug"])
        if told["siren"]:
            here |= Organisation.objects.filter(siren=told["siren"])
        if (found := here.first()) is not None:
            raise _refusal(
                f"«\u00a0{found}\u00a0» est déjà ici, sous le même identifiant ou le même SIREN.",
                "On ne reçoit pas deux fois la même organisation.",
            )
        kept = self._proved()
        with files.all_or_nothing():
            self.shift = _shift(self.models.values())
            names = [each for each in self.manifest["sha256"] if each.startswith(leaving.FILES)]
            renamed = self._placed([backup.inner_name(each) for each in names], told["slug"])
            self.to = carried.Renumber(self.shift, self._accounts(), renamed)
            self._rows()
            organisation = self._whose()
            if self.spoken != {each.removeprefix(leaving.FILES) for each in names}:
                raise _refusal("Ses fichiers ne sont pas ceux dont ses lignes parlent.")
            self._bump()
            for label, numbers in self.numbers.items():
                if issubclass(self.models[label], Witnessed):
                    witness.note(self.models[label], numbers)
            self._trail(organisation)
            for name in names:
                inner = self.to.file(backup.inner_name(name))
                files.written(inner)
                with self.archive.open(name) as entry:
                    files.place().lay(inner, entry)
            arrival = self._arrival(organisation, kept)  # after: no file of hers has its name
            connection.check_constraints()
            note(
                Act.KEEPING,
                f"organisation reçue de {arrival.origin or 'une autre installation'}\u00a0: "
                f"{arrival.rows} lignes, {len(names)} fichiers, ce qui précède est d’alors",
                organisation=organisation,
            )
        return Arrived(
            arrival=arrival,
            files=len(names),
            opened=tuple(self.opened),
            found=tuple(self.found),
            doubts=tuple(sorted(self.proof.doubts)),
        )

    # --- What proves ---

    def _proved(self) -> Path:
        """The lines of the witness, read and kept; the last on each row is at hand."""
        kept = self.scratch / "constats.jsonl.gz"
        self.last.execute("CREATE TABLE last (t TEXT, r INTEGER, said TEXT, PRIMARY KEY (t, r))")
        source = (self.scratch / leaving.WITNESS).open(encoding="utf-8")
        with source, gzip.open(kept, "wt", encoding="utf-8") as target:

            def each() -> Iterator[str]:
                for text in source:
                    target.write(text)
                    yield text

            self.last.executemany(
                "INSERT OR REPLACE INTO last VALUES (?, ?, ?)",
                (
                    (line.table, line.row, json.dumps(_kept(line)))
                    for line in self.proof.read(each())
                ),
            )
        number = self.manifest["organisation"]["pk"]
        said = evidence.hashes(self.scratch, leaving.SAID)
        if not self._tells(evidence.DEPARTURE, number, said):
            raise evidence.Unproved("ce n’est pas ce qui fut constaté au départ.")
        return kept

    def _refuse_unproved(self, model: type[Witnessed], row: int, said: dict[str, Any]) -> None:
        """A row must say what its last line says."""
        facts = {name: witness.plain(said[name]) for name in witness.legal_fields(model)}
        if not self._tells(model._meta.label_lower, row, facts):
            where = f"{model._meta.verbose_name} n°\u00a0{row}"
            raise evidence.Unproved(f"{where} n’est pas ce qui fut constaté.")

    def _tells(self, table: str, row: int, facts: dict[str, Any]) -> bool:
        found = self.last.execute("SELECT said FROM last WHERE t = ? AND r = ?", (table, row))
        if (kept := found.fetchone()) is None:
            return False
        at, salt, leaf, is_gone = json.loads(kept[0])
        line = Witness(table=table, row=row, at=parse_datetime(at), salt=salt, leaf=leaf)
        return not is_gone and line.tells(facts)

    # --- Accounts ---

    def _accounts(self) -> dict[int, int]:
        """The number here of each account there: whoever has its address, or a new one that has no
        password."""
        numbers: dict[int, int] = {}
        made: list[tuple[User, int | None]] = []
        for said in self._part(leaving.ACCOUNTS):
            email = lowered(said["email"])
            is_gone = email.endswith(f"@{GONE}")
            here = None if is_gone else User.objects.filter(email=email).first()
            if here is None:
                if not is_gone:
                    addresses.validate(email)
                here = User(
                    email=f"arrive-{links.new()[:12].lower()}@{GONE}" if is_gone else email,
                    first_name=str(said["first_name"])[:150],
                    last_name=str(said["last_name"])[:150],
                    date_joined=parse_datetime(said["date_joined"]),
                    is_active=said["is_active"] is True,
                )
                here.set_unusable_password()
                here.save()
                if is_gone:
                    User.objects.filter(pk=here.pk).update(email=f"compte-{here.pk}@{GONE}")
                made.append((here, said["created_by"]))
                if here.is_active:
                    self.opened.append(email)
            else:
                self.found.append(email)
            numbers[said["number"]] = here.pk
        for account, opener in made:
            if opener in numbers:
                User.objects.filter(pk=account.pk).update(created_by=numbers[opener])
        return numbers

    # --- Rows ---

    def _rows(self) -> None:
        waiting: list[models.Model] = []
        for label, said in self._part(leaving.ROWS):
            model = self.models[label]
            told = _parsed(model, said)
            number = told[model._meta.pk.attname]
            for field in carried.to_accounts(model):
                if told[field.attname] is not None and told[field.attname] not in self.to.accounts:
                    raise _refusal(f"{label} n°\u00a0{number} parle d’un compte qui n’y est pas.")
            for field in carried.files_of(model):
                self.spoken |= {told[field.attname]} - {"", None}
            if issubclass(model, Witnessed):
                self._refuse_unproved(model, number, told)
            row = self.to.row(model, told)
            if model is SittingEvent:
                self._chained(told, row)
            if model._meta.label_lower == "convening.convocation":
                self.spoken |= {each["path"] for each in told["letter"].get("files", [])}
            _quieten(model, row, at=self.at)
            if waiting and (type(waiting[0]) is not model or len(waiting) == _AT_ONCE):
                _insert(waiting)
                waiting = []
            waiting.append(model(**row))
            self.numbers[label].append(row[model._meta.pk.attname])
        if waiting:
            _insert(waiting)

    def _chained(self, told: Mapping[str, Any], row: dict[str, Any]) -> None:
        """The chain of a ledger is followed as it was, and made again over the numbers of here: the
        same, hash for hash, where no number changed."""
        meeting = told["meeting_id"]
        there, here = self.heads.get(meeting, ("", ""))
        if told["previous_hash"] != there or told["sha256"] != _hash(told, there):
            raise evidence.Unproved(
                f"le registre de la séance n°\u00a0{meeting} se rompt au rang {told['seq']}."
            )
        row["previous_hash"], row["sha256"] = here, _hash(row, here)
        self.heads[meeting] = told["sha256"], row["sha256"]

    def _whose(self) -> Organisation:
        """The one organisation that arrived: each row is its own, and leans on nobody else's."""
        try:
            (number,) = self.numbers["members.organisation"]
        except ValueError:
            raise _refusal("Cet export n’est pas d’une organisation et d’une seule.") from None
        for label, model in self.models.items():
            leans = any(True for _ in carried.leaning(model, number))
            if leans or carried.of(model, number).count() != len(self.numbers[label]):
                raise _refusal(f"Des lignes ({label}) ne sont pas de cette organisation.")
        organisation = Organisation.objects.get(pk=number)
        if organisation.is_fleeting or organisation.slug != self.manifest["organisation"]["slug"]:
            raise _refusal("L’organisation de cet export n’est pas celle qu’il dit.")
        return organisation

    def _bump(self) -> None:
        """Numbers go on after those that were ever given there: what tells of a row that is gone
        leads to no other."""
        with connection.cursor() as cursor:
            for label, model in self.models.items():
                field = model._meta.pk
                last = self.manifest["last"].get(label, 0)
                if not isinstance(field, models.AutoField | models.BigAutoField) or not last:
                    continue
                if type(last) is not int or not 0 < last < _MOST - self.shift:
                    raise ValueError(label)
                last += self.shift
                if connection.vendor == "sqlite":
                    table = model._meta.db_table
                    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
                    if (found := cursor.fetchone()) is None:
                        cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, last])
                    elif found[0] < last:
                        cursor.execute(
                            "UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, table]
                        )
                else:
                    table, column = model._meta.db_table, field.column
                    cursor.execute(
                        "SELECT setval(pg_get_serial_sequence(%s, %s), GREATEST(%s, "
                        "nextval(pg_get_serial_sequence(%s, %s))))",
                        [table, column, last, table, column],
                    )

    # --- Files, trail ---

    def _placed(self, names: list[str], slug: str) -> dict[str, str]:
        """The names that files take here, where theirs is taken."""
        renamed: dict[str, str] = {}
        if next(iter(files.place().walk()), None) is None:
            return renamed
        for name in names:
            place = carried.place_of(name, self.shift)
            if not default_storage.exists(place):
                continue
            if not name.startswith("logos/"):
                raise _refusal(f"{place} est déjà ici.", "Rien n’a été écrit.")
            renamed[name] = f"logos/{slug}-{links.new()[:8]}-{name.removeprefix('logos/')}"
        return renamed

    def _arrival(self, organisation: Organisation, kept: Path) -> Arrival:
        with kept.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            return Arrival.objects.create(
                organisation=organisation,
                origin=str(self.manifest.get("from") or "")[:250],
                left_at=parse_datetime(self.manifest["made_at"]),
                at=self.at,
                shift=self.shift,
                rows=sum(map(len, self.numbers.values())),
                lines=self.proof.lines,
                stamped_at=self.proof.stamped_at,
                file=File(source, f"constats-{self.at:%Y-%m-%d}.jsonl.gz"),
                sha256=digest,
            )

    def _trail(self, organisation: Organisation) -> None:
        """Its lines go on in the trail of here, each at its hour; the chain is that of here."""
        waiting: list[Entry] = []
        for said in self._part(leaving.TRAIL):
            if chain.digest_of(said["after"], said["told"]) != said["digest"]:
                raise evidence.Unproved("une ligne de son journal n’est plus ce qu’elle était.")
            _, at, act, account, who, whose, origin, what = said["told"]
            if whose != self.manifest["organisation"]["pk"] or act not in Act.values:
                raise evidence.Unproved("une ligne de son journal n’est pas d’elle.")
            waiting.append(
                Entry(
                    at=parse_datetime(at),
                    act=act,
                    account=self.to.accounts.get(account),
                    who=who,
                    organisation=organisation.pk,
                    origin=origin,
                    what=what,
                )
            )
            if len(waiting) == _AT_ONCE:
                Entry.objects.bulk_create(waiting)
                waiting = []
        Entry.objects.bulk_create(waiting)
        transaction.on_commit(chain.extend, robust=True)

    def _part(self, name: str) -> Iterator[Any]:
        with (self.scratch / name).open(encoding="utf-8") as source:
            for text in source:
                yield json.loads(text)


def _kept(line: Witness) -> tuple[str, str, str, bool]:
    return line.at.isoformat(), line.salt, line.leaf, line.is_gone


def _hash(line: Mapping[str, Any], before: str) -> str:
    return codec.chain(
        before,
        line["seq"],
        line["kind"],
        line["payload"],
        line["recorded_at"].isoformat(),
        str(line["recorded_by_id"] or ""),
    )


def _parsed(model: type[models.Model], said: dict[str, Any]) -> dict[str, Any]:
    """What a row says, as its columns read it."""
    fields = carried.columns(model)
    if said.keys() != {each.attname for each in fields}:
        raise ValueError(model._meta.label_lower)
    return {each.attname: _value(each, said[each.attname]) for each in fields}


def _value(field: models.Field, said: Any) -> Any:
    if isinstance(field, models.ForeignKey | models.AutoField | models.BigAutoField):
        if said is not None and type(said) is not int:
            raise ValueError(field.name)
        return said
    return said if isinstance(field, models.JSONField) else field.to_python(said)


def _insert(rows: list[models.Model]) -> None:
    models.QuerySet(type(rows[0])).bulk_create(rows)


def _shift(arriving: Any) -> int:
    """By how much their numbers are raised: by nothing where nobody lives, nor ever did."""
    highest = 0
    tables = [model._meta.label_lower for model in arriving]
    known = Witness.objects.filter(table__in=tables)
    for model in arriving:
        last = model._base_manager.aggregate(last=models.Max(model._meta.pk.attname))["last"]
        highest = max(highest, last or 0)
    highest = max(highest, known.aggregate(last=models.Max("row"))["last"] or 0)
    return -(-highest // carried.ROUND) * carried.ROUND


# --- Nothing leaves from here -----------------------------------------------------------------


def _quieten(model: type[models.Model], row: dict[str, Any], *, at: datetime) -> None:
    """What waited to leave is told as it stood, and does not leave: who knows whether it did."""
    if model in (Recipient, Notice):
        if row["state"] in (Posted.State.QUEUED, Posted.State.HANDING):
            row |= {"state": Posted.State.KEPT, "reply": _SET_ASIDE, "is_uncertain": True}
        row |= {"taken_by": "", "lease_until": None}
    elif model is Reminder:
        row["done_at"] = row["done_at"] or at
    elif model is Operator:
        row["is_active"] = False  # its secrets are not here; somebody gives them, and says so
    elif model is Errand:
        row |= {"taken_by": "", "lease_until": None}
    elif model is Alert:
        row["token_hash"] = links.hash_of(links.drawn(alerts.PAGE, row["seed"]))
        row["told_until"] = at if row["told_until"] else None
    elif model is SigningCall:
        row["token_hash"] = links.hash_of(links.drawn(calls.STOP, row["seed"]))
