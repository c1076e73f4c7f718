"""Accounts, and who they let in."""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.html import format_html, format_html_join

from accounts import actions, deciding, forms, letters, sessions, standing
from accounts.admin.acts import ActsOnAccounts
from accounts.admin.linking import AGREEMENT, ask_link, called
from law import french
from law.findings import Refused
from members import access, fleeting
from members.admin.cards import ScopedInline, ScopedModelAdmin
from members.asked import row_number
from members.models import Mandate, Person, Role, User, spelled
from members.templatetags.french import moment


class RolesFormSet(BaseInlineFormSet):
    """What an account may do, which is said in the words of the house."""

    default_error_messages = BaseInlineFormSet.default_error_messages | {
        "too_few_forms": "Donnez au moins un rôle."
    }

    def full_clean(self) -> None:
        """A role that is missing is one thing to mend, not its row besides."""
        super().full_clean()
        if any(each.code == "too_few_forms" for each in self._non_form_errors.as_data()):
            for errors in self._errors:
                errors.pop("kind", None)


class RoleInline(ScopedInline):
    """The roles of an account."""

    model = Role
    formset = RolesFormSet
    fields = ["organisation", "kind"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Those of who watches one are taken by two: the account is closed first."""
        guarded = obj is not None and deciding.is_guarded_from(obj, request.user)
        return super().has_change_permission(request, obj) and not guarded

    has_delete_permission = has_change_permission

    def get_formset(self, request: HttpRequest, obj=None, **kwargs):
        """A new account needs a role here, or nobody here would find it again."""
        if not request.user.is_superuser and obj is None:
            kwargs["min_num"], kwargs["validate_min"] = 1, True
        return super().get_formset(request, obj, **kwargs)


class StateFilter(admin.SimpleListFilter):
    """Accounts by what the list says of them."""

    title, parameter_name = "état", "etat"
    words = {
        "ouvert": standing.OPEN,
        "invite": standing.INVITED,
        "pas-entre": standing.NOT_IN,
        "ferme": standing.CLOSED,
    }

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return list(self.words.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        said = self.words.get(self.value() or "")
        return queryset.filter(standing.accounts_that_are(said)) if said else queryset


@admin.register(User)
class UserAdmin(ActsOnAccounts, ScopedModelAdmin):
    """Accounts with a role here. One that also has a role elsewhere may be seen, not changed."""

    form = forms.AccountForm
    organisation_path = "roles__organisation"
    list_display = [
        "called",
        "email",
        "held",
        "state",
        "entered",
        "proofs",
        "identities",
    ]
    list_filter = [StateFilter, "roles__kind"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = [spelled("last_name"), spelled("first_name"), "pk"]
    readonly_fields = ["seen", "opened_by", "factors", "identities", "sits"]
    inlines = [RoleInline]
    looked_for = "Nom ou adresse électronique"
    instead = (
        "Fermez plutôt le compte sur sa fiche\u00a0: personne n’y entre plus, ce qu’il a fait "
        "reste à son nom."
    )

    def render_change_form(self, request: HttpRequest, context: dict, **kwargs) -> HttpResponse:
        """Under the name that lists give it, the last one in capitals."""
        if obj := context.get("original"):
            context["subtitle"] = called(obj)
            context["hands_over"] = actions.may_hand_over(obj, request.user)
        return super().render_change_form(request, context, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[tuple]:
        """Whose it is; then, once it is there, who enters by it and how."""
        entering = ["is_superuser"] if request.user.is_superuser else []
        if obj:
            entering = ["is_active", *entering, "seen"]
            entering += ["sits"] if self.is_to_sit(obj) else []
            entering += ["opened_by"] if obj.created_by else []
            entering += ["factors"] if self.proofs(obj) else []
            entering += ["identities"] if settings.OIDC_PROVIDERS else []
        whose = ("Qui", {"fields": ["first_name", "last_name", "email"]})
        if obj is None:
            whose[1]["fields"].insert(0, "person")
            whose[1]["description"] = (
                "Aucun serveur de courriel n’est réglé\u00a0: l’invitation restera ici."
                if letters.is_kept()
                else "Un courriel part à cette adresse\u00a0: son lien fait choisir le mot de "
                "passe."
            )
        return [whose, ("Accès", {"fields": entering})] if entering else [whose]

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs):
        """The form, which knows who fills it in."""
        if obj is None:
            kwargs["form"] = forms.NewAccountForm
        form = super().get_form(request, obj, **kwargs)
        form.request = request
        if obj is None:
            choice = form.base_fields["person"]
            choice.queryset = self.admin_site._registry[Person].get_queryset(request)
            choice.widget = AutocompleteSelect(Mandate._meta.get_field("person"), self.admin_site)
            choice.widget.choices = choice.choices
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """From the card of a person, what it says of her."""
        initial = super().get_changeform_initial_data(request)
        persons = self.admin_site._registry[Person].get_queryset(request)
        person = persons.filter(pk=row_number(str(initial.pop("person", "")))).first()
        if person:
            initial |= {"person": person.pk, "email": person.email}
            initial |= {"first_name": person.first_name, "last_name": person.last_name}
        return initial

    def get_formset_kwargs(self, request: HttpRequest, obj: User, inline, prefix: str) -> dict:
        """Of who sits, the role of who sits is proposed."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "GET" and obj.pk is None:
            persons = self.admin_site._registry[Person].get_queryset(request)
            person = persons.filter(pk=row_number(request.GET.get("person", ""))).first()
            if person:
                role = {"organisation": person.organisation_id, "kind": Role.Kind.DELEGATE}
                kwargs["initial"] = [role]
        return kwargs

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .prefetch_related("roles__organisation", "factors", "identities", standing.asked_of())
            .distinct()
        )

    def in_scope(self, request: HttpRequest, obj: User) -> bool:
        run = access.organisations_run_by(request.user)
        return request.user.is_superuser or any(
            role.organisation in run for role in obj.roles.all()
        )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.allows(request, obj) and (obj is None or self.owns(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        guarded = obj is not None and deciding.is_guarded_from(obj, request.user)
        return self.has_change_permission(request, obj) and not guarded

    def get_deleted_objects(self, objs, request: HttpRequest) -> tuple:
        """What would go with these accounts: what they play to learn, whole, holds none back."""
        with transaction.atomic():
            for user in objs:
                fleeting.leave(user)
            found = super().get_deleted_objects(objs, request)
            transaction.set_rollback(True)
        return found

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        fleeting.leave(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in queryset:
                fleeting.leave(user)
            super().delete_queryset(request, queryset)

    @admin.display(description="nom", ordering=spelled("last_name"))
    def called(self, user: User) -> str:
        """Whose it is."""
        return called(user)

    def named(self, obj: User) -> str:
        return f"le compte {french.contract('de', called(obj))}"

    def is_to_sit(self, user: User) -> bool:
        """Whether it is, or will be, that of somebody who sits."""
        delegate = any(role.kind == Role.Kind.DELEGATE for role in user.roles.all())
        return delegate or user.persons.exists() or user.link_requests.exists()

    @admin.display(description="ouvert par")
    def opened_by(self, user: User) -> str:
        """Whoever opened it; of what the server opens, nothing is kept."""
        return str(user.created_by or "")

    @admin.display(description="état", ordering="is_active")
    def state(self, user: User) -> str:
        """Whether one enters by it; of whoever was invited, what is said of her elsewhere."""
        return standing.of_account(user, at=timezone.now())

    @admin.display(description="dernière connexion", ordering="last_login")
    def seen(self, user: User) -> str:
        """When somebody last entered by it."""
        return moment(user.last_login and timezone.localtime(user.last_login)) or "jamais"

    @admin.display(description="dernière connexion", ordering="last_login")
    def entered(self, user: User) -> str:
        """The same in the list, where the state says already that nobody ever did."""
        return self.seen(user) if user.last_login else ""

    @admin.display(description="second facteur")
    def factors(self, user: User) -> str:
        """How many prove the account beside its password."""
        return self.proofs(user) or "aucun"

    @admin.display(description="second facteur")
    def proofs(self, user: User) -> str:
        """The same in the list, where most have none."""
        count = sum(each.removed_at is None for each in user.factors.all())
        return str(count or "")

    @admin.display(description="personne")
    def sits(self, user: User) -> str:
        """Who the account is where people sit, each leading to its card."""
        cards = (
            (reverse("admin:members_person_change", args=[person.pk]), person)
            for person in user.persons.all()
        )
        told = format_html_join(", ", '<a href="{}">{}</a>', cards)
        asked = user.link_requests.filter(decided_at=None).select_related("person__user")
        waits = [
            (
                reverse("admin:members_person_change", args=[row.person_id]),
                row.person,
                standing.of(row.person, at=timezone.now()).told,
            )
            for row in asked
        ]
        waiting = format_html_join(", ", '<a href="{}">{}</a>, {}', waits)
        if waiting:
            waiting = format_html("{}. {}", waiting, AGREEMENT)
        return told or waiting or "aucune\u00a0: elle se rattache depuis sa fiche de personne"

    @admin.display(description="entre aussi par")
    def identities(self, user: User) -> str:
        """The providers of identity at which the account is somebody."""
        return ", ".join(each.provider for each in user.identities.all()) or "mot de passe seul"

    def get_list_display(self, request: HttpRequest) -> list:
        shown = super().get_list_display(request)
        if not settings.OIDC_PROVIDERS:
            shown.remove("identities")
        accounts = self.get_queryset(request)
        if not accounts.filter(factors__isnull=False, factors__removed_at=None).exists():
            shown.remove("proofs")  # a column where nobody has any
        if len(access.organisations_of(request.user)) > 1:
            return shown
        return ["kinds" if name == "held" else name for name in shown]

    @admin.display(description="rôles")
    def kinds(self, user: User) -> str:
        """The roles of an account where there is one organisation; of one that has more, all."""
        if len({role.organisation_id for role in user.roles.all()}) > 1:
            return self.held(user)
        return ", ".join(role.get_kind_display() for role in user.roles.all())

    @admin.display(description="rôles")
    def held(self, user: User) -> str:
        """The roles of the account, each with its organisation."""
        lasting = [role for role in user.roles.all() if not role.organisation.is_fleeting]
        roles = [(role.get_kind_display(), role.organisation) for role in lasting]
        return format_html_join(", ", "{} ({})", roles)

    def save_model(self, request: HttpRequest, obj: User, form, change: bool) -> None:
        """A changed address waits for its own answer; who is deactivated is out at once."""
        if not change:  # nobody knows it: a link by mail lets its owner choose another
            obj.set_password(get_random_string(40))
            obj.created_by = request.user
            super().save_model(request, obj, form, change)
            return
        was = User.objects.get(pk=obj.pk)
        asked, obj.email = obj.email, was.email
        if not obj.is_active and deciding.is_guarded_from(was, request.user):
            obj.is_active = True
            self.ask_closing(request, obj)
        super().save_model(request, obj, form, change)
        if asked != obj.email:
            self.ask_address(request, obj, asked)
        if not obj.is_active:
            sessions.end_all(obj)

    def ask_address(self, request: HttpRequest, account: User, email: str) -> None:
        """Ask for another address, and say what it waits for."""
        now = timezone.now()
        try:
            asked = actions.ask_address(
                account, email=email, by=request.user, request=request, at=now
            )
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return
        words = f"Un lien part à {email}\u00a0: l’adresse du compte changera quand il sera ouvert"
        if letters.is_kept():
            words = letters.announced("Le lien qui change l’adresse du compte", email)
        elif deciding.free_from(asked) <= now:
            words += "."
        else:
            words += (
                ", avec l’accord de l’adresse d’aujourd’hui ou d’une autre personne de "
                "l’administration\u00a0; sans réponse, au bout de trois jours. Sans l’accord de "
                "l’adresse d’aujourd’hui, les clés de signature de ce compte seront à rattacher."
            )
        self.message_user(request, words, letters.level(messages.INFO))

    def ask_closing(self, request: HttpRequest, account: User) -> None:
        """Ask what an administrator does not do alone, and say what it waits for."""
        now = timezone.now()
        try:
            asked = actions.ask_closing(account, by=request.user, request=request, at=now)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return
        page = request.build_absolute_uri(reverse("accounts:change", args=[asked.pk]))
        words = (
            'Ce compte administre ou contrôle\u00a0: <a href="{}">sa fermeture</a> attend l’accord '
            "d’une autre personne de l’administration, ou trois jours. Ses rôles se retirent "
            "ensuite."
        )
        self.message_user(request, format_html(words, page), messages.WARNING)

    def told_once_added(self, obj: User) -> str:
        """That the account is open, then what becomes of its invitation."""
        if letters.is_kept():
            page = reverse("convening:outbox")
            invited = format_html('<a href="{}">attend un serveur de courriel</a>', page)
        else:
            invited = f"part à {obj.email}"
        words = "Compte ouvert\u00a0: {}. L’invitation {}."
        return format_html(words, self._linked(obj), invited)

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.deleted_objects or formset.changed_objects for formset in formsets):
            sessions.end_all(form.instance)
        if not change:
            letters.invite(form.instance, request=request)
            if person := form.cleaned_data["person"]:
                ask_link(self, request, person, form.instance)
