"""Paths of convening and of the delegate's desk."""

from collections.abc import Callable

from django.urls import path

from convening import (
    answer_views,
    board_views,
    bounce_views,
    desk_views,
    outbox_views,
    sent_views,
    stuck_views,
    views,
    year_views,
)
from convening.doors import by_account, by_link, by_secretariat

app_name = "convening"

# --- The desk of the secretariat --------------------------------------------------------------

_SITTING = "seances/<int:pk>"
_SENT = "seances/convocations/<int:pk>"
_RECIPIENT = "seances/destinataires/<int:pk>"
_MAIL = "boite-d-envoi/<int:pk>"

urlpatterns: list = [
    path(f"{_SITTING}/convocation/", views.prepare, name="prepare"),
    path(f"{_SITTING}/convocation/envoyer/", views.send, name="send"),
    path(f"{_SITTING}/convocation/arrives/", views.newcomers, name="newcomers"),
    path(f"{_SITTING}/convocation/projet.pdf", views.draft_dossier, name="draft_dossier"),
    path(f"{_SITTING}/convocation/courriel/", views.draft_mail, name="draft_mail"),
    path(f"{_SITTING}/convocation/abandonner/", views.drop, name="drop"),
    path(f"{_SITTING}/rectifier/", views.rectify, name="rectify"),
    path(f"{_SITTING}/deplacer/", views.move, name="move"),
    path(f"{_SITTING}/annuler/", views.cancel, name="cancel"),
    path(f"{_SITTING}/seconde-convocation/", views.second_call, name="second_call"),
    path(f"{_SENT}/", sent_views.ledger, name="ledger"),
    path(f"{_SENT}/progression/", sent_views.progress, name="progress"),
    path(f"{_SENT}/destinataires.csv", sent_views.ledger_csv, name="ledger_csv"),
    path(f"{_SENT}/dossier.pdf", sent_views.dossier, name="dossier"),
    path(f"{_SENT}/certificat.pdf", sent_views.certificate, name="certificate"),
    path(f"{_SENT}/lettres.pdf", sent_views.letters, name="letters"),
    path(f"{_SENT}/etiquettes.pdf", sent_views.letters, name="labels"),
    path(f"{_SENT}/publipostage.xlsx", sent_views.mail_merge, name="mail_merge"),
    path(f"{_SENT}/remises/", sent_views.hand_over, name="hand_over"),
    path(f"{_SENT}/remises/corriger/", sent_views.correct, name="correct"),
    path(f"{_RECIPIENT}/", sent_views.recipient, name="recipient"),
    path(f"{_RECIPIENT}/renvoyer/", sent_views.resend, name="resend"),
    path(f"{_RECIPIENT}/retour/", sent_views.bounce, name="bounce"),
    path(f"{_RECIPIENT}/lettre/", sent_views.print_instead, name="print_instead"),
    path("dossier/<str:token>/", sent_views.sent_dossier, name="sent_dossier"),
    path("dossier/<str:token>/<int:rank>/", sent_views.sent_file, name="sent_file"),
    path("courriels/", stuck_views.stuck_list, name="stuck"),
    path("courriels/retours/", bounce_views.told, name="returned"),
    path("courriels/comptes/<int:pk>/", stuck_views.stuck_letter, name="stuck_letter"),
    path("courriels/seances/<int:pk>/", stuck_views.stuck_notice, name="stuck_notice"),
    path("boite-d-envoi/", outbox_views.outbox_list, name="outbox"),
    path("boite-d-envoi/vider/", outbox_views.outbox_empty, name="outbox_empty"),
    path(f"{_MAIL}/", outbox_views.outbox_mail, name="outbox_mail"),
    path(f"{_MAIL}/html/", outbox_views.outbox_html, name="outbox_html"),
    path(f"{_MAIL}/source/", outbox_views.outbox_source, name="outbox_source"),
    path(f"{_MAIL}/pieces/<slug:sha256>/", outbox_views.outbox_file, name="outbox_file"),
]

# --- Answers: the same pages through two doors ------------------------------------------------

_PAGES = {
    "": ("", answer_views.page),
    "answer": ("reponse/", answer_views.answer),
    "ask": ("question/", answer_views.ask),
    "proxy": ("pouvoir.pdf", answer_views.proxy),
    "sign": ("pouvoir-signe/", answer_views.sign),
    "reader": ("dossier/", answer_views.reader),
    "dossier": ("dossier.pdf", answer_views.dossier),
    "file": ("pieces/<int:piece>/", answer_views.file),
    "renew": ("lien/", answer_views.renew),
}
_OWN = ("", "answer", "ask", "proxy", "sign", "reader", "dossier", "file")
_NOTED = ("", "answer", "proxy", "sign", "renew")


def _through(door: Callable, prefix: str, name: str, *pages: str) -> list:
    """These pages behind this door, named after it: "invitation", "invitation_answer"…"""
    return [
        path(
            f"{prefix}/{_PAGES[page][0]}",
            door(_PAGES[page][1]),
            name=f"{name}_{page}" if page else name,
        )
        for page in pages
    ]


urlpatterns += [
    *_through(by_link, "invitation/<str:token>", "invitation", *_OWN),
    *_through(by_account, "mes-seances/<int:pk>", "sitting", *_OWN),
    *_through(by_secretariat, "seances/<int:pk>/reponses/<int:mandate>", "person", *_NOTED),
]

# --- The board of a sitting -------------------------------------------------------------------

_BOARD = "seances/<int:pk>/reponses"
_PAPERS = "documents/seances/<int:pk>"
urlpatterns += [
    path(f"{_BOARD}/", board_views.page, name="board"),
    path(f"{_BOARD}/noter/", board_views.note, name="note"),
    path(f"{_BOARD}/proposer/", board_views.suggest, name="suggest"),
    path(f"{_BOARD}/appel/", board_views.roll, name="roll"),
    path(f"{_BOARD}/pouvoirs/<int:answer>/", board_views.signed_proxy, name="signed_proxy"),
    path(f"{_BOARD}/questions/<int:question>/", board_views.reply, name="reply"),
    path(f"{_BOARD}/relances/", board_views.add_reminder, name="add_reminder"),
    path(f"{_BOARD}/relancer/", board_views.remind, name="remind"),
    path(f"{_BOARD}/relances/habituelles/", board_views.usual_reminders, name="usual_reminders"),
    path(
        f"{_BOARD}/relances/<int:reminder>/retirer/",
        board_views.remove_reminder,
        name="remove_reminder",
    ),
    path(f"{_PAPERS}/emargement.pdf", board_views.attendance_sheet, name="attendance_sheet"),
    path(f"{_PAPERS}/chevalets.pdf", board_views.name_plates, name="name_plates"),
]

# --- The delegate's desk ----------------------------------------------------------------------

urlpatterns += [
    path("mes-seances/", desk_views.page, name="desk"),
    path("mes-seances/presences/", desk_views.attendance, name="attendance"),
    path("mes-seances/profil/", desk_views.profile, name="profile"),
    path("mes-seances/calendrier/", desk_views.make_feed, name="make_feed"),
    path("mes-seances/calendrier/retirer/", desk_views.drop_feed, name="drop_feed"),
    path("calendrier/<str:token>.ics", desk_views.calendar, name="calendar"),
]

# --- The year of a body -----------------------------------------------------------------------

urlpatterns += [
    path("instances/<int:pk>/presences/", year_views.page, name="year"),
    path("instances/<int:pk>/presences/envoyer/", year_views.send, name="year_send"),
    path("instances/<int:pk>/presences.pdf", year_views.paper, name="year_paper"),
    path("instances/<int:pk>/presences.xlsx", year_views.workbook, name="year_workbook"),
]
