"""Paths of the register: numbers, adoption, signatures, keys."""

from django.urls import path

from registry.acts import views as acts
from registry.delegations import views as delegations
from registry.follow_ups import views as follow_ups
from registry.keyring import views as keyring
from registry.reviews import views as reviews
from registry.signatures import views as signatures
from registry.volume import views as volume
from registry.writing import phrase_views
from registry.writing import views as writing

app_name = "registry"

_SIGNATURES = "documents/<int:pk>/signatures"
_DEPOSITS = f"{_SIGNATURES}/depots/<int:deposit>"
_REGISTER = "instances/<int:pk>/registre"
_PHRASES = "instances/<int:pk>/phrases"
_REVIEWS = "seances/<int:pk>/relectures"
_ACTS = "seances/<int:pk>/actes"
_DELEGATIONS = "instances/<int:pk>/delegations"

urlpatterns = [
    path(f"{_ACTS}/", acts.acts, name="acts"),
    path(f"{_ACTS}/numeroter/", acts.number, name="number"),
    path(f"{_ACTS}/etablir/", acts.issue_acts, name="issue_acts"),
    path(f"{_ACTS}/preparer/", acts.prepare_acts, name="prepare_acts"),
    path(f"{_ACTS}/signer/", acts.sign_acts, name="sign_acts"),
    path(f"{_ACTS}/articles/", acts.ask_for_articles, name="ask_for_articles"),
    path(f"{_ACTS}/cloture.pdf", volume.closing, name="closing"),
    path("a-signer/", acts.to_sign, name="to_sign"),
    path(f"{_ACTS}/adoption/", acts.adopt, name="adopt"),
    path(f"{_ACTS}/<int:deliberation>/lien/", acts.link, name="link"),
    path(f"{_ACTS}/<int:deliberation>/lien/<int:link>/retirer/", acts.unlink, name="unlink"),
    path(f"{_SIGNATURES}/", signatures.signatures, name="signatures"),
    path(f"{_SIGNATURES}/preparer/", signatures.prepare, name="prepare"),
    path(f"{_SIGNATURES}/demander/", signatures.ask_to_hand, name="ask_to_hand"),
    path("documents/<int:pk>/telecharger/", signatures.current, name="current"),
    path(f"{_SIGNATURES}/<slug:place>/signer/", signatures.sign, name="sign"),
    path(f"{_SIGNATURES}/<slug:place>/deposer/", signatures.upload_signed, name="upload_signed"),
    path(f"{_SIGNATURES}/<slug:place>/feuille/", signatures.upload_sheet, name="upload_sheet"),
    path(f"{_SIGNATURES}/<slug:place>/ne-pas-signer/", signatures.decline, name="decline"),
    path(f"{_SIGNATURES}/<slug:place>/redemander/", signatures.ask_again, name="ask_again"),
    path(f"{_SIGNATURES}/<slug:place>/feuille/lire/", signatures.sheet, name="sheet"),
    path(f"{_DEPOSITS}/", signatures.deposit, name="deposit"),
    path(f"{_DEPOSITS}/fichier/", signatures.deposit_file, name="deposit_file"),
    path(f"{_DEPOSITS}/confirmer/", signatures.confirm, name="confirm_deposit"),
    path(f"{_DEPOSITS}/ecarter/", signatures.set_aside, name="set_aside_deposit"),
    # Whose key it is
    path("cles/", keyring.all_keys, name="keys"),
    path("cles/certificat/", keyring.hand_in, name="hand_in_key"),
    path("cles/demonstration/", keyring.demonstrate, name="demonstrate_key"),
    path("cles/fichier/<slug:fingerprint>/", keyring.bind, name="bind_key"),
    path("cles/<int:pk>/rattacher/", keyring.accept, name="accept_key"),
    path("cles/<int:pk>/revoquer/", keyring.revoke, name="revoke_key"),
    path("mes-cles/", keyring.my_keys, name="my_keys"),
    # The register of the year
    path(f"{_REGISTER}/", volume.register, name="register"),
    path(f"{_REGISTER}/<int:year>/", volume.register, name="register_year"),
    path(f"{_REGISTER}/<int:year>/table-<slug:by>.pdf", volume.register_table, name="table"),
    # What is decided by delegation
    path(f"{_DELEGATIONS}/", delegations.delegations, name="delegations"),
    path(f"{_DELEGATIONS}/nouvelle/", delegations.new_delegation, name="new_delegation"),
    path(
        f"{_DELEGATIONS}/en-vigueur/<int:delegation>/",
        delegations.settle_delegation,
        name="settle_delegation",
    ),
    path(f"{_DELEGATIONS}/<int:ruling>/retirer/", delegations.drop_ruling, name="drop_ruling"),
    path(f"{_DELEGATIONS}/dites/<int:line>/redire/", delegations.untell, name="untell"),
    path("seances/<int:pk>/delegations/", delegations.account, name="account"),
    # What is to be carried out
    path("instances/<int:pk>/suites/", follow_ups.of_body, name="follow_ups"),
    path("seances/<int:pk>/suites/", follow_ups.put_on_agenda, name="agenda_follow_ups"),
    path("seances/<int:pk>/points/<slug:key>/suites/", follow_ups.of_item, name="item_follow_ups"),
    path("suites/<int:pk>/", follow_ups.follow_up, name="follow_up"),
    path("suites/<int:pk>/issue/", follow_ups.settle, name="settle_follow_up"),
    path("suites/<int:pk>/rouvrir/", follow_ups.reopen, name="reopen_follow_up"),
    path("suites/<int:pk>/retirer/", follow_ups.drop, name="drop_follow_up"),
    # Writing and reviewing
    path("seances/<int:pk>/rediger/", writing.write, name="write"),
    path("seances/<int:pk>/rediger/<slug:key>/", writing.passage, name="passage"),
    path("seances/<int:pk>/remarques/<int:remark>/", reviews.settle, name="settle"),
    path(f"{_REVIEWS}/", reviews.reviews, name="reviews"),
    path(f"{_REVIEWS}/<int:review>/retirer/", reviews.withdraw, name="withdraw"),
    path("relecture/<str:token>/", reviews.review, name="review"),
    path("relecture/<str:token>/projet.pdf", reviews.review_pdf, name="review_pdf"),
    path("relecture/<str:token>/remarque/", reviews.review_remark, name="review_remark"),
    path("relecture/<str:token>/avis/", reviews.review_verdict, name="review_verdict"),
    path(f"{_PHRASES}/", phrase_views.phrases, name="phrases"),
    path(f"{_PHRASES}/<int:phrase>/", phrase_views.edit_phrase, name="edit_phrase"),
    path(f"{_PHRASES}/<int:phrase>/ordre/", phrase_views.move_phrase, name="move_phrase"),
    path(f"{_PHRASES}/<int:phrase>/retirer/", phrase_views.drop_phrase, name="drop_phrase"),
    path("documents/<int:pk>/comparer/<int:other>/", writing.compare, name="compare"),
]
