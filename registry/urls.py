"""Paths of the register: numbers, adoption, signatures, and what awaits whom."""

from django.urls import path

from registry import views

app_name = "registry"
urlpatterns = [
    path("a-faire/", views.to_do, name="to_do"),
    path("seances/<int:pk>/actes/", views.acts, name="acts"),
    path("seances/<int:pk>/actes/numeroter/", views.number, name="number"),
    path("seances/<int:pk>/actes/adoption/", views.adopt, name="adopt"),
    path("seances/<int:pk>/actes/<int:deliberation>/lien/", views.link, name="link"),
    path("documents/<int:pk>/signatures/", views.signatures, name="signatures"),
    path("documents/<int:pk>/signatures/preparer/", views.prepare, name="prepare"),
    path("documents/<int:pk>/signatures/fichier/", views.current, name="current"),
    path("documents/<int:pk>/signatures/<slug:place>/signer/", views.sign, name="sign"),
    path(
        "documents/<int:pk>/signatures/<slug:place>/deposer/",
        views.upload_signed,
        name="upload_signed",
    ),
    path(
        "documents/<int:pk>/signatures/<slug:place>/feuille/",
        views.upload_sheet,
        name="upload_sheet",
    ),
    path("documents/<int:pk>/signatures/<slug:place>/feuille/lire/", views.sheet, name="sheet"),
]
