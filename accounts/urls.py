"""Paths of the doors."""

from django.urls import path

from accounts import membership_views, provider_views, provisioning_views, views
from accounts.doors import without_factor

app_name = "accounts"
urlpatterns = [
    path("connexion/", without_factor(views.SignIn.as_view()), name="login"),
    path("connexion/second-facteur/", views.second_step, name="second_step"),
    path("connexion/par/<slug:name>/", without_factor(provider_views.leave_for), name="provider"),
    path(
        "connexion/par/<slug:name>/retour/",
        without_factor(provider_views.back),
        name="provider_back",
    ),
    path("deconnexion/ailleurs/", without_factor(provider_views.end), name="provider_end"),
    path("confirmer/par/<slug:name>/", without_factor(provider_views.prove), name="provider_proof"),
    path("deconnexion/", without_factor(views.SignOut.as_view()), name="logout"),
    path("confirmer/", without_factor(views.confirm), name="proof"),
    path("mot-de-passe/oublie/", views.ForgottenPassword.as_view(), name="password_reset"),
    path("mot-de-passe/envoye/", views.password_reset_sent, name="password_reset_sent"),
    path(
        "mot-de-passe/choisir/<uidb64>/<token>/",
        views.ChoosePassword.as_view(),
        name="password_reset_confirm",
    ),
    path("mot-de-passe/changer/", views.ChangePassword.as_view(), name="password_change"),
    path("mon-compte/", views.mine, name="mine"),
    path("mon-compte/adresse/", views.change_address, name="address"),
    path("mon-compte/adresse/<str:token>/", views.confirm_address, name="address_confirm"),
    path("mon-compte/demande/<str:token>/", views.answer_change, name="change_answer"),
    path("mon-compte/second-facteur/", without_factor(views.enrol), name="enrol"),
    path(
        "mon-compte/second-facteur/application/",
        without_factor(views.add_application),
        name="add_application",
    ),
    path("mon-compte/second-facteur/cle/", without_factor(views.add_passkey), name="add_passkey"),
    path("mon-compte/second-facteur/codes/", views.new_codes, name="new_codes"),
    path("mon-compte/second-facteur/<int:pk>/retirer/", views.remove_factor, name="remove_factor"),
    path("mon-compte/sessions/fermer/", views.end_sessions, name="end_sessions"),
    path("mon-compte/sessions/<slug:row>/fermer/", views.end_session, name="end_session"),
    path("comptes/inviter/", provisioning_views.invite, name="invite"),
    path(
        "comptes/inviter/confirmer/",
        provisioning_views.confirm_invitation,
        name="confirm_invitation",
    ),
    path(
        "instances/<int:pk>/importer/confirmer/",
        provisioning_views.confirm_import,
        name="confirm_import",
    ),
    path("premiers-pas/organisation/", provisioning_views.organisation, name="organisation"),
    path(
        "premiers-pas/collectivites/confirmer/",
        provisioning_views.confirm_communities,
        name="confirm_communities",
    ),
    path("collectivites/<int:pk>/", provisioning_views.community, name="community"),
    path("instances/nouvelle/", provisioning_views.new_body, name="new_body"),
    path("instances/<int:pk>/naissances/", provisioning_views.births, name="births"),
    path("mandats/<int:pk>/remplacer/", membership_views.succeed, name="succeed"),
    path("mandats/<int:pk>/defaire/", membership_views.undo, name="undo_succession"),
    path("mandats/<int:pk>/adresse/", membership_views.reach, name="reach"),
    path(
        "mandats/<int:pk>/inviter-de-nouveau/", membership_views.invite_again, name="invite_again"
    ),
    path("premiers-pas/comptes/", provisioning_views.to_invite, name="to_invite"),
    path("mandats/<int:pk>/role/", membership_views.role, name="role"),
    path("comptes/<int:pk>/lien/", provisioning_views.hand_over, name="hand_over"),
    path("comptes/termines/", provisioning_views.ended_accounts, name="ended"),
    path("comptes/termines/desactiver/", provisioning_views.close_accounts, name="close"),
    path("comptes/demandes/<int:pk>/", views.change, name="change"),
    path("rattachements/<int:pk>/", views.link, name="link"),
]
