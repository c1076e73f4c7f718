"""Paths of the members pages."""

from django.urls import path

from members import views

app_name = "members"
urlpatterns = [
    path("connexion/", views.SignIn.as_view(), name="login"),
    path("deconnexion/", views.SignOut.as_view(), name="logout"),
    path("mot-de-passe/oublie/", views.ForgottenPassword.as_view(), name="password_reset"),
    path("mot-de-passe/envoye/", views.password_reset_sent, name="password_reset_sent"),
    path(
        "mot-de-passe/choisir/<uidb64>/<token>/",
        views.ChoosePassword.as_view(),
        name="password_reset_confirm",
    ),
    path("mot-de-passe/changer/", views.ChangePassword.as_view(), name="password_change"),
    path("organisation/", views.switch_organisation, name="switch_organisation"),
    path("instances/", views.bodies, name="bodies"),
    path("instances/<int:pk>/composition/", views.composition, name="composition"),
    path("instances/<int:pk>/regles/", views.rule_book, name="rules"),
    path("instances/<int:pk>/importer/", views.import_mandates, name="import"),
    path("instances/<int:pk>/importer/confirmer/", views.confirm_import, name="confirm_import"),
    path("instances/<int:pk>/exporter.<str:extension>", views.export_mandates, name="export"),
]
