"""The administration of accounts: each act ends what it must."""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.html import escape, format_html, format_html_join

from accounts import actions, deciding, forms, identities, letters, sessions, standing
from law import french
from law.findings import Refused
from members import access, fleeting
from members.admin import (
    PersonAdmin,
    ScopedInline,
    ScopedModelAdmin,
    act_on_selection,
    only_related,
)
from members.asked import row_number
from members.models import Mandate, Person, Role, User
from members.templatetags.french import moment

admin.site.unregister(Group)  # rights are roles here


class RolesFormSet(BaseInlineFormSet):
    """What an account may do, which is said in the words of the house."""

    default_error_messages = BaseInlineFormSet.default_error_messages | {
        "too_few_forms": "Donnez au moins un rôle."
    }


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


AGREEMENT = "Le rattachement attend son accord, ou celui d’une autre personne de l’administration."


def called(user: User) -> str:
    """Whose an account is; of one that the server opened without a name, its address."""
    return f"{user.first_name} {user.last_name.upper()}".strip() or user.email


@admin.register(User)
class UserAdmin(ScopedModelAdmin):
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
    ordering = ["last_name", "first_name", "pk"]
    readonly_fields = ["seen", "opened_by", "factors", "identities", "sits"]
    inlines = [RoleInline]
    actions = ["invite", "remove_factors", "detach_identities", "delete_selected"]
    told_first = frozenset(actions)
    looked_for = "Nom ou adresse électronique"
    instead = (
        "Fermez plutôt le compte sur sa fiche\u00a0: personne n’y entre plus, ce qu’il a fait "
        "reste à son nom."
    )

    def render_change_form(self, request: HttpRequest, context: dict, **kwargs) -> HttpResponse:
        """Under the name that lists give it, the last one in capitals."""
        if obj := context.get("original"):
            context["subtitle"] = called(obj)
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

    def owns(self, request: HttpRequest, obj: User) -> bool:
        """Whether the account lies wholly in what the administrator runs."""
        return deciding.owns(request.user, obj)

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

    @admin.display(description="nom", ordering="last_name")
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

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.deleted_objects or formset.changed_objects for formset in formsets):
            sessions.end_all(form.instance)
        if not change:
            self.send_invitation(request, form.instance)
            if person := form.cleaned_data["person"]:
                ask_link(self, request, person, form.instance)

    def send_invitation(self, request: HttpRequest, user: User) -> None:
        """Mail the link by which the account gets its password, and say so."""
        letters.invite(user, request=request)
        self.message_user(
            request,
            letters.announced("Un lien pour choisir son mot de passe", user.email),
            letters.level(messages.INFO),
        )

    @admin.action(description="Retirer les seconds facteurs (perdus)", permissions=["change"])
    def remove_factors(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """What lets in again somebody who lost them all, codes on paper included: asked here."""
        return act_on_selection(
            self,
            request,
            rows,
            action="remove_factors",
            title="Retirer les seconds facteurs",
            button="Demander le retrait",
            told="Pour qui a tout perdu, codes sur papier compris. Le retrait attend l’accord "
            "d’une autre personne de l’administration, ou trois jours\u00a0; ensuite le mot de "
            "passe seul ouvre le compte, jusqu’à ce qu’un autre facteur y soit mis.",
            act=lambda users, by: self.ask_removals(request, users),
        )

    def ask_removals(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Ask for each, and say what it waits for."""
        for user in users:
            if not self.owns(request, user) or user == request.user:
                words = f"{user.email} : ses seconds facteurs ne sont pas de votre ressort."
                self.message_user(request, words, messages.WARNING)
                continue
            now = timezone.now()
            try:
                asked = actions.ask_removal(user, by=request.user, request=request, at=now)
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
                continue
            page = request.build_absolute_uri(reverse("accounts:change", args=[asked.pk]))
            words = (
                '<a href="{}">Le retrait</a> attend l’accord d’une autre personne de '
                "l’administration, ou trois jours."
            )
            self.message_user(request, format_html(words, page), messages.WARNING)

    @admin.action(
        description="Détacher du fournisseur d’identité (ProConnect…)", permissions=["change"]
    )
    def detach_identities(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Somebody else got the identity, or the provider calls her otherwise: she is signed out,
        and her address, verified, links her anew."""
        return act_on_selection(
            self,
            request,
            rows,
            action="detach_identities",
            title="Détacher du fournisseur d’identité",
            button="Détacher",
            told="Leurs sessions se ferment. À la prochaine entrée par le fournisseur, l’adresse "
            "qu’il a vérifiée rattache de nouveau le compte\u00a0; le mot de passe ne change pas.",
            act=lambda users, by: self.detach(request, users),
        )

    def detach(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Detach each, and say how many."""
        for user in users:
            if not self.owns(request, user):
                words = f"{user.email} : son identité n’est pas de votre ressort."
                self.message_user(request, words, messages.WARNING)
                continue
            count = identities.detach(user, by=request.user)
            if count:
                sessions.end_all(user)
            self.message_user(request, f"{user.email} : {count} détachée(s).", messages.INFO)

    @admin.action(
        description="Envoyer un lien pour choisir le mot de passe", permissions=["change"]
    )
    def invite(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Mail again the link by which an account gets its password."""
        return act_on_selection(
            self,
            request,
            rows,
            action="invite",
            title="Envoyer un lien de mot de passe",
            button="Envoyer",
            told="Chacun reçoit un courriel dont le lien lui fait choisir un mot de passe. Celui "
            "d’aujourd’hui sert encore tant qu’il ne l’a pas fait.",
            act=lambda users, by: self.send_invitations(request, users),
        )

    def send_invitations(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Mail each whose account is wholly here, open, and at the address of its person."""
        for user in users:
            asked = user.link_requests.filter(decided_at=None).select_related("person", "account")
            words = next(map(str, filter(None, map(deciding.readdressed, asked))), "")
            if not self.owns(request, user):
                words = "a aussi un rôle ailleurs\u00a0: demandez à qui tient l’ensemble."
            elif not user.is_active:
                words = "compte fermé, rien ne lui part\u00a0: rouvrez-le d’abord sur sa fiche."
            if words:
                self.message_user(request, f"{user.email}\u00a0: {words}", messages.WARNING)
            else:
                self.send_invitation(request, user)


@admin.register(Role)
class RoleAdmin(ScopedModelAdmin):
    """Roles, all accounts together."""

    list_display = ["called", "kind", "account", "organisation"]
    list_filter = [only_related("organisation"), "kind"]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__email", "user__last_name"]
    ordering = ["user__last_name", "user__first_name", "pk"]
    autocomplete_fields = ["user"]

    def get_fieldsets(self, request: HttpRequest, obj: Role | None = None) -> list:
        """What each role opens, to whoever chooses one."""
        lines = (
            (french.capitalise(Role.Kind(kind).label), words) for kind, words in Role.OPENS.items()
        )
        told = format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
        fields = super().get_fieldsets(request, obj)[0][1]
        return [(None, fields | {"description": format_html('<dl class="opens">{}</dl>', told)})]

    @admin.display(description="nom", ordering="user__last_name")
    def called(self, role: Role) -> str:
        """Whose it is, as in the list of accounts."""
        return called(role.user)

    @admin.display(description="compte", ordering="user__email")
    def account(self, role: Role) -> str:
        """To the account that has it."""
        card = reverse("admin:members_user_change", args=[role.user_id])
        return format_html('<a href="{}">{}</a>', card, role.user.email)

    def named(self, role: Role) -> str:
        whose = french.contract("de", str(role.user))
        return f"le rôle «\u00a0{role.get_kind_display()}\u00a0» {whose}"

    def loses(self, role: Role) -> str:
        """What it opened, and that it may be given again."""
        return (
            f"Avec ce rôle, on {Role.OPENS[Role.Kind(role.kind)]}. {role.user} ne le pourra plus, "
            "et ses sessions se ferment\u00a0; son compte demeure, et le rôle peut lui être "
            "redonné."
        )

    def has_change_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        """That of who watches one is taken by two: the account is closed first."""
        guarded = obj and deciding.role_obstacle(obj.user, obj.kind, by=request.user)
        return super().has_change_permission(request, obj) and not guarded

    has_delete_permission = has_change_permission

    def save_model(self, request: HttpRequest, obj: Role, form, change: bool) -> None:
        held = [User.objects.get(roles=obj.pk)] if change else []
        super().save_model(request, obj, form, change)
        for user in held:
            sessions.end_all(user)

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        super().delete_model(request, obj)
        sessions.end_all(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Role]) -> None:
        with transaction.atomic():
            held = list(User.objects.filter(roles__in=queryset).distinct())
            super().delete_queryset(request, queryset)
            for user in held:
                sessions.end_all(user)


@admin.register(Person)
class LinkedPersonAdmin(PersonAdmin):
    """Persons: their address is where links go that vote for them; whoever links one to an account
    asks, and somebody else decides."""

    readonly_fields = ["pending"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return standing.prepared(super().get_queryset(request))

    @admin.display(description="compte", ordering="user")
    def account(self, person: Person) -> str:
        """Whether she enters by one, or was invited to."""
        found = standing.of(person, at=timezone.now())
        if found.stage in (standing.Stage.OPEN, standing.Stage.CLOSED):
            return format_html('<span class="in-a-word">{}</span>', found.told)
        return "" if found.is_none else found.told

    def render_change_form(self, request: HttpRequest, context: dict, obj=None, **kwargs):
        """What is said of her account, and what is offered of it, are one."""
        if obj is not None:
            context["standing"] = standing.of(obj, at=timezone.now())
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> list[tuple]:
        """Beside the account that is hers, the one that she was invited to."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        *first, (name, last) = super().get_fieldsets(request, obj)
        found = standing.of(obj, at=timezone.now())
        if found.stage in (standing.Stage.INVITED, standing.Stage.AWAITED):
            return [*first, (name, {"fields": ["pending"]})]
        told = french.capitalise(found.told) if found.again else ""
        return [*first, (name, last | {"description": escape(told)} if told else last)]

    @admin.display(description="compte")
    def pending(self, person: Person) -> str:
        """The account that she was invited to, and what it waits for."""
        found = standing.of(person, at=timezone.now())
        if found.account is None:
            return ""
        card = reverse("admin:members_user_change", args=[found.account.pk])
        words = '<a href="{}">{}</a>, {}. {}'
        return format_html(words, card, found.account.email, found.told, AGREEMENT)

    def save_model(self, request: HttpRequest, obj: Person, form, change: bool) -> None:
        before = User.objects.filter(persons=obj.pk).first() if change else None
        asked, obj.user = obj.user, before
        if asked is None:
            obj.user = None
        super().save_model(request, obj, form, change)
        if change and obj.user is not None and deciding.owns(request.user, obj.user):
            was = form.initial["first_name"], form.initial["last_name"]
            actions.rename(obj.user, obj, was=was, by=request.user)
        if before is not None and asked is None:
            actions.tell_unlinked(obj, before, by=request.user, request=request)
        if obj.user != asked:
            ask_link(self, request, obj, asked)


def ask_link(admin: ScopedModelAdmin, request: HttpRequest, person: Person, account: User) -> None:
    """Ask that the account be hers, and say who answers: a page of which she who asked may open
    none is no link for her, but an address to hand over."""
    now = timezone.now()
    row = actions.ask_link(person, account, by=request.user, request=request, at=now)
    page = request.build_absolute_uri(reverse("accounts:link", args=[row.pk]))
    if actions.may_decide(row, account):
        card = reverse("admin:members_user_change", args=[account.pk])
        mail = "" if letters.is_kept() else " (un courriel le lui demande)"
        words = format_html(
            'Le rattachement {} attend l’accord de qui tient <a href="{}">ce compte</a>{}, ou '
            "d’une autre personne de l’administration.",
            french.contract("de", str(person)),
            card,
            mail,
        )
    else:
        words = format_html(
            "Rattacher une personne à son propre compte, ou à un compte que l’on a ouvert quand "
            "elle en a eu un autre, est décidé par une autre personne de l’administration. Adresse "
            "à lui donner\u00a0: <code>{}</code>",
            page,
        )
    admin.message_user(request, words, messages.WARNING)
