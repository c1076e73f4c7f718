"""The pages of the keys: those of an organisation, for its administration; one’s own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from members.access import edits, has_role, organisation_of, posted, posts, reads, role_required
from members.models import Organisation, Person, Role
from registry.access import get_key
from registry.keyring import actions, reading
from registry.keyring.forms import (
    BindForm,
    CertificateForm,
    CertificateOfForm,
    DemonstrationForm,
    HolderField,
    RevokeForm,
)
from registry.models import SigningKey
from registry.signatures import certificates, keys
from registry.signatures.certificates import Certificate

ADMINISTRATION = Role.Kind.ADMINISTRATION


def _page(request: HttpRequest, *, status: int = 200, **given) -> HttpResponse:
    organisation = organisation_of(request)
    is_shown = keys.authority() is not None
    context = {
        "keys": reading.of(organisation),
        "offered": reading.offered(organisation),
        "unbound": reading.unbound(organisation, by=request.user),
        "folder": organisation.pk,
        "certificate_form": CertificateOfForm(organisation=organisation),
        "demonstration_form": DemonstrationForm(organisation=organisation) if is_shown else None,
    }
    return render(request, "registry/keys.html", context | given, status=status)


@reads
@role_required(ADMINISTRATION)
def all_keys(request: HttpRequest) -> HttpResponse:
    """Every key of the organisation, what was handed in, the files that are nobody’s."""
    return _page(request)


@posts
@role_required(ADMINISTRATION)
def hand_in(request: HttpRequest) -> HttpResponse:
    """Take the certificate of a card for somebody; the next page binds it."""
    organisation = organisation_of(request)
    form = CertificateOfForm(request.POST, request.FILES, organisation=organisation)
    if form.does(
        lambda: actions.offer(
            form.cleaned_data["file"],
            organisation=organisation,
            person=form.cleaned_data["person"],
            by=request.user,
            at=timezone.now(),
        )
    ):
        return redirect("registry:accept_key", form.done.pk)
    return _page(request, certificate_form=form, status=422)


@posts
@role_required(ADMINISTRATION)
@proof.required("faire cette clé")
def demonstrate(request: HttpRequest) -> HttpResponse:
    """Make a key of the demonstration for somebody, or for the seal."""
    organisation = organisation_of(request)
    form = DemonstrationForm(request.POST, organisation=organisation)
    if form.does(
        lambda: actions.demonstrate(
            organisation, form.cleaned_data["person"], by=request.user, at=timezone.now()
        )
    ):
        messages.success(request, f"{form.done.holder}\u00a0: clé de démonstration rattachée.")
        return redirect("registry:keys")
    return _page(request, demonstration_form=form, status=422)


@edits
@role_required(ADMINISTRATION)
@proof.required("rattacher cette clé")
def bind(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Bind a file of the server, which is nobody’s, to who signs with it."""
    organisation = organisation_of(request)
    waiting = reading.unbound(organisation, by=request.user)
    found = next(
        (
            each
            for each in waiting
            if each.file.certificate and each.file.certificate.fingerprint == fingerprint
        ),
        None,
    )
    if found is None or found.file.certificate is None:
        raise Http404
    certificate = found.file.certificate
    proposed = found.proposed[0] if len(found.proposed) == 1 else None
    initial = proposed.pk if proposed else HolderField.SEAL if found.is_seal else ""
    form = BindForm(posted(request), organisation=organisation, initial={"person": initial})
    is_chosen = form.is_valid() or "person" in getattr(form, "cleaned_data", {})
    person = form.cleaned_data["person"] if is_chosen else proposed
    differ = form.show_names(certificate, person, asks=is_chosen)
    if form.does(
        lambda: actions.bind(
            certificate,
            organisation=organisation,
            **form.cleaned_data,
            by=request.user,
            at=timezone.now(),
        )
    ):
        return _bound(request, form.done)
    return _binding_page(request, form, certificate, person, differ, organisation, found.file.name)


@edits
@proof.required("rattacher ce certificat")
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Bind a certificate that was handed in."""
    key = get_key(request, pk, to="bind")
    if key.bound_at is not None or key.revoked_at is not None:
        return redirect("registry:keys")
    certificate = certificates.from_file(key.certificate.encode())
    form = BindForm(posted(request), organisation=key.organisation)
    form.hold(key)
    differ = form.show_names(certificate, key.person, asks=True)
    if form.does(
        lambda: actions.accept(key, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        return _bound(request, form.done)
    return _binding_page(request, form, certificate, key.person, differ, key.organisation, key=key)


def _bound(request: HttpRequest, key: SigningKey) -> HttpResponse:
    if key.bound_at is None:
        messages.info(
            request,
            "Le cachet est proposé\u00a0: une autre personne de l’administration le confirme.",
        )
    else:
        messages.success(request, f"La clé est rattachée\u00a0: {key.holder}.")
    return redirect("registry:keys")


def _binding_page(
    request: HttpRequest,
    form: BindForm,
    certificate: Certificate,
    person: Person | None,
    differ: bool,
    organisation: Organisation,
    file: str = "",
    key: SigningKey | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "certificate": certificate,
        "holder": person or organisation,
        "differ": differ,
        "file": file,
        "key": key,
    }
    status = 422 if form.is_bound else 200
    return render(request, "registry/key_bind.html", context, status=status)


@edits
@proof.required("révoquer cette clé")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key, or set aside a certificate that was handed in; one’s own as well."""
    key = get_key(request, pk)
    is_keeper = has_role(request.user, key.organisation, ADMINISTRATION)
    back = "registry:keys" if is_keeper else "registry:my_keys"
    form = RevokeForm(posted(request), key=key)
    if form.does(
        lambda: actions.revoke(key, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        words = "est révoquée" if key.bound_at else "est écartée"
        messages.success(request, f"{key.holder}\u00a0: la clé {words}.")
        return redirect(back)
    context = {"form": form, "key": key, "back": back}
    return render(request, "registry/key_revoke.html", context, status=422 if form.errors else 200)


@edits
@role_required(Role.Kind.DELEGATE, Role.Kind.SECRETARIAT, ADMINISTRATION)
def my_keys(request: HttpRequest) -> HttpResponse:
    """One’s own keys; the certificate of a card is handed in here."""
    person = _own_person(request)
    organisation = organisation_of(request)
    form = CertificateForm(posted(request), request.FILES or None)
    if person and form.does(
        lambda: actions.offer(
            form.cleaned_data["file"],
            organisation=organisation,
            person=person,
            by=request.user,
            at=timezone.now(),
        )
    ):
        messages.success(
            request, "Votre certificat est déposé\u00a0: l’administration le rattachera."
        )
        return redirect("registry:my_keys")
    context = {
        "person": person,
        "keys": reading.of_person(person) if person else (),
        "offered": reading.offered(organisation).filter(person=person) if person else (),
        "form": form,
    }
    return render(request, "registry/my_keys.html", context, status=422 if form.errors else 200)


def _own_person(request: HttpRequest) -> Person | None:
    organisation = organisation_of(request)
    return Person.objects.filter(organisation=organisation, user=request.user).first()
