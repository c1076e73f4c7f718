"""Paths of the register: numbers, adoption, signatures."""

from django.urls import path

from registry import phrase_views, register_views, review_views, views, writing_views

app_name = "registry"
urlpatterns = [
    path("seances/<int:pk>/actes/", views.acts, name="acts"),
    path("seances/<int:pk>/actes/numeroter/", views.number, name="number"),
    path("seances/<int:pk>/actes/etablir/", views.issue_acts, name="issue_acts"),
    path("seances/<int:pk>/actes/preparer/", views.prepare_acts, name="prepare_acts"),
    path("seances/<int:pk>/actes/signer/", views.sign_acts, name="sign_acts"),
    path("seances/<int:pk>/actes/cloture.pdf", register_views.closing, name="closing"),
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
    # The register of the year
    path("instances/<int:pk>/registre/", register_views.register, name="register"),
    path("instances/<int:pk>/registre/<int:year>/", register_views.register, name="register_year"),
    path(
        "instances/<int:pk>/registre/<int:year>/volume.pdf",
        register_views.register_volume,
        name="volume",
    ),
    path(
        "instances/<int:pk>/registre/<int:year>/table-<slug:by>.pdf",
        register_views.register_table,
        name="table",
    ),
    # Writing and reviewing
    path("seances/<int:pk>/rediger/", writing_views.write, name="write"),
    path("seances/<int:pk>/rediger/<slug:key>/", writing_views.passage, name="passage"),
    path("seances/<int:pk>/remarques/<int:remark>/", writing_views.settle, name="settle"),
    path("seances/<int:pk>/relectures/", review_views.reviews, name="reviews"),
    path(
        "seances/<int:pk>/relectures/<int:review>/retirer/",
        review_views.withdraw,
        name="withdraw",
    ),
    path("relecture/<str:token>/", review_views.review, name="review"),
    path("relecture/<str:token>/projet.pdf", review_views.review_pdf, name="review_pdf"),
    path("relecture/<str:token>/remarque/", review_views.review_remark, name="review_remark"),
    path("relecture/<str:token>/avis/", review_views.review_verdict, name="review_verdict"),
    path("instances/<int:pk>/phrases/", phrase_views.phrases, name="phrases"),
    path("instances/<int:pk>/phrases/<int:phrase>/", phrase_views.edit_phrase, name="edit_phrase"),
    path(
        "instances/<int:pk>/phrases/<int:phrase>/ordre/",
        phrase_views.move_phrase,
        name="move_phrase",
    ),
    path(
        "instances/<int:pk>/phrases/<int:phrase>/retirer/",
        phrase_views.drop_phrase,
        name="drop_phrase",
    ),
    path("documents/<int:pk>/comparer/<int:other>/", writing_views.compare, name="compare"),
]
