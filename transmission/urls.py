"""Paths of what is told to the prefecture: of a sitting, of an act, of one sending."""

from django.urls import path

from transmission import views
from transmission.operators import folders
from transmission.operators import views as operators

app_name = "transmission"

urlpatterns = [
    path("seances/<int:pk>/transmission/", views.sitting, name="sitting"),
    path("seances/<int:pk>/transmission/fiches/", views.sheets, name="sheets"),
    path("seances/<int:pk>/transmission/preparer/", views.prepare, name="prepare"),
    path("seances/<int:pk>/transmission/envois.zip", views.packs, name="packs"),
    path("seances/<int:pk>/transmission/deposes/", views.deposited, name="deposited"),
    path("seances/<int:pk>/transmission/reponses/", views.answers, name="answers"),
    path("seances/<int:pk>/transmission/recu/", views.noted, name="noted"),
    path("deliberations/<int:pk>/transmission/", views.act, name="act"),
    path("deliberations/<int:pk>/transmission/fiche/", views.sheet, name="sheet"),
    path("deliberations/<int:pk>/transmission/preparer/", views.prepare_act, name="prepare_act"),
    path("transmissions/<int:pk>/abandonner/", views.abandon, name="abandon"),
    path("transmissions/<int:pk>/annuler/", views.cancel, name="cancel"),
    path("transmissions/<int:pk>/reprendre/", views.take_back, name="take_back"),
    path("transmissions/echanges/<int:pk>/", views.exchange, name="exchange"),
    path("transmissions/echanges/<int:pk>/repondre/", views.reply, name="reply"),
    path("transmissions/<int:pk>/suite/", operators.decide, name="decide"),
    path("documents/<int:pk>/parapheur/", folders.send, name="send_to_sign"),
    path("seances/<int:pk>/parapheur/", folders.send_all, name="send_all_to_sign"),
    path("parapheur/<int:pk>/", folders.folder, name="folder"),
    path("parapheur/<int:pk>/retirer/", folders.withdraw, name="withdraw_folder"),
    path("parapheur/<int:pk>/redemander/", folders.again, name="ask_folder"),
    path("parapheur/<int:pk>/revenu.pdf", folders.returned, name="returned"),
    path("prefecture/", views.prefecture, name="prefecture"),
    path("prefecture/operateurs/", operators.operators, name="operators"),
    path("prefecture/operateurs/<str:kind>/", operators.operator, name="operator"),
    path("prefecture/operateurs/<str:kind>/essai/", operators.try_operator, name="try_operator"),
    path("prefecture/identite/", views.identity, name="identity"),
]
