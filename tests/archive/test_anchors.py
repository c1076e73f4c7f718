"""Anchors: the root of every fact, stamped and held elsewhere, betrays who writes it all again."""

import hashlib
import html
import io
import json
import random
import signal
import subprocess
import time
from base64 import b64decode, b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.keeping import anchors, integrity, merkle, trails
from archive.models import Anchor
from documents.models import IssuedDocument
from law.findings import Refused
from meetings.actions import items
from meetings.models import AgendaItem
from members import witness
from members.witness import Witness
from registry.signatures import keys, pades, stamps
from registry.signatures.authority import Authority
from registry.signatures.pades import Judgement
from tests.archive.test_facts import in_the_back
from tests.held import AT
from tests.processes import start
from tests.words import unsaid
from trail import chain
from trail.models import Act, Entry

pytestmark = [pytest.mark.django_db, pytest.mark.proof]

NOW = timezone.now


@pytest.fixture(autouse=True)
def file(settings, tmp_path) -> Path:
    """Where the anchors of the test are written, as a second place would hold them."""
    settings.ANCHOR_FILE = tmp_path / "ailleurs.jsonl"
    return settings.ANCHOR_FILE


def told(file: Path | None = None) -> list[str]:
    return [str(fault) for fault in integrity.faults(integrity.Walk(anchors=file))]


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


# --- The tree ---------------------------------------------------------------------------------

# The leaves and the roots with which the logs of RFC 6962 are proved.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
LEAVES += ("606162636465666768696a6b6c6d6e6f",)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
HASHED = [hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).hexdigest() for leaf in LEAVES]


@pytest.mark.parametrize("size", range(9))
def test_the_tree_is_that_of_rfc_6962(size):
    tree = merkle.Tree()
    for leaf in HASHED[:size]:
        tree.add(leaf)
    assert (tree.size, tree.root) == (size, ROOTS[size])
    for index in range(size):
        steps = merkle.path(HASHED[:size], index)
        assert merkle.climb(HASHED[index], steps) == tree.root
        assert merkle.climb(HASHED[index - 1], steps) != tree.root or size == 1
    with pytest.raises(IndexError):
        merkle.path(HASHED[:size], size)


# --- What an anchor tells ---------------------------------------------------------------------


@pytest.mark.database
def test_an_anchor_is_stamped_written_and_nothing_is_told(signed, file):
    made = anchors.anchor(at=NOW())
    assert (made.number, made.size, made.trouble) == (1, Witness.objects.count(), "")
    stamp = stamps.read(b64decode(made.token), bytes.fromhex(made.root), keys.trust())
    assert (stamp.judgement, stamp.authority) == (Judgement.DEVELOPMENT, "Horodatage")
    assert abs(stamp.at - NOW()) < timedelta(minutes=5)
    assert lines(file) == [anchors.line_of(made)]
    items.add_item(signed.meeting.body.meetings.last(), title="Tarifs", by=None)
    again = anchors.anchor(at=NOW())
    assert again.previous_root == made.root and again.size > made.size
    assert told() == told(file) == []
    out = io.StringIO()
    call_command("verify", anchors=file, stdout=out)
    assert unsaid(out.getvalue(), "Tout est comme au premier jour") == []
    assert "À savoir" not in out.getvalue()


def test_openssl_reads_the_token(signed, tmp_path):
    made = anchors.anchor(at=NOW())
    (tmp_path / "root").write_bytes(bytes.fromhex(made.root))
    (tmp_path / "token").write_bytes(b64decode(made.token))
    root = x509.load_der_x509_certificate(keys.authority().root)
    (tmp_path / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    asked = ["openssl", "ts", "-verify", "-digest", made.root, "-token_in"]
    asked += ["-in", str(tmp_path / "token"), "-CAfile", str(tmp_path / "ca.pem")]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 our own
    assert "Verification: OK" in said.stdout + said.stderr


def test_the_way_from_an_act_to_its_anchor(signed, cast, file):
    assert anchors.path_of(signed) is None  # before any
    first = anchors.anchor(at=NOW())
    publication = publishing.publish(signed, by=cast.secretariat, at=AT + timedelta(days=1))
    assert anchors.path_of(publication) is None
    second = anchors.anchor(at=NOW())
    for row, anchor in ((signed, first), (signed.signatures.last(), first), (publication, second)):
        way = anchors.path_of(row)
        assert way.anchor == anchor and way.leaf == merkle_leaf(way.text)
        assert merkle.climb(way.leaf, way.steps) == anchor.root
        assert anchor.root == lines(file)[anchor.number - 1]["root"]
        facts = json.loads(way.text)["facts"]
        assert facts[("pdf_" if row == signed else "") + "sha256"] in (
            getattr(row, "pdf_sha256", ""),
            row.sha256,
        )
        json.dumps(way.as_json())  # as a proof file keeps it
    with in_the_back(IssuedDocument) as cursor:
        cursor.execute("UPDATE documents_issueddocument SET title = 'Autre'")
        with pytest.raises(Refused, match="n’est plus ce qui a été constaté"):
            anchors.path_of(signed)


def merkle_leaf(text: str) -> str:
    return hashlib.sha256(b"\x00" + text.encode()).hexdigest()


# --- Who recomputes ---------------------------------------------------------------------------


def recompute_everything() -> None:
    """The administrator writes the witness again from the rows as he wants them, anchors them and
    has the authority of the house stamp them."""
    Witness.objects.all().delete()
    for model in witness.watched():
        witness.note(model, model._base_manager.order_by("pk").values_list("pk", flat=True))
    Anchor.objects.all().delete()


def test_a_base_recomputed_wholly_is_betrayed_by_the_file_held_elsewhere(signed, file, tmp_path):
    anchors.anchor(at=NOW())
    held = tmp_path / "tenu-par-la-prefecture.jsonl"
    held.write_bytes(file.read_bytes())
    first = lines(held)[0]
    with in_the_back(AgendaItem) as cursor:
        cursor.execute("UPDATE meetings_agendaitem SET title = 'Autre' WHERE title = 'Budget'")
        assert told()  # as long as he does no more
        recompute_everything()
        file.unlink()
        anchors.anchor(at=NOW())
        assert told() == told(file) == []  # everything agrees with itself
        hour, fault = told(held)
    assert "dans la base, il se donne une autre heure" in hour
    assert "ancrage n° 1" in fault and held.name in fault
    assert "ne sont plus ceux qui ont été ancrés" in fault and "depuis le premier jour" in fault
    assert lines(file)[0]["root"] != first["root"]


@pytest.mark.database
@pytest.mark.parametrize("what", ["changed", "erased", "added"])
def test_a_line_of_the_witness_that_is_anchored_is_guarded_by_the_base_itself(signed, what):
    anchors.anchor(at=NOW())
    items.add_item(signed.meeting.body.meetings.last(), title="Tarifs", by=None)
    anchors.anchor(at=NOW())
    line = Witness.objects.filter(batch=2).first()
    with in_the_back(Witness) as cursor:
        if what == "changed":
            sql = "UPDATE members_witness SET leaf = %s WHERE id = %s"
            cursor.execute(sql, ["0" * 64, line.pk])
        elif what == "erased":
            cursor.execute("DELETE FROM members_witness WHERE id = %s", [line.pk])
        else:
            cursor.execute(
                "INSERT INTO members_witness "
                '(id, "table", "row", at, salt, leaf, marks, place, is_gone, seal, batch) '
                'SELECT id + 7000, "table", "row", at, salt, leaf, marks, place, is_gone, seal, '
                "batch FROM members_witness WHERE id = %s",
                [line.pk],
            )
        said = "\n".join(told())
    assert "ancrage n° 2" in said and "écrits depuis l’ancrage n° 1" in said


@pytest.mark.parametrize(("cut", "said"), [(False, "ont été récrites"), (True, "il s’arrête")])
def test_a_trail_whose_chain_was_made_again_is_told(signed, cut, said):
    Entry.objects.create(act=Act.values[0])
    Entry.objects.create(act=Act.values[0])
    anchors.anchor(at=NOW())
    assert told() == []
    with in_the_back(Entry) as cursor:
        last = Entry.objects.order_by("-position").first()
        if cut:
            cursor.execute("DELETE FROM trail_entry WHERE id = %s", [last.pk])
        else:
            cursor.execute("UPDATE trail_entry SET who = 'autre' WHERE id = %s", [last.pk])
            cursor.execute("UPDATE trail_entry SET position = NULL WHERE id = %s", [last.pk])
            chain.extend()
        assert list(chain.faults()) == []  # by itself it sees nothing
        assert said in "".join(told())


@pytest.mark.database
def test_a_line_of_the_trail_that_nobody_can_hash_stops_no_anchor(signed):
    """Slipped in by whoever has the base: the acts are anchored all the same, and it is told."""
    Entry.objects.create(act=Act.values[0], what="vraie")
    slipped = Entry.objects.create(act=Act.values[0], what="glissée")
    with in_the_back(Entry) as cursor:
        never = "0044-03-15 BC" if connection.vendor == "postgresql" else "x"
        cursor.execute("UPDATE trail_entry SET at = %s WHERE id = %s", [never, slipped.pk])
        made = anchors.take(at=NOW())
        assert not Witness.objects.filter(batch=None).exists() and made.size
        assert Entry.objects.get(what="vraie").position
        words = "1 ligne sans rang, illisible\u00a0: l’application n’écrit rien de tel."
        assert words in list(chain.faults())


@pytest.mark.database
def test_an_act_is_anchored_though_the_trail_cannot_be(signed, monkeypatch):
    def fail(**kwargs) -> None:
        raise ValueError

    monkeypatch.setattr(trails, "note_head", fail)
    anchors.take(at=NOW())
    assert not Witness.objects.filter(batch=None).exists()


def test_acts_that_wait_for_an_anchor_are_told_where_the_server_anchors(signed, settings):
    later = NOW() + timedelta(minutes=11)
    assert not any("actes attendent" in each for each in anchors.missing(at=later))
    settings.ANCHOR_WORKER = True
    assert any("actes attendent leur ancrage" in each for each in anchors.missing(at=later))
    anchors.take(at=NOW())
    assert not any("actes attendent" in each for each in anchors.missing(at=later))


@pytest.mark.parametrize(
    ("token", "what"), [("", "n’est plus dans la base"), ("AAAA", "n’est pas celui de la base")]
)
def test_a_time_stamp_that_only_the_file_held_elsewhere_has_is_told(signed, file, token, what):
    anchors.anchor(at=NOW())
    anchors.anchor(at=NOW())
    with in_the_back(Anchor):
        Anchor.objects.filter(number=1).update(token=token)
        assert any(f"son horodatage {what}" in each for each in told(file))


# The base says so by itself, or only beside the file that somebody else holds.
def _other_root(line: dict) -> None:
    line["root"] = "0" * 64


def _other_token(line: dict) -> None:
    line["token"] = stamped_elsewhere()


def stamped_elsewhere() -> str:
    return b64encode(stamps.ask(keys.clock(), bytes(32))).decode()


FORGERIES = {
    "une racine": (_other_root, "ne sont plus ceux qui ont été ancrés"),
    "un horodatage d’une autre racine": (_other_token, "n’est pas celui de cette racine"),
    "un horodatage qui n’en est pas un": (
        lambda line: line.update(token="AAAA"),
        "n’est pas celui de cette racine",
    ),
    "un nombre de constats": (
        lambda line: line.update(size=line["size"] - 1),
        "ne sont plus ceux qui ont été ancrés",
    ),
    "ce qui précède": (
        lambda line: line.update(previous="0" * 64),
        "il ne suit pas l’ancrage n° 1",
    ),
    "un numéro": (lambda line: line.update(number=9), "la base ne connaît pas cet ancrage"),
    "une heure": (
        lambda line: line.update(at=(NOW() - timedelta(days=2)).isoformat()),
        "dans la base, il se donne une autre heure",
    ),
    "une heure sans fuseau": (
        lambda line: line.update(at="2026-01-01T00:00:00"),
        "ligne 2 : elle ne se lit pas",
    ),
    "un champ retiré": (lambda line: line.pop("size"), "ligne 2 : elle ne se lit pas"),
}


@pytest.mark.parametrize(("forge", "said"), FORGERIES.values(), ids=FORGERIES)
def test_a_forged_line_of_the_file_is_told(signed, file, forge, said):
    anchors.anchor(at=NOW())
    anchors.anchor(at=NOW())
    first, second = lines(file)
    forge(second)
    file.write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n")
    assert said in "\n".join(told(file)).replace("\u00a0", " ")


def test_the_file_is_judged_only_when_it_is_handed_over(signed, file):
    anchors.anchor(at=NOW())
    anchors.anchor(at=NOW())
    first, _ = lines(file)
    written = [first]
    for forge, _ in FORGERIES.values():
        _, second = lines(file)
        forge(second)
        written.append(second)
    file.write_text("".join(f"{json.dumps(line)}\n" for line in written))
    assert told() == [] != told(file)


# --- Who stamps it himself ----------------------------------------------------------------------


def _of_his_own(found: Anchor, place: Path) -> None:
    clock = pades.development_clock(Authority(place / "la-sienne"))
    found.token = b64encode(stamps.ask(clock, bytes.fromhex(found.root))).decode()


def _of_another_hour(found: Anchor, place: Path) -> None:
    found.at -= timedelta(days=2)


HIS_OWN = {
    "une autorité à lui": (_of_his_own, "n’est pas de celles que l’on croit ici"),
    "une heure à lui": (_of_another_hour, "qui n’est pas l’heure qu’il se donne"),
    "une heure d’avant la précédente": (_of_another_hour, "il se dit d’avant l’ancrage"),
    "rien d’un jeton": (lambda found, place: setattr(found, "token", "é"), "ne se lit pas"),
}


@pytest.mark.parametrize(("forge", "said"), HIS_OWN.values(), ids=HIS_OWN)
def test_the_hour_and_the_authority_of_an_anchor_are_judged(signed, file, tmp_path, forge, said):
    anchors.anchor(at=NOW())
    anchors.anchor(at=NOW())
    second = Anchor.objects.last()
    forge(second, tmp_path)
    second.save()
    assert said in "\n".join(told())


def test_what_is_anchored_of_the_past_is_told(signed, file):
    """Whoever makes it all again has no token of that day."""
    anchors.anchor(at=NOW() - timedelta(days=30))
    assert "qui n’est pas l’heure qu’il se donne" in "\n".join(told())


def test_an_authority_that_doubts_is_told_once(signed, file, tmp_path):
    for _ in range(2):
        made = anchors.anchor(at=NOW())
        _of_his_own(made, tmp_path)
        made.save()
    assert len([fault for fault in told() if "SIGNING_ROOTS" in fault]) == 1


def test_the_demonstration_proves_no_hour_where_an_authority_was_chosen(signed, file, settings):
    anchors.anchor(at=NOW())
    settings.ANCHOR_TIMESTAMP_URL = "http://127.0.0.1:9/"
    assert "que ce serveur tient lui-même" in "\n".join(told())


def test_a_file_that_cannot_be_read_is_refused_in_words(signed, tmp_path):
    for file in (tmp_path / "absent", tmp_path):
        with pytest.raises(CommandError, match="ne se lit pas"):
            call_command("verify", anchors=file, stdout=io.StringIO(), stderr=io.StringIO())


# --- What is missing never blocks -------------------------------------------------------------


def test_an_authority_that_does_not_answer_blocks_nothing_and_is_asked_again(
    signed, cast, file, settings
):
    settings.ANCHOR_TIMESTAMP_URL = "http://127.0.0.1:9/"
    publishing.publish(signed, by=cast.secretariat, at=AT + timedelta(days=1))
    at = NOW()
    made = anchors.anchor(at=at)
    assert made.token == "" and "pas d’horodatage" in made.trouble
    assert lines(file)[0]["token"] == ""  # the root is told all the same
    assert told(file) == []
    assert unsaid("\n".join(anchors.missing(at=at)), "ancrage n° 1", "pas d’horodatage") == []
    settings.ANCHOR_TIMESTAMP_URL = ""
    anchors.attend(at=at + timedelta(minutes=1))  # not so soon
    assert not Anchor.objects.get().token
    anchors.attend(at=at + timedelta(minutes=11))
    assert Anchor.objects.get().token
    assert [bool(line["token"]) for line in lines(file)] == [False, True]
    assert told(file) == [] and list(anchors.missing(at=at)) == []


def test_an_anchor_whose_hour_is_past_is_covered_by_another(signed, file, settings):
    """A token proves the hour of its anchor, or it is not asked for."""
    settings.ANCHOR_TIMESTAMP_URL = "http://127.0.0.1:9/"
    at = NOW() - timedelta(hours=30)
    anchors.anchor(at=at)
    anchors.attend(at=at + timedelta(minutes=59))
    assert Anchor.objects.count() == 1  # still asked
    settings.ANCHOR_TIMESTAMP_URL = ""
    anchors.attend(at=NOW())
    first, second = Anchor.objects.order_by("number")
    assert second.token and not first.token
    (words,) = anchors.missing(at=NOW())
    assert unsaid(words, "ancrage n° 1", "sans horodatage", "par l’ancrage n° 2") == []
    anchors.attend(at=NOW() + timedelta(hours=2))
    assert Anchor.objects.count() == 2 and not Anchor.objects.filter(written_at=None).exists()


def test_without_any_authority_the_root_is_written_and_it_is_told(signed, file, settings):
    settings.SIGNING_DEVELOPMENT = False
    made = anchors.anchor(at=NOW())
    assert "aucune autorité d’horodatage n’est réglée" in made.trouble
    assert lines(file)[0]["root"] == made.root
    anchors.attend(at=NOW() + timedelta(hours=2))
    assert len(lines(file)) == 1


def test_a_file_that_cannot_be_written_is_told_and_written_later(signed, file):
    file.mkdir()
    made = anchors.anchor(at=NOW())
    assert made.token and "fichier non écrit" in made.trouble
    file.rmdir()
    anchors.attend(at=NOW() + timedelta(hours=1))
    assert [line["number"] for line in lines(file)] == [1]
    assert Anchor.objects.get().trouble == ""


def test_each_of_several_hosts_writes_in_its_file_what_the_others_anchored(
    signed, file, settings, tmp_path
):
    settings.SERVICE_MARK = "plusieurs hôtes"
    first = anchors.anchor(at=timezone.now())
    settings.ANCHOR_FILE = tmp_path / "autre hôte.jsonl"
    second = anchors.anchor(at=timezone.now())
    assert [line["number"] for line in lines(file)] == [first.number]
    assert lines(settings.ANCHOR_FILE)[0] == lines(file)[0]
    assert [line["number"] for line in lines(settings.ANCHOR_FILE)] == [first.number, second.number]


def test_a_line_that_was_cut_is_followed_by_the_whole_of_it(signed, file):
    anchors.anchor(at=NOW())
    whole = file.read_text()
    file.write_text(whole[:100])  # the server died, and had not noted that it wrote
    assert told(file) == []
    Anchor.objects.update(written_at=None)
    anchors.settle(at=NOW(), patience=timedelta())
    assert file.read_text() == f"{whole[:100]}\n{whole}"
    anchors.anchor(at=NOW())
    assert told(file) == []


def test_what_is_issued_is_anchored_at_once_and_the_rest_within_the_day(signed, cast):
    at = NOW()
    assert anchors.is_due(at=at)  # minutes were issued and signed
    anchors.attend(at=at)
    assert Anchor.objects.count() == 1 and not anchors.is_due(at=at)
    items.add_item(signed.meeting.body.meetings.last(), title="Tarifs", by=cast.secretariat)
    assert not anchors.is_due(at=at)
    assert anchors.is_due(at=NOW() + timedelta(days=1))
    assert list(anchors.missing(at=NOW())) == []
    (words,) = anchors.missing(at=NOW() + timedelta(hours=26))
    assert "ne sont dans aucun ancrage" in words and "manage.py anchor" in words


@pytest.mark.database
def test_two_servers_take_a_root_once(signed):
    anchors.take(at=NOW())
    with pytest.raises(IntegrityError), transaction.atomic():
        Anchor.objects.create(number=1, size=0, root="0" * 64)


def test_the_command_says_what_it_did(signed, settings):
    out, err = io.StringIO(), io.StringIO()
    call_command("anchor", stdout=out, stderr=err)
    assert Anchor.objects.get().root in out.getvalue() and err.getvalue() == ""
    settings.SIGNING_DEVELOPMENT = False
    call_command("anchor", stdout=out, stderr=err)
    assert "aucune autorité" in err.getvalue()


def test_the_administration_reads_the_last_anchor_and_what_is_missing(signed, cast, client_of):
    def page() -> str:
        text = client_of(cast.administration).get(reverse("admin:index")).content.decode()
        return " ".join(html.unescape(text).replace("\u00a0", " ").split())

    assert "Rien n’est encore ancré" in page()
    anchors.anchor(at=NOW())
    assert "qu’une autorité a horodatée, et qu’un autre lieu garde aussi" in page()
    Anchor.objects.update(trouble="pas d’horodatage : le réseau est coupé")
    assert "le réseau est coupé" in page()


# --- Killed -----------------------------------------------------------------------------------

ANCHOR = """
import django
django.setup()
from django.utils import timezone
from archive.keeping import anchors
while True:
    anchors.anchor(at=timezone.now())
"""


@pytest.mark.database
@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_server_killed_while_it_anchors_leaves_a_truthful_state(signed, file):
    chance = random.Random(20261127)  # noqa: S311 not a secret
    for _ in range(8):
        before = Anchor.objects.count()
        server = start("-c", ANCHOR, ANCHOR_FILE=str(file), SIGNING_DEVELOPMENT="1")
        deadline = time.monotonic() + 60
        while Anchor.objects.count() <= before and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.random() / 20)
        server.send_signal(signal.SIGKILL)
        assert server.wait() == -signal.SIGKILL
        assert told() == []
        assert not file.exists() or told(file) == []
    anchors.anchor(at=NOW())
    assert Anchor.objects.last().token  # it covers those that have none
    assert {line["number"] for line in lines(file)} == set(range(1, Anchor.objects.count() + 1))
    assert told(file) == []
