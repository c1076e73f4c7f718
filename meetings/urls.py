from django.urls import path

from meetings import views

app_name = "meetings"

urlpatterns = [
    path("", views.meeting_list, name="list"),
    path("nouvelle/", views.create, name="create"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/modifier/", views.edit, name="edit"),
    path("<int:pk>/supprimer/", views.delete, name="delete"),
    path("<int:pk>/presences/", views.attendance, name="attendance"),
    path("<int:pk>/appel/", views.point_roll, name="roll"),
    path("<int:pk>/heures/<slug:member>/", views.hours, name="hours"),
    path("<int:pk>/conduite/", views.conduct, name="conduct"),
    path("<int:pk>/mouvements/<slug:kind>/", views.movement, name="movement"),
    path("<int:pk>/composition/reprendre/", views.recompose, name="recompose"),
    path("<int:pk>/quorum/", views.why, name="why"),
    path("<int:pk>/ordre-du-jour/", views.agenda, name="agenda"),
    path("<int:pk>/ordre-du-jour/adopter/", views.adopt_all, name="adopt_all"),
    path("<int:pk>/ordre-du-jour/examiner/", views.examine, name="examine"),
    path("<int:pk>/points/<slug:key>/", views.item, name="item"),
    path("<int:pk>/points/<slug:key>/modifier/", views.edit_item, name="edit_item"),
    path("<int:pk>/points/<slug:key>/deplacer/", views.move_item, name="move_item"),
    path("<int:pk>/points/<slug:key>/retirer/", views.remove_item, name="remove_item"),
    path("<int:pk>/points/<slug:key>/texte/", views.save_text, name="save_text"),
    path("<int:pk>/points/<slug:key>/conflit/", views.conflict, name="conflict"),
    path("<int:pk>/points/<slug:key>/scrutin/", views.hold_ballot, name="ballot"),
    path("<int:pk>/points/<slug:key>/scrutin/apercu/", views.preview_ballot, name="preview_ballot"),
    path("<int:pk>/points/<slug:key>/unanimite/", views.adopt, name="adopt"),
    path("<int:pk>/points/<slug:key>/election/", views.hold_election, name="election"),
    path("<int:pk>/points/<slug:key>/suite/", views.note_fate, name="fate"),
    path("<int:pk>/points/<slug:key>/quorum/", views.why, name="why_item"),
    path("<int:pk>/registre/", views.ledger, name="ledger"),
    path("<int:pk>/registre/<int:seq>/pourquoi/", views.why_decision, name="why_decision"),
    path("<int:pk>/registre/<int:seq>/annuler/", views.void, name="void"),
]
