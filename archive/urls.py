"""Paths of what is kept, found and published: search, verification, archives, public pages."""

from django.urls import path, re_path

from archive.desk import alone_views as alone
from archive.desk import mandates
from archive.desk import views as desk
from archive.keeping import deposit_views as depositing
from archive.keeping import views as keeping
from archive.online import alert_pages, pages
from archive.online import views as online
from archive.personal import views as personal
from archive.watching import views as watching
from documents.models import CODE_LENGTH, CODE_LETTERS

app_name = "archive"

# A code is in capitals, the slug of an organisation in small letters.
_CODE = rf"^actes/(?P<code>[{CODE_LETTERS}]{{{CODE_LENGTH}}})/"

_ALONE = "decisions-et-arretes/<int:pk>"

urlpatterns = [
    path("sante/", watching.watch, name="watch"),
    path("sante/etat", watching.state, name="state"),
    path("sante/mesures", watching.measures, name="measures"),
    path("decisions-et-arretes/", alone.acts, name="acts_alone"),
    path("decisions-et-arretes/nouveau/<slug:kind>/", alone.new_act, name="new_act"),
    path("decisions-et-arretes/ouvrir/", alone.open_registers, name="open_registers"),
    path(f"{_ALONE}/", alone.act, name="act"),
    path(f"{_ALONE}/modifier/", alone.edit_act, name="edit_act"),
    path(f"{_ALONE}/projet.pdf", alone.act_draft, name="act_draft"),
    path(f"{_ALONE}/etablir/", alone.take_act, name="take_act"),
    path(f"{_ALONE}/version/", alone.issue_act_again, name="issue_act_again"),
    path(f"{_ALONE}/supprimer/", alone.drop_act, name="drop_act"),
    path("seances/<int:pk>/mandats/", mandates.behind, name="mandates"),
    path("seances/<int:pk>/mandats/fonctions/", mandates.write_offices, name="write_offices"),
    path("seances/<int:pk>/mandats/laisser/", mandates.leave, name="leave_mandates"),
    path("recherche/", desk.find, name="search"),
    path("recherche/propositions/", desk.suggest, name="suggest"),
    path("seances/<int:pk>/conserver/", keeping.keep, name="keep"),
    path("seances/<int:pk>/conserver/tout/", keeping.keep_whole, name="keep_whole"),
    path("service-d-archives/", depositing.archive_service, name="archive_service"),
    path("seances/<int:pk>/verser/", depositing.deposit, name="deposit"),
    path("seances/<int:pk>/verser/paquet.zip", depositing.deposit_pack, name="deposit_pack"),
    path("instances/<int:pk>/registre/<int:year>/volume.pdf", keeping.volume, name="volume"),
    path("seances/<int:pk>/publication/", online.sitting, name="publish_sitting"),
    path("seances/<int:pk>/publication/avancement/", online.publishing, name="publishing"),
    path("seances/<int:pk>/publication/lecture/", online.reading, name="public_reading"),
    path("seances/<int:pk>/publication/masquer/", online.mask, name="mask"),
    path("seances/<int:pk>/publication/passages/", online.decide, name="decide_passages"),
    path("seances/<int:pk>/publication/remplacer/", online.replace_masked, name="replace_masked"),
    path("pieces/<int:pk>/publication/", online.choose_annex, name="choose_annex"),
    path("seances/<int:pk>/publication/demander/", online.ask, name="ask_for_publication"),
    path("seances/<int:pk>/publication/certifier/", online.certify_sitting, name="certify_sitting"),
    path("documents/<int:pk>/affichage/", online.post, name="post"),
    path("affichages/<int:pk>/oter/", online.take_down, name="take_down"),
    path("affichages/<int:pk>/annuler/", online.take_back, name="take_posting_back"),
    path("affichages/<int:pk>/certifier/", online.certify_posting, name="certify_posting"),
    path("documents/<int:pk>/certifier/", online.certify, name="certify"),
    path("certificats/<int:pk>.pdf", online.certificate, name="certificate"),
    path("documents/<int:pk>/copie.pdf", online.stamped_copy, name="stamped_copy"),
    path("documents/<int:pk>/public/", online.public_sheet, name="public_sheet"),
    path("documents/<int:pk>/public.pdf", online.public_draft, name="public_draft"),
    path("journal/", keeping.journal, name="journal"),
    path("journal/fichier.csv", keeping.journal_file, name="journal_file"),
    path("verifier/hors-ligne/<str:name>", keeping.tool, name="tool"),
    path("documents/<int:pk>/preuve/", keeping.proof, name="proof"),
    path("verifier/", keeping.verify, name="verify"),
    path("documents/<int:pk>/publication/", online.publication, name="publication"),
    path("documents/<int:pk>/publication/retirer/", online.withdraw, name="withdraw"),
    path("premiers-pas/", desk.beginnings, name="first_steps"),
    path("a-faire/", desk.to_do, name="to_do"),
    path("a-faire/relancer/<int:pk>/", desk.recall, name="recall"),
    path("seances/<int:pk>/relancer/", desk.recall_signers, name="recall_signers"),
    path("a-faire/calendrier/", desk.make_feed, name="make_task_feed"),
    path("a-faire/calendrier/retirer/", desk.drop_feed, name="drop_task_feed"),
    path("rappels/<str:token>/", desk.stop_calls, name="stop_calls"),
    path("echeances/<str:token>.ics", desk.calendar, name="task_calendar"),
    path("personnes/<int:pk>/donnees/", personal.person, name="person_data"),
    path("personnes/<int:pk>/donnees/fichier.zip", personal.person_file, name="person_file"),
    path("mon-compte/donnees.zip", personal.my_file, name="my_file"),
    path("donnees-personnelles/registre/", personal.register, name="processing"),
    path("donnees-personnelles/effacer/", personal.letting_go, name="letting_go"),
    path("donnees-personnelles/effacer/faire/", personal.let_go, name="let_go"),
    path("actes/", pages.index, name="public"),
    re_path(f"{_CODE}$", pages.document, name="public_document"),
    re_path(f"{_CODE}fichier/$", pages.download, name="public_file"),
    re_path(f"{_CODE}preuve/$", pages.proof, name="public_proof"),
    re_path(f"{_CODE}annexes/(?P<rank>[0-9]{{1,3}})/$", pages.annex, name="public_annex"),
    re_path(f"{_CODE}copie/$", pages.stamped_copy, name="public_copy"),
    path("actes/<slug:slug>/", pages.of_organisation, name="public_organisation"),
    path("actes/<slug:slug>/seances/", pages.of_sittings, name="public_sittings"),
    path("actes/<slug:slug>/flux.atom", pages.feed, name="public_feed"),
    path("actes/<slug:slug>/encart/", pages.embed, name="public_embed"),
    path("actes/<slug:slug>/couleurs.css", pages.colours, name="public_colours"),
    path("actes/<slug:slug>/logo", pages.logo, name="public_logo"),
    path("actes/<slug:slug>/alertes/", alert_pages.ask, name="ask_alert"),
    path("alertes/<str:token>/", alert_pages.alert, name="alert"),
    path("v/", pages.typed_code, name="typed_code"),
    path("v/<str:code>/", pages.code, name="code"),
    path("robots.txt", pages.robots, name="robots"),
]
