from django.urls import path

from documents import style_views, views

app_name = "documents"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/telecharger/", views.download, name="download"),
    path("<int:pk>/telecharger.docx", views.download_docx, name="download_docx"),
    path("<int:pk>/feuille-signature.pdf", views.signature_sheet, name="signature_sheet"),
    path("seances/<int:pk>/", views.preview, name="preview"),
    path("seances/<int:pk>/feuille/", views.sheet, name="sheet"),
    path("seances/<int:pk>/projet.pdf", views.preview_pdf, name="preview_pdf"),
    path("seances/<int:pk>/feuilles-de-vote.pdf", views.voting_sheets, name="voting_sheets"),
    path("seances/<int:pk>/pouvoir.pdf", views.proxy_form, name="proxy_form"),
    path("seances/<int:pk>/attestations/<slug:key>.pdf", views.attestation, name="attestation"),
    path("seances/<int:pk>/deliberations.pdf", views.deliberation_list, name="deliberation_list"),
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
