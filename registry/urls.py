"""Paths of the register: numbers, adoption, signatures."""

from django.urls import path

from registry.acts import views as acts
from registry.reviews import views as reviews
from registry.signatures import views as signatures
from registry.volume import views as volume
from registry.writing import phrase_views
from registry.writing import views as writing

app_name = "registry"
urlpatterns = [
    path("seances/<int:pk>/actes/", acts.acts, name="acts"),
    path("seances/<int:pk>/actes/numeroter/", acts.number, name="number"),
    path("seances/<int:pk>/actes/etablir/", acts.issue_acts, name="issue_acts"),
    path("seances/<int:pk>/actes/preparer/", acts.prepare_acts, name="prepare_acts"),
    path("seances/<int:pk>/actes/signer/", acts.sign_acts, name="sign_acts"),
    path("seances/<int:pk>/actes/cloture.pdf", volume.closing, name="closing"),
    path("seances/<int:pk>/actes/adoption/", acts.adopt, name="adopt"),
    path("seances/<int:pk>/actes/<int:deliberation>/lien/", acts.link, name="link"),
    path("documents/<int:pk>/signatures/", signatures.signatures, name="signatures"),
    path("documents/<int:pk>/signatures/preparer/", signatures.prepare, name="prepare"),
    path("documents/<int:pk>/signatures/fichier/", signatures.current, name="current"),
    path("documents/<int:pk>/signatures/<slug:place>/signer/", signatures.sign, name="sign"),
    path(
        "documents/<int:pk>/signatures/<slug:place>/deposer/",
        signatures.upload_signed,
        name="upload_signed",
    ),
    path(
        "documents/<int:pk>/signatures/<slug:place>/feuille/",
        signatures.upload_sheet,
        name="upload_sheet",
    ),
    path(
        "documents/<int:pk>/signatures/<slug:place>/feuille/lire/", signatures.sheet, name="sheet"
    ),
    # The register of the year
    path("instances/<int:pk>/registre/", volume.register, name="register"),
    path("instances/<int:pk>/registre/<int:year>/", volume.register, name="register_year"),
    path(
        "instances/<int:pk>/registre/<int:year>/volume.pdf",
        volume.register_volume,
        name="volume",
    ),
    path(
        "instances/<int:pk>/registre/<int:year>/table-<slug:by>.pdf",
        volume.register_table,
        name="table",
    ),
    # Writing and reviewing
    path("seances/<int:pk>/rediger/", writing.write, name="write"),
    path("seances/<int:pk>/rediger/<slug:key>/", writing.passage, name="passage"),
    path("seances/<int:pk>/remarques/<int:remark>/", reviews.settle, name="settle"),
    path("seances/<int:pk>/relectures/", reviews.reviews, name="reviews"),
    path(
        "seances/<int:pk>/relectures/<int:review>/retirer/",
        reviews.withdraw,
        name="withdraw",
    ),
    path("relecture/<str:token>/", reviews.review, name="review"),
    path("relecture/<str:token>/projet.pdf", reviews.review_pdf, name="review_pdf"),
    path("relecture/<str:token>/remarque/", reviews.review_remark, name="review_remark"),
    path("relecture/<str:token>/avis/", reviews.review_verdict, name="review_verdict"),
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
    path("documents/<int:pk>/comparer/<int:other>/", writing.compare, name="compare"),
]
