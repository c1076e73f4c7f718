"""Who may open what in `accounts`: the lines of `tests/test_access.py` for this room."""

from django.utils import timezone

from accounts import factors
from accounts.models import LinkRequest
from members import links
from members.models import Role
from tests.cast import Cast, make_account, make_role
from tests.test_access import ADMINISTRATION, CLERKS, EVERYBODY, Line

SIGNED_IN = [who for who in EVERYBODY if who != "anonymous"]


def own(name: str, **extra) -> Line:
    """A page of one's own account, whatever one may do elsewhere."""
    return Line(name=f"accounts:{name}", **{"allowed": SIGNED_IN} | extra)


def act(name: str, **extra) -> Line:
    return own(name, method="post", **{"success": (302,)} | extra)


def an_own_session(cast: Cast) -> dict:
    return {"row": links.hash_of("no session of anybody")}


def nowhere(cast: Cast) -> dict:
    return {"name": "ailleurs"}


def a_factor(cast: Cast) -> dict:
    factor = cast.secretariat.factors.create(
        kind="totp", name="téléphone", data={"seed": factors.new_seed(), "step": 0}
    )
    return {"pk": factor.pk}


def a_request(cast: Cast) -> dict:
    """Asked by another administrator; who has the account, or the administration, decides."""
    other = make_account("administration.bis@brume.example")
    make_role(other, cast.organisation, Role.Kind.ADMINISTRATION)
    asked = LinkRequest.objects.create(
        person=cast.alice,
        account=cast.delegate,
        asked_by=other,
        asked_at=timezone.now(),
    )
    return {"pk": asked.pk}


def a_change(cast: Cast) -> dict:
    """Asked by the administration of the delegate, who may refuse; who asked may too."""
    asked = cast.delegate.identity_changes.create(
        kind="factors",
        asked_by=cast.administration,
        stamp=cast.delegate.get_session_auth_hash(),
    )
    return {"pk": asked.pk}


def a_seat(cast: Cast) -> dict:
    return {"pk": cast.seat(cast.claire).pk}


def on_a_seat(name: str, **extra) -> Line:
    """What changes who sits, from the page of a mandate."""
    defaults = {"allowed": CLERKS, "success": (302,)}
    return Line(
        name=f"accounts:{name}", method="post", kwargs=a_seat, of_an_object=True, **defaults | extra
    )


TABLE: list[Line] = [
    on_a_seat("succeed", success=(422,)),
    on_a_seat("undo_succession"),
    on_a_seat("reach"),
    on_a_seat("invite_again", allowed=(ADMINISTRATION,)),
    on_a_seat(
        "role",
        allowed=(ADMINISTRATION,),
        data=lambda cast: {"kind": "secretariat", "what": "donner"},
        success=(200,),
    ),
    Line(
        name="accounts:confirm_import",
        method="post",
        kwargs=lambda cast: {"pk": cast.comite.pk},
        allowed=CLERKS,
        of_an_object=True,
        success=(302,),
    ),
    Line(name="accounts:login", public=True, success=(200, 302)),
    Line(name="accounts:second_step", public=True, success=(302,)),
    Line(name="accounts:logout", method="post", public=True, success=(302,)),
    Line(name="accounts:password_reset", public=True),
    Line(name="accounts:password_reset_sent", public=True),
    Line(
        name="accounts:password_reset_confirm",
        kwargs=lambda cast: {"uidb64": "MQ", "token": "x-y"},
        public=True,
    ),
    Line(
        name="accounts:address_confirm",
        kwargs=lambda cast: {"token": "x-y"},
        public=True,
        success=(404,),
    ),
    Line(
        name="accounts:change_answer",
        kwargs=lambda cast: {"token": "x-y"},
        public=True,
        success=(404,),
    ),
    # No provider of identity here; `test_provider.py` knows one.
    Line(name="accounts:provider", kwargs=nowhere, public=True, success=(404,)),
    Line(name="accounts:provider_back", kwargs=nowhere, public=True, success=(404,)),
    Line(name="accounts:provider_end", public=True, success=(302,)),
    own("provider_proof", kwargs=nowhere, success=(404,)),
    Line(name="accounts:invite", allowed=(ADMINISTRATION,)),
    Line(
        name="accounts:invite",
        method="post",
        data=lambda cast: {"liste": "Zoé Zola ; zoe@brume.example ; secrétariat"},
        allowed=(ADMINISTRATION,),
    ),
    Line(
        name="accounts:confirm_invitation",
        method="post",
        allowed=(ADMINISTRATION,),
        success=(302,),
    ),
    *(
        Line(  # of an account that another opened, and where mails leave
            name="accounts:hand_over",
            method=method,
            kwargs=lambda cast: {"pk": cast.secretariat.pk},
            allowed=(ADMINISTRATION,),
            of_an_object=True,
            success=(409,),
        )
        for method in ("get", "post")
    ),
    Line(name="accounts:ended", allowed=(ADMINISTRATION,)),
    Line(name="accounts:close", method="post", allowed=(ADMINISTRATION,), success=(302,)),
    own("proof"),
    own("password_change"),
    own("mine"),
    own("address"),
    own("enrol"),
    own("add_application"),
    own("add_passkey"),
    act("new_codes", success=(404,)),
    act("end_sessions"),
    act("end_session", kwargs=an_own_session, success=(404,)),
    Line(
        name="accounts:remove_factor",
        method="post",
        kwargs=a_factor,
        allowed=("secretariat",),
        of_oneself=True,
        success=(302,),
    ),
    Line(
        name="accounts:change",
        kwargs=a_change,
        allowed=(ADMINISTRATION, "delegate"),
        of_an_object=True,
    ),
    Line(
        name="accounts:change",
        method="post",
        kwargs=a_change,
        data=lambda cast: {"accord": "non"},
        allowed=(ADMINISTRATION, "delegate"),
        of_an_object=True,
        success=(302,),
    ),
    Line(
        name="accounts:link",
        kwargs=a_request,
        allowed=(ADMINISTRATION, "delegate"),
        of_oneself=True,
    ),
    Line(
        name="accounts:link",
        method="post",
        kwargs=a_request,
        allowed=(ADMINISTRATION, "delegate"),
        of_oneself=True,
        success=(302,),
    ),
]
