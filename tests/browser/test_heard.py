"""A sitting held by ear: at each key, what the screen shows is said.

The ear is the live regions, the active descendant of the field and the element in focus. What the
eye sees is read from the page as it is drawn, not from what the console keeps to speak.
"""

import time

import pytest
from playwright.sync_api import Page, expect

from live.actions import tablets
from live.models import Equipment, Poll
from meetings.actions import items as points
from meetings.models import Meeting
from tests.browser.conftest import PATIENCE
from tests.browser.live import Console
from tests.held import prepare

LISTEN = """() => {
  const said = (node) => (node.textContent || "").replace(/\\s+/g, " ").trim();
  const LIVE = "[role=status], [role=log], [role=alert], [aria-live=polite], [aria-live=assertive]";
  window.heard = [];
  // Behind a window nothing is heard.
  const hear = (text, from) => {
    const dialog = document.querySelector("dialog[open]");
    if (text && (!dialog || dialog.contains(from))) heard.push(text);
  };
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      const region = element?.closest(LIVE);
      for (const node of addedNodes) {
        if (region) continue;
        const alerts = node.nodeType === 1 ? [node, ...node.querySelectorAll("*")] : [];
        for (const each of alerts) if (each.matches("[role=alert]")) hear(said(each), each);
      }
      if (!region) continue;
      if (region.role === "log") for (const node of addedNodes) hear(said(node), region);
      else hear(said(region), region);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""

# What the eye sees, fact by fact.
SEEN = """() => {
  const text = (it) => (it?.textContent || "").replace(/\\s+/g, " ").trim();
  const all = (selector) => [...document.querySelectorAll(selector)]
    .filter((it) => it.checkVisibility());
  const bare = (it) => { const copy = it.cloneNode(true);
    copy.querySelectorAll("kbd, a").forEach((each) => each.remove()); return text(copy); };
  const facts = {};
  const dialog = document.querySelector("dialog[open]");
  if (dialog) {
    facts["la fenêtre"] = text(dialog.querySelector("h2"));
    [...dialog.querySelectorAll(".finding, .invalid-feedback, [data-remaining], [data-total]")]
      .filter((it) => it.checkVisibility()).forEach((it, n) => (facts[`fenêtre ${n}`] = text(it)));
    facts[`le bouton de ${facts["la fenêtre"]}`] = text(dialog.querySelector("[type=submit]"));
    return facts;
  }
  Object.assign(facts, { "la question": text(document.querySelector("#prompt")) });
  facts["trouvé"] = text(document.querySelector("#found"));
  all("#hints .hint").forEach((it, n) => (facts[`touche ${n}`] = bare(it)));
  all("#primary").forEach((it) => (facts["l’action"] = bare(it)));
  for (const [name, selector] of Object.entries({
    "le quorum": ".quorum-sentence", "l’empêchement": ".console-blocked", "le vote": ".voting-mode",
    "l’issue": "[data-said=sentence]", "les réponses": ".voting-answered",
    "la suite": ".now > .sentence", "un fait": ".now-told", "un conseil": ".now-empty p",
    "la réponse": "#told",
  })) all(selector).forEach((it, n) => (facts[`${name} ${n}`] = bare(it)));
  const verdict = document.querySelector(".quorum-verdict").firstChild;
  facts["le verdict"] = text(verdict);
  all(".line").forEach((it, n, lines) => {
    const words = it.querySelector(".line-words");
    facts[`ligne ${words.dataset.line}`] = text(words);
  });
  all("#roll.is-voting .person.has-voice").forEach((it) => {
    if (it.dataset.choice !== "pour") facts[`voix ${it.dataset.name}`] = it.dataset.choice;
  });
  return facts;
}"""
POINTED = """(before) => {
  const text = (it) => it?.getAttribute("aria-label") || (it?.textContent || "");
  const field = document.getElementById("command");
  const active = document.getElementById(field.getAttribute("aria-activedescendant"));
  const focused = document.activeElement;
  const isNew = `${focused.id} ${focused.className}` !== before.focus;
  const of = (name) => (focused.getAttribute(name) || "").split(" ")
    .map((id) => text(document.getElementById(id))).join(" ");
  const read = isNew ? [text(focused), focused.getAttribute("aria-keyshortcuts"),
    ...[...(focused.labels || [])].map(text), of("aria-labelledby"), of("aria-describedby")] : [];
  const at = (id) => text(document.getElementById(id));
  const dialog = focused.closest("dialog");
  const group = focused.closest("fieldset");
  if (isNew && group) read.push(text(group.querySelector("legend")),
    ...[...(group.getAttribute("aria-describedby") || "").split(" ")].map((id) => at(id)));
  if (isNew && dialog) read.push(at(dialog.getAttribute("aria-labelledby")),
    at(dialog.getAttribute("aria-describedby")));
  return {
    focus: `${focused.id} ${focused.className}`,
    said: [text(active), active?.dataset.name, active?.textContent, ...read].join(" "),
  };
}"""
VOTES = {"contre": "contre", "abstention": "s’abstient", "ne_prend_pas_part": "ne prend pas part"}


class Ear(Console):
    """A console whose every key is listened to."""

    def open(self) -> "Ear":
        super().open()
        self.page.evaluate(LISTEN)
        self.seen = self.page.evaluate(SEEN)
        self.all = [self.page.locator("#keys").inner_text()]  # the description of the field
        self.log: list[str] = []
        self.recent: list[str] = []
        self.focus = "command console-input"
        return self

    def key(self, *keys: str) -> "Ear":
        for key in keys:
            super().key(key)
            self.listen()
        return self

    def type(self, text: str) -> "Ear":
        return self.key(*("Space" if char == " " else char for char in text))

    def rest(self) -> "Ear":
        super().rest()
        return self.listen()

    def listen(self) -> "Ear":
        """Wait until all that is seen and was not there before has been said."""
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            now, said = self.page.evaluate(f"() => [({SEEN})(), heard.splice(0)]")
            pointed = self.page.evaluate(POINTED, {"focus": self.focus})
            self.recent += said
            heard = " ".join(" ".join([*self.recent, pointed["said"]]).split())
            unsaid = self.unsaid(now, heard)
            if not unsaid:
                break
            assert time.monotonic() < deadline, f"vu et jamais dit : {unsaid}\n{heard}"
            self.page.wait_for_timeout(20)
        self.focus = pointed["focus"]
        self.log += [*self.recent, *filter(str.strip, [pointed["said"]])]
        self.all += self.recent
        self.recent, self.seen = [], self.seen | now
        return self

    def unsaid(self, now: dict[str, str], heard: str) -> dict[str, str]:
        """What of these facts is new, and was neither heard nor pointed at; no ear hears a
        capital."""
        earlier, heard = " ".join(" ".join(self.all).split()).lower(), heard.lower()
        is_rest = self.page.locator("#command").input_value() == ""
        is_answered = self.page.locator("#told").inner_text() != ""
        missing = {}
        for name, text in now.items():
            if not text or self.seen.get(name) == text:
                continue
            who = name.removeprefix("voix ") if name.startswith("voix") else ""
            words = VOTES.get(text, text) if who else text
            spoken = " ".join(words.split()).rstrip(".").lower()
            if spoken in heard and who.lower() in heard:
                continue
            # The keys of rest were said once, and are not said again until they change.
            if name.startswith(("touche", "l’action")) and is_rest and spoken in earlier:
                continue
            # The button of a window is read when one comes to it, and said when it changes.
            if name.startswith("le bouton") and name not in self.seen:
                continue
            # The answer to the one who acts tells the lines that she wrote.
            if name.startswith("ligne") and is_answered:
                continue
            missing[name] = text
        return missing

    def heard(self, *words: str) -> None:
        """Wait until these words were said since one last asked."""
        deadline = time.monotonic() + PATIENCE / 1000
        while unsaid := [each for each in words if each not in " ".join(self.log)]:
            assert time.monotonic() < deadline, f"{unsaid} : rien de tel dans {self.log}"
            self.page.wait_for_timeout(20)
            self.listen()
        self.log = []


@pytest.fixture
def meeting(transactional_db, cast) -> Meeting:
    meeting = prepare(cast)
    for title, kind in (
        ("Informations", "information"),
        ("Budget primitif", "deliberation"),
        ("Subventions", "deliberation"),
        ("Convention", "deliberation"),
    ):
        points.add_item(meeting, title=title, kind=kind, by=cast.secretariat)
    Equipment.objects.create(meeting=meeting, tablets=True)
    return meeting


@pytest.fixture
def ear(meeting, cast, page_of) -> Ear:
    return Ear(page_of(cast.secretariat), meeting.pk).open()


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def test_a_whole_sitting_by_ear(ear, meeting):
    ear.does("alice-arnaud", "p").in_room("alice-arnaud")
    ear.heard("Alice ARNAUD")
    for key in ("bruno-besson", "claire-caron", "denis-duval"):
        ear.does(key, "p").in_room(key)
    ear.heard("Quorum atteint")
    ear.key("Enter")
    ear.page.locator("#dialog-open[open]").wait_for()
    ear.key("Enter")
    ear.page.locator("#dialog-open [name=sure]").wait_for(state="attached")
    ear.key("Enter").until(lambda m: m["stage"] == "ouverte")
    ear.key("Enter").on_item("p1").key("PageDown").on_item("p2")
    ear.type("besc").voting().told("BESSON")
    ear.key("Escape").key("PageDown").on_item("p3")
    ear.heard("Ouvrir le vote", "contre")

    # Her departure loses the quorum; an arrival gives it back.
    ear.does("denis-duval", "d").gone("denis-duval")
    ear.heard("Quorum non atteint")
    ear.does("denis-duval", "p").in_room("denis-duval")
    ear.heard("Quorum atteint")

    # A withdrawal asks why; a suspension asks its reason.
    ear.type("duvr")
    ear.heard("Motif du déport", "intérêt personnel")
    ear.key("i").told("DUVAL")
    ear.type(" s")
    ear.heard("Motif de la suspension", "noter")
    ear.key("Enter").until(lambda m: m["stage"] == "suspendue")
    ear.key("Enter").until(lambda m: m["stage"] == "ouverte")

    # The roll call says each name.
    ear.type(" o4").key("Enter").on_item("p4")
    ear.type(" d").key("Tab", "Enter")
    ear.heard("Qui demande quel scrutin", "à corriger", "obligatoire")
    assert focused(ear.page) == "members-alice-arnaud"
    ear.key("Space", "Enter")
    ear.told("demand")
    ear.key("Enter").voting()
    ear.heard("ARNAUD ?")
    ear.key("p")
    ear.heard("BESSON ?")
    ear.type("cap").rest()
    ear.key("Enter").voting(still=False)
    ear.heard("adoptée à la majorité", "Lever la séance")
    ear.type(" l").key("Enter").until(lambda m: m["stage"] == "levee")


def test_what_comes_from_elsewhere_is_said(ear, meeting, cast, page_of):
    """A vote from a tablet, an arrival that another secretary notes, a poll that she opens."""
    ear.begin().key("PageDown").on_item("p2")
    other = Console(page_of(cast.secretariat), meeting.pk).open()
    ear.log = []
    other.type("evrd").gone("elsa-evrard")
    ear.gone("elsa-evrard")
    ear.heard("EVRARD quitte")
    other.key("Enter").voting()
    ear.voting()
    ear.heard("Vote à main levée")
    other.type("duvc").told("contre")
    ear.page.locator("#p-denis-duval.votes-contre").wait_for()
    ear.listen().heard("DUVAL : contre")
    other.type(" x").voting(still=False)
    ear.voting(still=False).heard("Le vote n’est plus ouvert")
    # On the tablets: the one who answers is said, and how many have.
    ear.type(" m")
    ear.page.locator("#poll-tablets").check()
    ear.key("Enter").voting()
    tablets.cast(Poll.objects.latest("pk"), voter="claire-caron", choice="abstention")
    ear.heard("CARON : s’abstient", "1 réponse sur 5")


def test_the_menu_is_walked_by_arrows_and_closed_by_escape(ear):
    page = ear.page
    ear.begin().key("PageDown").on_item("p2").key("Space")
    assert focused(page) == "commands"
    ear.heard("Commandes de la séance", "d’une commande à l’autre")
    # Enter presses what was pointed at, and nothing was.
    ear.key("Enter").heard("La lettre d’une commande, ou les flèches")
    names = page.locator("#commands .command").evaluate_all("all => all.map((it) => it.id)")
    keys = "ArrowDown ArrowDown ArrowUp ArrowUp Home End".split()
    for key, at in zip(keys, [0, 1, 0, -1, 0, -1], strict=True):
        assert focused(ear.key(key).page) == names[at], key
    ear.key("Home")
    item = page.get_by_role("menuitem", name="Ordre du jour : aller à…", exact=True)
    assert item.get_attribute("aria-keyshortcuts") == "O"
    ear.key("Escape")
    assert focused(page) == "command"
    assert not page.locator("#commands").is_visible()
    # From its button, Escape goes back to the button; Tab goes on from it.
    page.locator("#menu-button").focus()
    ear.key("Enter", "End", "Escape")
    assert focused(page) == "menu-button"
    # Opened, a letter acts; drawn again by another's act, the menu keeps its place.
    ear.key("Enter", "Home", "Enter")
    ear.heard("Aller au point")


def test_a_letter_votes_in_the_field_alone_and_where_none_may_enter_says_it(ear):
    """WCAG 2.1.4: whoever speaks to the machine, or brushes a key, votes for nobody."""
    page = ear.page
    ear.begin().key("PageDown").on_item("p2").type("bes")
    page.locator("#menu-button").focus()
    ear.key("c")
    page.locator("main").focus()
    ear.key("c").rest()
    assert ear.moment["poll"] is None
    ear.key("Escape").key("Escape")
    # The switch stands among the keys of the console.
    ear.type("?")
    page.get_by_label("Raccourcis d’une seule touche").uncheck()
    ear.key("Escape").type("besc")
    ear.heard("Bruno BESSON : contre ?", "oui")
    assert ear.moment["poll"] is None
    ear.key("Enter").voting().told("contre")
    assert ear.choice("bruno-besson") == "contre"
    # In the menu a letter points, and Enter presses.
    ear.key("Space", "x")
    assert focused(page) == "command-x"
    assert ear.moment["poll"] is not None
    ear.key("Enter").voting(still=False)


def test_what_a_page_brings_or_refuses_is_said(meeting, cast, page_of):
    """A sitting created, an item added, a form refused: the focus on what is wrong."""
    page = page_of(cast.secretariat)
    said = page.locator("#announcer")
    page.goto(f"/seances/nouvelle/?instance={meeting.body_id}")
    page.locator("#id_held_on").fill("")
    page.locator("#id_held_on").press("Enter")
    expect(page.locator("#id_held_on[aria-invalid=true]")).to_be_focused()
    page.locator("#id_held_on").fill("2027-02-02")
    page.locator("#id_held_on").press("Enter")
    expect(said).to_contain_text("La séance est créée")
    title = page.locator("#id_title")
    title.press("Enter")
    expect(page.locator("#id_title[aria-invalid=true]")).to_be_focused()
    assert page.locator("main").count() == 1
    title.fill("Adhésion")
    title.press("Enter")
    expect(said).to_contain_text("Adhésion")
    expect(title).to_be_focused()


def test_the_same_switch_puts_the_keys_of_the_roll_to_sleep(meeting, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto(f"/seances/{meeting.pk}/presences/")
    excused = page.locator("#s-bruno-besson-e")

    def switch(*, on: bool) -> None:
        page.get_by_role("button", name="Raccourcis clavier").click()
        page.get_by_label("Raccourcis d’une seule touche").set_checked(on)
        page.get_by_role("button", name="Fermer").click()
        page.locator("#s-bruno-besson-a").focus()
        page.keyboard.press("e")

    switch(on=False)
    expect(excused).not_to_be_checked()
    switch(on=True)
    expect(excused).to_be_checked()
