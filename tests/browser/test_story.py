"""A syndicate from nothing to an act that anybody reads, by people who have no mouse.

One story, told by the real server, the real mails and the keyboard alone. `Keyboard` also holds
what is asked of every page on the way: the focus is never lost, nor hidden, nor out of reach.
"""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from convening import sending
from demo import tour
from documents import actions as documents
from documents.models import IssuedDocument
from law import french
from meetings.models import Meeting
from members.models import User
from registry.acts import actions as acts
from registry.signatures import actions as signatures
from registry.signatures import pades, reading
from tests import held
from tests.browser import test_answering as answering
from tests.browser.conftest import wait_until_saved
from tests.browser.live import Console
from tests.browser.test_convening import post_office  # noqa: F401 (a fixture)
from tests.browser.test_first_steps import Hand
from tests.cast import make_role
from tests.convening.post_office import PostOffice
from tests.convening.sent import make_sent
from tests.held import AT

PASSWORD = "au clair de la lune"
COMMUNITIES = """Commune d’Ailly ; commune
Commune de Moreuil ; commune
CC des Étangs ; cc"""
DELEGATES = """civ;prénom;nom;courriel;qualité;collège;collectivité;suppléant de;depuis le;fonction
Mme;Alice;Arnaud;alice@brume.example;titulaire;Les communes;Commune d’Ailly;;04/05/2026;présidente
M.;Bruno;Besson;bruno@brume.example;titulaire;Les communes;Commune de Moreuil;;04/05/2026;
Mme;Claire;Caron;claire@brume.example;titulaire;Les EPCI;CC des Étangs;;04/05/2026;
"""
TITLES = ["Budget primitif", "Tarifs de l’eau", "Vœu sur la ligne de train"]


class Keyboard(Hand):
    """Whoever has no mouse, on the way from page to page."""

    def reach(self, what: Locator) -> None:
        """By the tab key: it was not lost where it was, and is seen where it comes."""
        self.page.wait_for_load_state()
        # Asked of whichever page is there: the one before may still be leaving.
        kept = "() => !window.wasHere || document.activeElement !== document.body"
        self.page.wait_for_function(kept)
        super().reach(what)
        expect(what).to_be_in_viewport()

    def act(self, key: str = "Enter") -> None:
        self.page.evaluate("window.wasHere = true")
        self.press(key)

    def open(self, name: str, role: str = "link") -> None:
        """Go to what bears this name, press Enter."""
        self.reach(self.page.get_by_role(role, name=name).first)
        self.act()

    def push(self, name: str) -> None:
        self.open(name, "button")

    def confirm(self, name: str | re.Pattern[str]) -> None:
        """The window that asks before what cannot be taken back."""
        self.page.get_by_role("dialog").wait_for()
        self.reach(self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True))
        self.act()

    def write(self, label: str, text: str) -> None:
        self.reach(self.page.get_by_label(label).first)
        self.press("Control+a")
        self.type(text)

    def date(self, label: str, value: str) -> None:
        """A date or an hour: the order of its digits is that of the reader's browser; ours may
        speak English."""
        field = self.page.get_by_label(label).first
        self.reach(field)
        field.fill(value)

    def type_letters(self, letters: str) -> None:
        """In a list: the option that begins so."""
        self.page.keyboard.type(letters)

    def reads(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for()

    def heads(self, words: str) -> None:
        self.page.get_by_role("heading", name=words).first.wait_for()


@pytest.fixture
def syndicate(transactional_db, settings, own_directory):
    settings.SIGNING_DEVELOPMENT = True
    settings.SIGNING_DIR = own_directory / "certificats"
    settings.SIGNING_ROOTS = own_directory / "autorites"


def letter(office: PostOffice, address: str, subject: str = "Votre compte est ouvert") -> str:
    """The path of the link in a mail to this address, once all have left."""
    with sending.Sender() as sender:
        sender.run()
    mails = zip(office.mails, office.recipients, strict=True)
    found = next(m for m, to in mails if to == address and subject in m["Subject"])
    part = found.get_body(("plain",))
    return urlsplit(re.search(r"http\S+", part.get_content()).group()).path


def test_from_nothing_to_a_published_act(syndicate, post_office, page_of, live_server):  # noqa: F811
    User.objects.create_superuser("racine@brume.example", PASSWORD)
    root = Keyboard(page_of(None))
    root.page.goto("/")
    sign_in(root, "racine@brume.example")
    found(root)
    invite(root)
    zoe = Keyboard(page_of(None))
    zoe.page.goto(letter(post_office, "zoe@brume.example"))
    choose_a_password(zoe)
    sign_in(zoe, "zoe@brume.example")
    prepare(zoe)
    convene(zoe)
    days_pass()
    hold(zoe)
    write(zoe)
    for name, papers in (("alice", 4), ("bruno", 3)):
        signatory = Keyboard(page_of(None))
        signatory.page.goto(letter(post_office, f"{name}@brume.example"))
        choose_a_password(signatory)
        sign_in(signatory, f"{name}@brume.example")
        say_who(signatory)
        give_key(root, name.capitalize())
        sign(signatory, papers)
    publish(zoe)
    read(Keyboard(page_of(None)))


def sign_in(hand: Keyboard, address: str) -> None:
    hand.write("Adresse électronique", address)
    hand.write("Mot de passe", PASSWORD)
    hand.act()


def found(root: Keyboard) -> None:
    """Organisation, communities, body, colleges, delegates."""
    root.reach(root.page.locator("[name=legal_form]").first)
    root.act("Space")
    root.write("Nom", "Val de Brume")
    root.act()
    root.open("Donner les collectivités")
    root.write("Les collectivités membres", COMMUNITIES)
    root.push("Voir ce que cela ferait")
    root.push("Enregistrer 3 collectivités")
    root.open("Créer une instance")
    root.reach(root.page.locator("[name=kind]").first)
    root.act("Space")
    root.write("Collèges et sièges", "Les communes ; 2\nLes EPCI ; 1")
    root.push("Enregistrer l’instance")
    root.open("Importer : Comité syndical")
    with root.page.expect_file_chooser() as asked:
        root.reach(root.page.get_by_label("Fichier"))
        root.act()
    csv = {"name": "delegues.csv", "mimeType": "text/csv", "buffer": DELEGATES.encode()}
    asked.value.set_files(csv)
    root.push("Voir ce qui changerait")
    root.push("Écrire 3 lignes")
    root.reads("3 lignes écrites")


def invite(root: Keyboard) -> None:
    root.open("Inviter qui siège")
    root.reach(root.page.get_by_label("Tous", exact=True))
    root.press("Space")
    root.reach(root.page.locator("summary", has_text="Inviter d’autres personnes"))
    root.press("Enter")
    root.reach(root.page.get_by_label("Une ligne par personne"))
    root.type("Zoé Zola ; zoe@brume.example ; secrétariat")
    root.push("Voir les 4 invitations")
    root.push("Ouvrir 4 comptes")
    root.reads("Courriels en route")


def choose_a_password(hand: Keyboard) -> None:
    hand.write("Nouveau mot de passe", PASSWORD)
    hand.write("Confirmation", PASSWORD)
    hand.act()


def prepare(zoe: Keyboard) -> None:
    """The first sitting, its agenda, what each point says."""
    zoe.open("Nouvelle séance")
    zoe.heads("Nouvelle séance")
    zoe.date("Date", (timezone.localdate() + timedelta(days=10)).isoformat())
    zoe.date("Heure", "18:00")
    zoe.write("Lieu", "en mairie d’Ailly")
    zoe.act()
    for title in TITLES:
        zoe.write("Intitulé", title)
        zoe.act()
        zoe.page.get_by_role("link", name=title).first.wait_for()


def convene(zoe: Keyboard) -> None:
    zoe.open("Convoquer")
    zoe.open("Premier dossier à compléter")
    for title in TITLES:
        zoe.heads(title)
        zoe.page.locator("[contenteditable=true]:focus").wait_for()
        zoe.type("Le rapporteur expose la question.")
        zoe.write("Dispositif", "approuve ce qui précède")
        wait_until_saved(zoe.page)
        if title != TITLES[-1]:
            zoe.open("Dossier suivant")
    zoe.open("Convoquer")
    zoe.push("Convoquer…")
    zoe.confirm(re.compile("^Envoyer à"))
    zoe.reads("0 courriel remis")


def days_pass() -> None:
    """The one thing that no key does."""
    meeting = Meeting.objects.get()
    tour.bring_the_day(tour.Tour(meeting), by=meeting.created_by, at=timezone.localtime())


def hold(zoe: Keyboard) -> None:
    """Roll, votes, closing, at the console."""
    zoe.open("Val de Brume, accueil")
    zoe.open(french.long_date(timezone.localdate(), weekday=True).capitalize())
    zoe.open("Tenir")
    zoe.open("Tenir la séance en direct")
    console = Console(zoe.page, Meeting.objects.get().pk).ready()
    console.type(" p").until(lambda m: len(m["present"]) == 3)
    console.key("Enter", "Enter")
    zoe.page.locator("#dialog-open [name=sure]").wait_for(state="attached")
    zoe.reach(zoe.page.get_by_label("Secrétaire de séance"))
    zoe.type_letters("Bruno")
    console.key("Enter").until(lambda m: m["stage"] == "ouverte")
    console.key("Enter").on_item("p1")
    console.does("claire-caron", "c").voting()
    for item in ("p1", "p2", "p3"):
        if item != "p1":
            console.on_item(item).key("Enter").voting()
        console.key("PageDown").until(lambda m, item=item: item in m["decided"])
    console.key("Enter")
    zoe.page.locator("#dialog-close[open]").wait_for()
    console.key("Enter").until(lambda m: m["stage"] == "levee")


def write(zoe: Keyboard) -> None:
    """Minutes, numbers, extracts, list."""
    zoe.act()  # at the console: Enter, the minutes
    zoe.heads("Procès-verbal")
    zoe.push("Établir")
    zoe.confirm("Établir")
    zoe.reads("Établi")
    zoe.open(f"Comité syndical, {french.long_date(timezone.localdate())}")
    zoe.open("Établir")
    zoe.push("Établir les extraits et la liste")
    zoe.confirm("Établir")
    zoe.push("Faire signer")
    zoe.confirm("Faire signer")


def say_who(delegate: Keyboard) -> None:
    """The account that was opened for somebody becomes hers."""
    delegate.open("Dire si c’est moi")
    delegate.push("C’est moi")
    delegate.reads("Le rattachement est fait")


def give_key(root: Keyboard, name: str) -> None:
    root.open("Administration")
    root.open("Clés de signature")
    chosen = root.page.locator("#id_demonstration_person")
    root.reach(root.page.locator("details", has=chosen).locator("summary"))
    root.press("Enter")
    root.reach(chosen)
    root.type_letters(name)
    root.push("Créer la clé")
    root.reads("clé de démonstration rattachée")


def sign(signatory: Keyboard, papers: int) -> None:
    signatory.open("Signer")
    signatory.push("Signer les documents cochés" if papers > 1 else "Signer")
    signatory.confirm("Signer")
    signatory.reads(f"{papers} documents signés")


def publish(zoe: Keyboard) -> None:
    zoe.open("Publier")
    zoe.push("Publier")
    zoe.confirm("Publier")
    zoe.reads("4 documents en ligne")  # the public does not come before


def read(public: Keyboard) -> None:
    public.page.goto("/actes/")
    public.open(TITLES[0])
    public.heads(TITLES[0])


# --- On a telephone ---------------------------------------------------------------------------

TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture
def minutes(syndicate, cast) -> IssuedDocument:
    """The minutes of June, adopted in July: they await two signatures."""
    held.give_accounts(cast)
    held.give_keys(cast)
    by = cast.secretariat
    issued = documents.issue_minutes(held.hold(cast, held.JUNE, adopted=("Budget",)), by=by, at=AT)
    acts.record_adoptions(held.hold(cast, held.JULY), by=by, at=AT)
    signatures.prepare_signing(issued, by=by, at=AT)
    return issued


def test_a_delegate_answers_gives_a_proxy_and_takes_the_signed_minutes_home(
    minutes, cast, page_of, barriers
):
    for place, person in (("president", cast.alice), ("secretaire-1", cast.bruno)):
        held.sign(minutes, place, person.user)
    sent = make_sent(cast, held_on=timezone.localdate() + timedelta(days=5))
    page = page_of(cast.delegate, **TELEPHONE)
    page.goto(answering.link(sent, "claire"))
    assert barriers(page) == []
    page.get_by_role("button", name="Je ne viens pas").click()
    page.get_by_label("Pouvoir donné à").select_option("denis-duval")
    page.get_by_role("button", name="Donner pouvoir").click()
    page.get_by_role("heading", name="M. Denis DUVAL porte votre pouvoir").wait_for()
    assert barriers(page) == []
    with page.expect_download() as proxy:
        page.get_by_role("link", name="Télécharger le pouvoir à signer").click()
    assert Path(proxy.value.path()).read_bytes().startswith(b"%PDF")
    page.goto("/")
    page.get_by_role("link", name="Mes documents").first.click()
    page.get_by_role("link", name="Procès-verbal").first.click()
    page.get_by_role("heading", name="Procès-verbal").first.wait_for()
    assert barriers(page) == []
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger").first.click()
    given = Path(waiting.value.path()).read_bytes()
    assert pades.signed(given) == ("cachet", "president", "secretaire-1")


def test_a_president_sees_what_awaits_proves_who_she_is_and_signs(
    minutes, cast, page_of, barriers, settings
):
    make_role(cast.alice.user, cast.organisation, "delegue")
    cast.alice.user.set_password(PASSWORD)
    cast.alice.user.save()
    page = page_of(None, **TELEPHONE)
    page.goto("/")
    page.get_by_label("Adresse électronique").fill(cast.alice.user.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name="Signer le procès-verbal").click()
    assert barriers(page) == []
    settings.SECOND_PROOF_MINUTES = -1  # long after
    page.get_by_role("button", name="Signer", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Signer", exact=True).click()
    page.get_by_role("heading", name="Confirmez que c’est vous").wait_for()
    assert barriers(page) == []
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_text("1 document signé").first.wait_for()
    assert barriers(page) == []
    assert pades.signed(reading.current_file(minutes)[0]) == ("cachet", "president")
