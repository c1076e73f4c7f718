"""What the software of an organisation reads with a key: what is described, of it and no other,
nothing that is masked, so often."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from jsonschema import Draft202012Validator

from archive import actions as publishing
from archive.models import AnnexChoice
from archive.online import publications
from convening.models import Recipient
from documents import actions as documents
from law.findings import Refused
from meetings.actions import masking
from members.models import Organisation
from opendata.api import described, keys
from opendata.models import ApiKey
from tests import held
from tests.cast import change
from tests.convening import desk
from tests.held import AT
from tests.opendata.conftest import LATER
from trail.models import Entry

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def key(cast):
    return keys.make(cast.organisation, name="GED", by=cast.administration, at=timezone.now())


@pytest.fixture
def ask(key):
    """`ask("/actes", status=200)`: what is answered, held to its description."""

    def asked(path: str, status: int = 200, secret: str | None = None, **query):
        shown = f"Bearer {secret or key[1]}"
        answer = Client().get(f"{ROOT}{path}", query, headers={"authorization": shown})
        assert answer.status_code == status, answer.content
        if answer.headers["content-type"] == "application/json":
            check("Erreur" if status != 200 else described.PATHS[_pattern(path)][2], answer.json())
            return answer.json()
        return answer

    return asked


def _pattern(path: str) -> str:
    return "/".join("{id}" if part.isdigit() else part for part in path.split("/"))


def check(name: str, told) -> None:
    whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": described.SCHEMAS}}
    faults = [error.message for error in Draft202012Validator(whole).iter_errors(told)]
    assert faults == []


def test_each_answer_is_as_it_is_described(online, ask):
    assert ask("/organisation")["nom"] == "Val de Brume"
    listed = ask("/seances")
    assert listed["total"] == 2 and len(listed["donnees"]) == 2
    whole = [ask(f"/seances/{each['id']}") for each in listed["donnees"]]
    assert any(each["points"] and each["documents"] for each in whole)
    acts = ask("/actes")
    assert acts["total"] == len(acts["donnees"]) > 0
    for each in acts["donnees"]:
        assert ask(f"/actes/{each['id']}") == each
        assert each["document"]["adresse_publique"].startswith("http://testserver/actes/")
    paper = acts["donnees"][0]["document"]["id"]
    answer = ask(f"/documents/{paper}/fichier")
    assert b"".join(answer).startswith(b"%PDF-")
    assert "par la clé d’API GED" in Entry.objects.latest("pk").what
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_description_is_one_and_names_every_address():
    told = Client().get(f"{ROOT}/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for name, schema in told["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema["description"], name
    names = {
        "/organisation": ("opendata:api_organisation", ()),
        "/seances": ("opendata:api_sittings", ()),
        "/seances/{id}": ("opendata:api_sitting", (7,)),
        "/actes": ("opendata:api_acts", ()),
        "/actes/{id}": ("opendata:api_act", (7,)),
        "/documents/{id}/fichier": ("opendata:api_file", (7,)),
    }
    assert told["paths"].keys() == names.keys()
    for path, (name, args) in names.items():
        assert reverse(name, args=args) == f"{ROOT}{path.replace('{id}', '7')}"


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("", id="aucune"),
        pytest.param("Bearer sg_inconnue", id="inconnue"),
        pytest.param("Bearer ", id="vide"),
        pytest.param("Basic c2c6eA==", id="un mot de passe"),
        pytest.param("Bearer sg_" + "a" * 5000, id="démesurée"),
        pytest.param("Bearer sg_\x00", id="un caractère nul"),
    ],
)
def test_without_a_living_key_nothing_is_told(online, shown):
    for path in ("/organisation", "/seances", "/actes", "/actes/1", "/documents/1/fichier"):
        answer = Client().get(f"{ROOT}{path}", headers={"authorization": shown})
        assert answer.status_code == 401
        check("Erreur", answer.json())
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_key_of_another_organisation_reads_nothing_of_this_one(online, ask, cast, sat):
    _, theirs = keys.make(
        cast.other_organisation, name="GED", by=cast.other_administration, at=timezone.now()
    )
    assert ask("/actes", secret=theirs)["donnees"] == []
    assert ask("/seances", secret=theirs)["donnees"] == []
    act = sat.deliberations.first()
    ask(f"/actes/{act.pk}", 404, secret=theirs)
    ask(f"/seances/{sat.pk}", 404, secret=theirs)
    for document in sat.documents.all():
        ask(f"/documents/{document.pk}/fichier", 404, secret=theirs)


def test_a_key_is_shown_once_kept_as_a_hash_and_revoked(client_of, cast, ask):
    office = client_of(cast.administration)
    page = reverse("opendata:api_keys")
    text = office.post(page, {"name": "Parapheur"}).content.decode()
    made = ApiKey.objects.get(name="Parapheur")
    secret = text.partition("<code>sg_")[2].partition("</code>")[0]
    secret = f"sg_{secret}"
    assert keys.find(secret, at=timezone.now()) == made
    assert secret not in office.get(page).content.decode()
    assert secret not in str(ApiKey.objects.values()) and made.token_hash not in text
    assert ask("/organisation", secret=secret)["nom"]
    assert office.post(reverse("opendata:revoke_api_key", args=[made.pk])).status_code == 302
    ask("/organisation", 401, secret=secret)
    told = [entry.what for entry in Entry.objects.filter(what__contains="clé d’API")]
    made_so, ended = sorted(what for what in told if "Parapheur" in what)
    assert made_so.startswith("clé d’API faite") and ended.startswith("clé d’API révoquée")
    assert not any(secret in what for what in told)


def test_what_is_masked_is_nowhere(online, ask, cast, sat, monkeypatch):
    title = sat.items.get(title="Budget").title
    for publication in list(publications.online(cast.organisation)):
        publishing.withdraw(publication, reason="Essai", by=cast.secretariat, at=LATER)
    AnnexChoice.objects.update(is_public=False)
    masking.decide(sat, title, is_masked=True, by=cast.secretariat, at=LATER)
    told = [ask("/actes"), ask("/seances"), ask(f"/seances/{sat.pk}")]
    assert not any(title in str(each) for each in told)
    extract = sat.documents.get(subject=sat.items.get(title="Budget").key)
    words = ask(f"/documents/{extract.pk}/fichier", 403)["erreur"]
    assert "pas en ligne" in words
    online = publishing.publish(extract, by=cast.secretariat, at=LATER + timedelta(1))
    assert online.is_redacted
    content = b"".join(ask(f"/documents/{extract.pk}/fichier"))
    with online.file.open() as file:
        assert content == file.read()


def test_a_number_of_ones_own_words_is_masked_as_the_title_is(online, ask, cast, sat):
    sat.items.filter(title="Budget").update(label="Martinet")
    masking.decide(sat, "Martinet", is_masked=True, by=cast.secretariat, at=LATER)
    told = ask(f"/seances/{sat.pk}")
    assert "[…]" in [each["numero"] for each in told["points"]]
    assert "Martinet" not in str(told)


def test_a_file_is_given_while_the_public_reads_it_and_no_longer(online, ask, cast, sat):
    paper = online[0].document
    ask(f"/documents/{paper.pk}/fichier")
    publishing.withdraw(online[0], reason="Un nom y figure", by=cast.secretariat, at=LATER)
    assert "pas en ligne" in ask(f"/documents/{paper.pk}/fichier", 403)["erreur"]
    minutes = documents.issue_minutes(sat, by=cast.secretariat, at=LATER)
    assert "pas en ligne" in ask(f"/documents/{minutes.pk}/fichier", 403)["erreur"]


def test_what_is_only_prepared_is_not_told(ask, cast):
    meeting = held.prepare(cast, "Un point que nul ne connaît")
    assert meeting.convened_on is None
    assert ask("/seances")["donnees"] == []
    ask(f"/seances/{meeting.pk}", 404)


def test_a_convocation_that_was_handed_over_to_nobody_convened_nobody(ask, cast):
    meeting = desk.convened(cast).meeting
    for state, told in (("garde", None), ("ailleurs", "2026-06-01")):
        Recipient.objects.update(state=state, sent_at=desk.NOW if told else None)
        assert ask(f"/seances/{meeting.pk}")["convoquee_le"] == told


def test_so_many_questions_a_minute_and_no_more(ask, monkeypatch):
    monkeypatch.setattr(keys, "A_MINUTE", 3)
    at = timezone.now().replace(second=1)
    monkeypatch.setattr(timezone, "now", lambda: at)
    for _ in range(3):
        ask("/organisation")
    assert "une minute" in ask("/organisation", 429)["erreur"]
    monkeypatch.setattr(timezone, "now", lambda: at + timedelta(minutes=1))
    ask("/organisation")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({"page": "0"}, 400, id="la page zéro"),
        pytest.param({"page": "x"}, 400, id="des lettres"),
        pytest.param({"page": "9" * 40}, 400, id="trop de chiffres"),
        pytest.param({"page": "999"}, 404, id="après la dernière"),
        pytest.param({"depuis": "2026-13-01"}, 400, id="un mois de trop"),
        pytest.param({"depuis": "hier"}, 400, id="un mot"),
        pytest.param({"depuis": "2026-06-09\0"}, 400, id="un caractère nul"),
        pytest.param({"autre": "%00'\"<script>"}, 200, id="ce que nul ne demande"),
    ],
)
@pytest.mark.parametrize("path", ["/seances", "/actes"])
def test_what_makes_no_sense_is_refused_in_words(online, ask, path, query, status):
    ask(path, status, **query)


def test_nothing_is_written_by_it(key):
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(Client(), method)(
            f"{ROOT}/actes", headers={"authorization": f"Bearer {key[1]}"}
        )
        assert answer.status_code == 405
    assert Client().get(f"{ROOT}/rien").status_code == 404


def test_no_key_without_a_name_nor_for_what_is_played(cast):
    told = {"by": cast.administration, "at": AT}
    with pytest.raises(Refused, match="à quel logiciel"):
        keys.make(cast.organisation, name=" \0", **told)
    change(cast.organisation, is_fleeting=True)
    with pytest.raises(Refused, match="fictive"):
        keys.make(Organisation.objects.get(pk=cast.organisation.pk), name="GED", **told)
