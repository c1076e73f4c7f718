"""Every screen, wide, on a telephone and at night: nobody is kept out, nothing sticks out."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.models import Alert, Reading
from archive.online import alerts
from documents import actions as papers
from meetings.actions import items, masking
from members import links
from registry.signatures import actions as signatures
from tests.held import give_accounts, hold, issue_acts, whole
from tests.transmission import made
from transmission.actions import receiving, sending
from transmission.models import Operator
from transmission.operators import signing


def test_nobody_is_kept_out_and_nothing_sticks_out(transactional_db, cast, walked):
    meeting, by = whole(cast), cast.secretariat
    section = items.add_item(meeting, title="Finances", kind="section", by=by)
    items.add_item(meeting, title="Questions diverses", parent=section, by=by)
    issued = papers.issue_minutes(meeting, by=by, at=timezone.now())
    item = meeting.items.get(title="Convention")
    vote, body = item.ballots.get().event.seq, meeting.body_id
    opening = meeting.events.get(kind="opened").seq  # what came after leans on it
    of_sitting = "detail edit delete attendance agenda ledger why".split()
    of_secretary = [
        *("home", "archive:to_do", "meetings:list", "meetings:create", "members:bodies"),
        *(f"accounts:{name}" for name in ("password_change", "mine", "address", "add_application")),
        *((f"meetings:{name}", meeting.pk) for name in of_sitting),
        *((f"meetings:{name}", meeting.pk, item.key) for name in ("item", "edit_item", "why_item")),
        ("meetings:movement", meeting.pk, "proxy_given"),
        ("meetings:why_decision", meeting.pk, vote),
        *(("meetings:void", meeting.pk, seq) for seq in (vote, opening)),
        ("accounts:community", cast.agglo.pk),
        ("documents:preview", meeting.pk),
        ("documents:detail", issued.pk),
        *((f"members:{name}", body) for name in ("composition", "rules", "import")),
        *((f"convening:{name}", body) for name in ("year", "year_send")),
        *((f"registry:{name}", body) for name in ("follow_ups", "delegations")),
        ("registry:item_follow_ups", meeting.pk, item.key),
    ]
    of_site = "accessibility scheme legal contact site_map".split()
    public = ("archive:public_organisation", "opendata:page")
    of_delegate = [
        "home",
        "documents:mine",
        "archive:to_do",
        "registry:to_sign",
        ("meetings:detail", meeting.pk),
    ]
    visits = [
        *((None, name) for name in ("accounts:login", "accounts:password_reset")),
        *((None, f"members:{name}") for name in of_site),
        *((None, (name, cast.organisation.slug)) for name in public),
        *((None, ("guides:guide", name)) for name in ("secretariat", "glossaire")),
        *((cast.delegate, name) for name in of_delegate),
        *((user, "home") for user in (cast.administration, cast.auditor)),
        (cast.administration, "archive:to_do"),
        *((cast.secretariat, name) for name in of_secretary),
    ]
    paths = [
        (user, reverse(name) if isinstance(name, str) else reverse(name[0], args=name[1:]))
        for user, name in visits
    ]
    paths.append((None, f"{reverse('guides:index')}?q=quorum"))
    paths.append((by, f"{reverse('meetings:ledger', args=[meeting.pk])}?liste=gestes"))
    paths.append((by, reverse("recurring:list", args=[body])))
    assert walked(paths) == []


def test_what_the_prefecture_is_told_is_drawn_to_the_same_measure(
    transactional_db, cast, walked, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    meeting, by = made.sitting(cast, "Budget primitif", "Emprunt"), cast.secretariat
    sent, waiting = made.prepared(cast, meeting)
    given = [made.answer(sent), made.answer(sent, "LettreObservations", on=made.RECEIVED)]
    for content in given:
        receiving.take(cast.organisation, [("r.xml", content)], by=by, at=made.LATER)
    sending.abandon(waiting, by=by, at=made.LATER)
    acts = [each.sheet.deliberation_id for each in (sent, waiting)]
    paths = [
        *(reverse(f"transmission:{name}", args=[meeting.pk]) for name in ("sitting", "sheets")),
        *(reverse("transmission:act", args=[act]) for act in acts),
        reverse("transmission:sheet", args=[acts[1]]),
        reverse("transmission:prefecture"),
    ]
    visits = [(by, path) for path in paths]
    visits.append((cast.administration, reverse("transmission:identity")))
    assert walked(visits) == []


def test_acts_on_their_way_are_drawn_to_the_same_measure(
    transactional_db, cast, walked, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    asked, stopped = made.carried(cast, "Budget primitif", "Emprunt")
    acts = [each.transmission.sheet.deliberation_id for each in (asked, stopped)]
    paths = [reverse("transmission:act", args=[act]) for act in acts]
    paths.append(reverse("archive:deposit", args=[asked.meeting.pk]))
    Operator.objects.create(
        organisation=cast.organisation, kind="iparapheur", address="https://p.example.fr"
    )
    give_accounts(cast)
    extract = asked.meeting.documents.filter(kind="extrait").first()
    signatures.prepare_signing(extract, by=cast.secretariat, at=made.LATER)
    folder = signing.send(extract, by=cast.secretariat, at=made.LATER)
    paths.append(reverse("transmission:folder", args=[folder.pk]))
    visits = [(cast.secretariat, path) for path in paths]
    visits += [
        (cast.administration, reverse("opendata:api_keys")),
        (cast.administration, reverse("transmission:operators")),
        (cast.administration, reverse("transmission:operator", args=["s2low"])),
        (cast.administration, reverse("transmission:operator", args=["pastell"])),
    ]
    assert walked(visits) == []


def test_the_administration_is_drawn_to_the_measure_of_the_rest(
    transactional_db, cast, page_of, walked
):
    models = "community body mandate person user role rulebook".split()
    names = ["index", *(f"members_{model}_changelist" for model in models)]
    paths = [reverse(f"admin:{name}") for name in names]
    paths.append(reverse("admin:members_mandate_delete", args=[cast.comite.mandates.first().pk]))
    # Suggestions as one types, tables in a form: Django draws them, we name them.
    forms = [reverse("admin:members_mandate_add")]
    forms.append(reverse("admin:members_body_change", args=[cast.comite.pk]))
    assert walked([(cast.administration, path) for path in paths + forms]) == []
    page = page_of(cast.administration)
    for path in paths:
        page.goto(path)
        begins = page.locator("#content > :not(h1, h2, br)").first.bounding_box()
        assert begins["y"] < 900 / 4, path
    assert page.locator("svg.icon").first.bounding_box()["height"] < 32


def test_a_list_of_suggestions_says_what_it_is_for(transactional_db, cast, page_of, barriers):
    page = page_of(cast.administration)
    page.goto(reverse("admin:members_mandate_add"))
    page.get_by_role("combobox", name="Personne").click()
    page.get_by_role("listbox", name="Personne").wait_for()
    assert barriers(page) == []
    assert page.get_by_label("Depuis le").get_attribute("placeholder") == "jj/mm/aaaa"


def test_a_filter_is_a_menu_that_is_read_whole(transactional_db, cast, page_of, barriers):
    page = page_of(cast.administration)
    page.goto(reverse("admin:members_mandate_changelist"))
    menus = page.locator("#changelist-filter details")
    for menu in menus.all():
        menu.locator("summary").click()
        assert menus.locator("ul:visible").count() == 1
        panel, words = menu.locator("ul").bounding_box(), menu.locator("li a").first
        begins = words.evaluate("""it => {
          const range = document.createRange();
          range.selectNodeContents(it);
          return range.getBoundingClientRect().x;
        }""")
        assert begins >= panel["x"] + 12
    assert barriers(page) == []
    page.keyboard.press("Escape")
    assert menus.locator("ul:visible").count() == 0
    menus.first.locator("summary").click()
    menus.first.get_by_role("link", name=cast.bureau.name).click()
    page.locator("summary", has_text=f"Instance : {cast.bureau}").wait_for()
    assert menus.locator("ul:visible").count() == 0


def test_what_is_wrong_is_said_under_its_field(transactional_db, cast, page_of, barriers):
    page = page_of(cast.administration)
    page.goto(reverse("admin:members_mandate_add"))
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("points à corriger").wait_for()
    fault = page.locator(".field-start_on .errorlist").bounding_box()
    assert fault["y"] > page.get_by_label("Depuis le").bounding_box()["y"]
    labels = [
        page.locator(f".field-{name} label").bounding_box() for name in ("start_on", "end_on")
    ]
    assert abs(labels[0]["y"] - labels[1]["y"]) < 1
    assert barriers(page) == []


def test_the_head_is_where_it_is_on_every_page(transactional_db, cast, page_of):
    page, places = page_of(cast.administration), []
    for name in ("members:bodies", "admin:index", "admin:members_mandate_changelist"):
        page.goto(reverse(name))
        parts = (".mainnav", ".brand", ".help-link", ".account summary")
        boxes = [page.locator(f".masthead {it}").first.bounding_box() for it in parts]
        places.append([(box["y"], box["height"]) for box in boxes])
    assert places[0] == places[1] == places[2]


# What goes past the right edge of the content, which a frame that hides it would not tell.
CUT = """[...document.querySelectorAll("#content *")].filter((it) => it.checkVisibility()
  && it.getBoundingClientRect().right > innerWidth - 8).map((it) => it.id || it.tagName)"""


def test_the_administration_is_kept_from_a_telephone(transactional_db, cast, page_of):
    page = page_of(cast.administration, width=390, height=844)
    for model in "mandate body rulebook user".split():
        page.goto(reverse(f"admin:members_{model}_add"))
        assert page.evaluate(CUT) == [], model
        page.goto(reverse(f"admin:members_{model}_changelist"))
        assert page.evaluate(CUT) == [], model
        assert page.locator("#result_list tbody tr").first.bounding_box()["y"] < 390, model
    # Nor is the name of a college in a table of a form, nor anything printed over another.
    page.goto(reverse("admin:members_body_change", args=[cast.comite.pk]))
    assert page.evaluate(CUT) == []
    opening = page.locator("td.original a").first
    assert opening.evaluate("it => getComputedStyle(it.parentElement).position") == "static"
    page.locator("#constituencies-group summary").click()
    page.locator(".add-row a:visible").first.click()
    name = page.locator(".inline-group .field-name input:visible").first
    assert name.bounding_box()["width"] > 250


def test_what_the_public_will_read_is_drawn_to_the_same_measure(
    transactional_db, cast, walked, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    by, at = cast.secretariat, timezone.now()
    title = "Protection fonctionnelle de Mme Martinet, 12 rue du Bois, 80300 Albert"
    meeting = hold(cast, date(2026, 9, 8), adopted=(title, "Tarifs"), approves=False)
    issue_acts(meeting, by=by, at=at)
    masking.decide(meeting, "12 rue du Bois, 80300 Albert", is_masked=True, by=by, at=at)
    extract = meeting.documents.filter(kind="extrait").first()
    online = publishing.publish(extract, by=by, at=at)
    for found in ("conforme", "absent"):
        Reading.objects.create(publication=online, at=timezone.now(), found=found)
    publishing.post(
        extract, manner="urgence", on=timezone.localdate(at), who="Anne Roux", by=by, at=at
    )
    waiting = meeting.documents.filter(kind="extrait").last()
    paths = [
        *(
            reverse(f"archive:{name}", args=[meeting.pk])
            for name in ("publish_sitting", "public_reading")
        ),
        *(reverse("archive:publication", args=[each.pk]) for each in (extract, waiting)),
    ]
    slug = cast.organisation.slug
    listed = reverse("archive:public_organisation", args=[slug])
    alerts.ask(cast.organisation, "a@b.fr", bodies=(), matters=(), site="", at=at)
    link = links.drawn(alerts.PAGE, Alert.objects.get().seed)
    public = [
        online.get_absolute_url(),
        f"{listed}?q=protection",
        *(reverse(f"archive:{name}", args=[slug]) for name in ("ask_alert", "public_embed")),
        reverse("archive:alert", args=[link]),
        reverse("members:personal_data"),
    ]
    visits = [*((by, path) for path in paths), *((None, path) for path in public)]
    assert walked(visits) == []
