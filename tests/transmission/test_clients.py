"""What each service is asked, what it answers, and what is known of an answer that is lost."""

import hashlib
import io
import socket
import ssl
import tarfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from tests.convening.post_office import certificate_for
from tests.transmission import services
from tests.transmission.pastell import Pastell as PastellServer
from tests.transmission.s2low import PDF, STAMP
from tests.transmission.s2low import S2low as S2lowServer
from tests.transmission.services import Said
from transmission.connectors import asking
from transmission.connectors.asking import Declined, Place, Unanswered, Unreachable, Unready
from transmission.connectors.parcels import Kind, Leaf, Paper, Parcel, Stage, latin, told_alike
from transmission.connectors.pastell import Pastell
from transmission.connectors.s2low import S2low

ACT = PDF + b"% acte\n"
PARCEL = Parcel(
    number="2026_014",
    nature=1,
    matter="7.10",
    decided_on=date(2026, 6, 9),
    subject="L’œuvre d’art – 1 000 € : règlement",
    act=Leaf(name="délibération 14.pdf", content=ACT, typology="99_DE"),
    annexes=(
        Leaf(name="plan.pdf", content=PDF + b"% plan\n", typology="99_AU"),
        Leaf(name="vue.png", content=b"\x89PNG", typology="99_AU", media="image/png"),
    ),
)
SHA = hashlib.sha256(ACT).hexdigest()


@pytest.fixture
def s2low():
    with S2lowServer() as server:
        yield server


@pytest.fixture
def pastell():
    with PastellServer() as server:
        yield server


def place(server, **more) -> Place:
    return Place(address=server.address, **more)


def sent(client, parcel: Parcel = PARCEL, begun: str = "") -> list[str]:
    """The names that were kept."""
    kept: list[str] = []
    client.send(parcel, begun=begun, keep=kept.append)
    return kept


# --- One question -----------------------------------------------------------------------------


@contextmanager
def listening(behave):
    """The address of a socket that behaves so with whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                plug, _ = server.accept()
            except OSError:
                return
            with plug:
                behave(plug)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def heard(plug: socket.socket) -> None:
    while (piece := plug.recv(65536)) and b"\r\n\r\n" not in piece:
        pass


def says(*pieces: bytes):
    def behave(plug: socket.socket) -> None:
        heard(plug)
        for piece in pieces:
            plug.sendall(piece)

    return behave


def dribbles(plug: socket.socket) -> None:
    """A header that never ends, a letter at a time: each wait is short, and all of them long."""
    heard(plug)
    plug.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    try:
        while True:
            plug.sendall(b"x")
            threading.Event().wait(0.02)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("behave", "kind"),
    [
        pytest.param(lambda plug: None, Unanswered, id="il raccroche sans rien dire"),
        pytest.param(says(b"HTTP/1.1 200"), Unanswered, id="coupé dans la première ligne"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nOK\n10"),
            Unanswered,
            id="un numéro coupé n’est pas un numéro",
        ),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nOK\n10"),
            Unanswered,
            id="coupé dans un morceau",
        ),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\n\r\nOK\n10"), Unanswered, id="sans dire où elle finit"
        ),
        pytest.param(dribbles, Unanswered, id="une réponse qui goutte"),
        pytest.param(
            lambda plug: plug.recv(1) and plug.recv(9), Unanswered, id="coupé en écoutant"
        ),
    ],
)
def test_an_answer_that_did_not_come_whole_is_none(behave, kind):
    with listening(behave) as address, pytest.raises(kind):
        Place(address=address).get("x", patience=0.5)


def test_what_was_not_reached_has_heard_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(Unreachable, match="personne ne répond"):
        Place(address=address).get("x")
    with pytest.raises(Unreachable, match="certificat de l’organisation ne se lit pas"):
        Place(address="https://127.0.0.1:9", certificate=str(tmp_path / "absent")).get("x")
    with listening(says()) as there, pytest.raises(Unreachable) as refused:
        Place(address=there, authorization="Bearer a\nb").get("x")
    assert "Bearer" not in str(refused.value)


def test_an_answer_has_an_end():
    with (
        listening(says(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x" * 5000)) as address,
        pytest.raises(Unanswered, match="plus de 1000 octets"),
    ):
        Place(address=address).get("x", most=1000)


def test_what_a_service_repeats_of_a_secret_is_not_told(s2low):
    s2low.lies["test_connexion"] = Said("KO\nmot de passe « ouvre-toi » faux".encode())
    asked = S2low(place=place(s2low, secrets=("ouvre-toi",)))
    with pytest.raises(Declined, match="mot de passe « … » faux"):
        asked.greet()
    shown = repr(place(s2low, authorization="Basic b3V2cmU=", secrets=("ouvre-toi",)))
    assert "ouvre" not in shown and "b3V2" not in shown
    assert "acte" not in repr(PARCEL.act)


def test_a_service_that_wants_a_certificate(tmp_path):
    for name in ("service", "client", "other"):
        (tmp_path / name).mkdir()
    service, client, other = (
        certificate_for("127.0.0.1", tmp_path / name) for name in ("service", "client", "other")
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(service)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(client)
    with S2lowServer(tls=context) as server:
        shown = place(server, certificate=str(client), authorities=str(service))
        assert "Val de Brume" in S2low(place=shown).greet()
        assert sent(S2low(place=shown)) == ["1001"]
        for certificate in ("", str(other)):
            with pytest.raises(asking.Failed):
                S2low(place=replace(shown, certificate=certificate)).greet()
        with pytest.raises(Unreachable, match="son certificat n’est pas reconnu"):
            S2low(place=replace(shown, authorities=str(other))).greet()
        assert len(server.acts()) == 1


# --- S²LOW ------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_an_act_as_s2low_takes_it(charset):
    with S2lowServer(charset=charset) as server:
        client = S2low(place=place(server), is_utf8=charset == "utf-8")
        assert sent(client) == ["1001"]
        (act,) = server.acts()
        subject = PARCEL.subject if charset == "utf-8" else latin(PARCEL.subject)
        assert {
            "nature_code": "1",
            "classif1": "7",
            "classif2": "10",
            "number": "2026_014",
            "decision_date": "2026-06-09",
            "subject": subject,
            "document_papier": "0",
            "type_acte": "99_DE",
            "type_pj": "99_AU,99_AU",
        }.items() <= act.told.items()
        assert act.files == [
            ("acte_pdf_file", "d_lib_ration_14.pdf", ACT),
            ("acte_attachments[]", "plan.pdf", PDF + b"% plan\n"),
            ("acte_attachments[]", "vue.png", b"\x89PNG"),
        ]
        stages = [client.standing("1001").stage for _ in range(4)]
        assert stages == [Stage.POSTED, Stage.QUEUED, Stage.SENT, Stage.RECEIVED]
        receipt = client.paper("1001", Paper.RECEIPT)
        assert receipt is not None and "règlement" in receipt.decode(charset)
        assert client.paper("1001", Paper.SLIP) == PDF + b"% bordereau 1001\n"
        assert client.paper("1001", Paper.STAMPED, SHA) == ACT + STAMP


def test_a_stamped_act_that_is_the_sent_one_is_not_stamped(s2low):
    client = S2low(place=place(s2low))
    sent(client)
    s2low.acts()[0].road = [4]
    s2low.lies["unstamped"] = True
    assert client.paper("1001", Paper.STAMPED, SHA) is None
    s2low.lies = {"actes_create_pdf": Said(b"<html>", kind="text/html")}
    assert client.paper("1001", Paper.SLIP) is None
    s2low.lies = {"actes_create_pdf": Said(b"", 302, headers={"Location": "/"})}
    assert client.paper("1001", Paper.SLIP) is None
    s2low.acts()[0].road = [1]
    assert client.paper("1001", Paper.RECEIPT) is None
    with pytest.raises(Declined, match="acquittement"):
        client.paper("1001", Paper.STAMPED, SHA)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"number": "14-b"}, "Le numéro n'est pas correct", id="numéro"),
        pytest.param({"decided_on": date(2999, 1, 1)}, "dans le futur", id="date"),
        pytest.param(
            {"act": replace(PARCEL.act, typology="")}, "typologie absente", id="typologie"
        ),
    ],
)
def test_what_s2low_refuses_is_told_in_its_words(s2low, changes, said):
    with pytest.raises(Declined, match=said):
        sent(S2low(place=place(s2low)), replace(PARCEL, **changes))
    assert s2low.acts() == []


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_number_serves_once(charset):
    with S2lowServer(charset=charset) as server:
        client = S2low(place=place(server), is_utf8=charset == "utf-8")
        sent(client)
        with pytest.raises(Declined, match="même numéro interne existe déjà"):
            sent(client)
        (trace,) = client.find("2026_014")
        assert (trace.remote, trace.is_of(PARCEL)) == ("1001", True)
        for other in ({"decided_on": date(2026, 6, 10)}, {"subject": "Autre"}, {"number": "X1"}):
            assert not trace.is_of(replace(PARCEL, **other))
        assert client.find("2026_015") == ()


def test_it_is_found_wherever_it_is_and_its_cancelling_is_another(s2low):
    client = S2low(place=place(s2low))
    for rank in range(130):
        s2low._new("1", f"A{rank}", [4])
    sent(client)
    for status in (1, 2, 3, 4, -1, 0, 17, 18, 13):
        s2low.acts("2026_014")[0].road = [status]
        assert [trace.remote for trace in client.find("2026_014")] == ["1131"], status
    s2low.acts("2026_014")[0].road = [4]
    client.cancel("1131")
    assert len(client.find("2026_014")) == 1
    assert [trace.remote for trace in client.find("A3")] == ["1004"]  # on the second page


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(Said("KO\nAccès refusé\n".encode()), Declined, id="KO dans un 200"),
        pytest.param(Said("KO\nAccès refusé\n".encode("latin-1")), Declined, id="en Latin-1"),
        pytest.param(
            Said(b"", 302, headers={"Location": "/login.php"}), Unready, id="vers la porte"
        ),
        pytest.param(Said(b"non", 403), Unready, id="403"),
        pytest.param(Said(b"Bad gateway", 502), Unanswered, id="502 : nul ne sait"),
        pytest.param(Said(b"<br/>Fatal error"), Unanswered, id="une page pour réponse"),
        pytest.param(Said(b""), Unanswered, id="rien"),
        pytest.param(Said(b"OK\n"), Unanswered, id="OK sans numéro"),
        pytest.param(Said(b"OK\nmerci\n"), Unanswered, id="OK et pas un numéro"),
    ],
)
def test_only_a_plain_no_is_a_no(s2low, answer, kind):
    s2low.lies["actes_transac_create"] = answer
    with pytest.raises(kind) as raised:
        sent(S2low(place=place(s2low)))
    if b"KO" in answer.body:
        assert str(raised.value) == "Accès refusé"


def test_a_status_that_none_knows_is_not_guessed(s2low):
    client = S2low(place=place(s2low))
    sent(client)
    s2low.acts()[0].road = [-1]
    s2low.acts()[0].error = "L’acte n’est pas lisible".replace("’", "'") + " é"
    told = client.standing("1001")
    assert (told.stage, told.words) == (Stage.REFUSED, "L'acte n'est pas lisible é")
    s2low.acts()[0].road = [99]
    with pytest.raises(Declined, match="état inconnu, 99"):
        client.standing("1001")
    with pytest.raises(Declined, match="invalide"):
        client.standing("7")


def test_cancelling(s2low):
    client = S2low(place=place(s2low))
    sent(client)
    with pytest.raises(Declined, match="Impossible d'annuler"):
        client.cancel("1001")
    s2low.acts()[0].road = [4]
    client.cancel("1001")
    with pytest.raises(Declined, match="déjà en cours"):
        client.cancel("1001")
    stages = [client.standing("1001").stage for _ in range(3)]
    assert stages == [Stage.RECEIVED, Stage.RECEIVED, Stage.CANCELLED]


def test_what_the_prefecture_writes(s2low):
    client = S2low(place=place(s2low))
    sent(client)
    for kind in "2345":
        s2low.writes(kind, s2low.acts()[0])
    letters = [*client.letters(iter(()))]
    assert [letter.kind for letter in letters] == [*Kind]
    assert {letter.about for letter in letters} == {"1001"}
    for letter in letters:
        with tarfile.open(fileobj=io.BytesIO(client.content(letter))) as archive:
            assert archive.getnames() == [f"courrier_{letter.kind.value}.pdf"]
    client.mark_read(letters[0])
    assert [*client.letters(iter(()))] == letters[1:]


@pytest.mark.parametrize(
    "led",
    [
        "https://ailleurs.example/modules/actes/actes_download_file.php?env=1002",
        "//ailleurs.example/modules/actes/actes_download_file.php?env=1002",
        "/connexion-status",
        "actes_download_file.php",
    ],
)
def test_nobody_is_followed_elsewhere(s2low, led):
    client = S2low(place=place(s2low))
    sent(client)
    s2low.writes("2", s2low.acts()[0])
    (letter,) = client.letters(iter(()))
    s2low.lies["led"] = led
    with pytest.raises(Unready):
        client.content(letter)
    assert "actes_download_file.php" not in s2low.paths()


def test_classification_and_door(s2low):
    client = S2low(place=place(s2low, authorization=asking.basic("vb", "secret")))
    assert b"RetourClassification" in client.classification()
    s2low.login = asking.basic("vb", "autre")
    with pytest.raises(Declined, match="authentification"):
        client.greet()
    s2low.lies["door"] = True
    for ask in (client.greet, client.classification, lambda: client.find("A")):
        with pytest.raises(Unready, match="ne reconnaît pas le compte"):
            ask()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("l’été… « œuvre » – 3 €", "l'été... « oeuvre » - 3 euros"),
        ("Łódź", "?ódz"),
        ("漢", "?"),
    ],
)
def test_words_of_an_older_server(text, told):
    assert latin(text) == told
    assert latin(text).encode("latin-1")


def test_words_are_the_same_however_they_were_kept():
    assert told_alike("L’été : « Œuvre »") == told_alike("L'ete: oeuvre") != told_alike("L’hiver")


# --- Pastell ----------------------------------------------------------------------------------


def pastell_of(server, **more) -> Pastell:
    return Pastell(place=place(server, **more), entity="7")


@pytest.mark.parametrize("authorization", [asking.basic("api", "mot"), "Bearer jeton"])
def test_an_act_as_pastell_takes_it(authorization):
    with PastellServer(authorization=authorization) as server:
        client = pastell_of(server, authorization=authorization)
        assert "Val de Brume" in client.greet()
        assert sent(client) == ["aB00000"]
        (document,) = server.sent()
        assert {
            "acte_nature": "1",
            "numero_de_lacte": "2026_014",
            "objet": PARCEL.subject,
            "date_de_lacte": "2026-06-09",
            "classification": "7.10",
            "type_acte": "99_DE",
            "type_pj": ["99_AU", "99_AU"],
            "envoi_tdt": "1",
        }.items() <= document.data.items()
        assert document.files["arrete", 0] == ACT
        assert document.files["autre_document_attache", 1] == b"\x89PNG"
        stages = [client.standing("aB00000").stage for _ in range(3)]
        assert stages == [Stage.POSTED, Stage.SENT, Stage.RECEIVED]
        assert client.paper("aB00000", Paper.RECEIPT) == server.receipt
        assert client.paper("aB00000", Paper.STAMPED, SHA) == ACT + STAMP
        assert client.paper("aB00000", Paper.SLIP) == PDF
        with pytest.raises(Unready, match="ne reconnaît pas le compte"):
            pastell_of(server, authorization="Bearer autre").greet()


def test_a_document_is_taken_up_where_it_was_left(pastell):
    client = pastell_of(pastell)
    (name,) = sent(client)
    assert sent(client, begun=name) == []  # it left: nothing is done
    assert len(pastell.sent()) == 1
    pastell.documents.clear()
    pastell.lies["whole"] = True
    with pytest.raises(Declined, match="incomplet"):
        sent(client)
    pastell.lies.clear()
    (name,) = pastell.documents
    assert sent(client, begun=name) == []
    assert [document.pk for document in pastell.sent()] == [name]


def test_what_pastell_refuses_is_told_in_its_words(pastell):
    client = pastell_of(pastell)
    pastell.lies["tdt"] = "KO : ce numéro est pris"
    with pytest.raises(Declined, match="ce numéro est pris"):
        sent(client)
    (name,) = pastell.documents
    told = client.standing(name)
    assert (told.stage, told.words) == (Stage.REFUSED, "KO : ce numéro est pris")
    pastell.lies = {"busy": 1}
    with pytest.raises(Unready, match="attendre"):
        client.standing(name)
    pastell.lies = {"flux": {}}
    with pytest.raises(Declined, match="actes-generique"):
        client.greet()
    with pytest.raises(Declined, match="introuvable"):
        client.standing("absent")
    assert client.paper(name, Paper.RECEIPT) is None
    with pytest.raises(Declined):
        client.cancel(name)


@pytest.mark.parametrize("lies", [{}, {"old": True}])
def test_it_is_found_by_its_number(pastell, lies):
    client = pastell_of(pastell)
    sent(client)
    sent(client, replace(PARCEL, number="2026_015"))
    pastell.lies |= lies
    (trace,) = client.find("2026_015")
    assert (trace.remote, trace.subject) == ("aB00001", PARCEL.subject)
    assert client.find("2026_016") == ()


def test_a_stage_of_a_site_is_read_by_what_it_holds(pastell):
    client = pastell_of(pastell)
    (name,) = sent(client)
    document = pastell.documents[name]
    document.road, document.action = [], "etape-du-site"
    assert client.standing(name).stage is Stage.QUEUED
    document.data["aractes"] = ["a.xml"]
    assert client.standing(name).stage is Stage.RECEIVED


def test_pastell_cancels_and_brings_letters(pastell):
    client = pastell_of(pastell)
    (name,) = sent(client)
    while client.standing(name).stage is not Stage.RECEIVED:
        pass
    for field in ("lettre_observation", "defere_tribunal_administratif"):
        pastell.writes(field, pastell.documents[name])
    letters = [*client.letters(iter([name]))]
    assert [letter.kind for letter in letters] == [Kind.OBSERVATIONS, Kind.REFERRAL]
    assert client.content(letters[0]) == PDF + b"lettre_observation"
    client.mark_read(letters[0])
    client.cancel(name)
    client.standing(name)
    assert client.standing(name).stage is Stage.CANCELLED


# --- The network, cut at each point -----------------------------------------------------------


@pytest.mark.parametrize("cut", services.CUTS)
def test_whether_the_service_has_it_is_never_told_wrongly(s2low, cut):
    """Of a sending that was cut, nobody says that it did not leave, nor that it did."""
    s2low.fault = lambda rank, path: cut
    with pytest.raises(Unanswered):
        sent(S2low(place=place(s2low)))
    assert len(s2low.acts()) == (cut in (services.AFTER, services.HALFWAY))
