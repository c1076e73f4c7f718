from collections.abc import Callable

from django.urls import URLPattern, path

from documents import compile, style_views, views

app_name = "documents"


def _printed(slug: str, make: Callable, name: str) -> URLPattern:
    """A paper of the secretariat about one sitting, by the function that compiles it."""
    return path(f"seances/<int:pk>/{slug}.pdf", views.paper, {"make": make}, name=name)


urlpatterns = [
    path("", views.mine, name="mine"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/lire/", views.leaf, name="leaf"),
    path("<int:pk>/telecharger.docx", views.download_docx, name="download_docx"),
    path("<int:pk>/feuille-signature.pdf", views.signature_sheet, name="signature_sheet"),
    path("seances/<int:pk>/", views.preview, name="preview"),
    path("seances/<int:pk>/feuille/", views.sheet, name="sheet"),
    path("seances/<int:pk>/projet.pdf", views.preview_pdf, name="preview_pdf"),
    _printed("feuilles-de-vote", compile.compile_voting_sheets, "voting_sheets"),
    _printed("pouvoir", compile.compile_proxy_form, "proxy_form"),
    path("seances/<int:pk>/attestations/<slug:key>.pdf", views.attestation, name="attestation"),
    _printed("deliberations", compile.compile_deliberation_list, "deliberation_list"),
    path("seances/<int:pk>/deliberations/<slug:key>.pdf", views.extract, name="extract"),
    path("seances/<int:pk>/etablir/", views.issue, name="issue"),
]

# Of a body rather than of a sitting: served under its own address.
style = (
    [
        path("", style_views.edit, name="edit"),
        path("apercu/", style_views.preview, name="preview"),
        path("apercu.pdf", style_views.preview_pdf, name="pdf"),
    ],
    "style",
)
