from django.urls import path

from meetings import prepare_views, views

app_name = "meetings"

urlpatterns = [
    path("", views.meeting_list, name="list"),
    path("nouvelle/", views.create, name="create"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/modifier/", views.edit, name="edit"),
    path("<int:pk>/supprimer/", views.delete, name="delete"),
    path("<int:pk>/presences/", views.show_attendance, name="attendance"),
    path("<int:pk>/appel/", views.point_roll, name="roll"),
    path("<int:pk>/heures/<slug:member>/", views.hours, name="hours"),
    path("<int:pk>/conduite/", views.save_conduct, name="conduct"),
    path("<int:pk>/mouvements/<slug:kind>/", views.movement, name="movement"),
    path("<int:pk>/composition/reprendre/", views.recompose, name="recompose"),
    path("<int:pk>/quorum/", views.why, name="why"),
    path("<int:pk>/ordre-du-jour/", views.agenda, name="agenda"),
    path("<int:pk>/ordre-du-jour/adopter/", views.adopt_all, name="adopt_all"),
    path("<int:pk>/ordre-du-jour/examiner/", views.examine, name="examine"),
    path("<int:pk>/ordre-du-jour/reprendre/", prepare_views.copy_agenda, name="copy_agenda"),
    path("<int:pk>/ordre-du-jour/proposes/", prepare_views.take_proposals, name="take_proposals"),
    path("<int:pk>/dossier/", prepare_views.dossier, name="dossier"),
    path("<int:pk>/points/<slug:key>/dossier/", prepare_views.brief, name="brief"),
    path(
        "<int:pk>/points/<slug:key>/dossier/apercu/",
        prepare_views.preview_brief,
        name="preview_brief",
    ),
    path(
        "<int:pk>/points/<slug:key>/dossier/conflit/",
        prepare_views.brief_conflict,
        name="brief_conflict",
    ),
    path("<int:pk>/points/<slug:key>/pieces/", prepare_views.attachment_list, name="attachments"),
    path("pieces/<int:pk>/", prepare_views.attachment, name="attachment"),
    path("pieces/<int:pk>/renommer/", prepare_views.rename_attachment, name="rename_attachment"),
    path("pieces/<int:pk>/deplacer/", prepare_views.move_attachment, name="move_attachment"),
    path("pieces/<int:pk>/retirer/", prepare_views.remove_attachment, name="remove_attachment"),
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
    path("<int:pk>/registre/", views.show_ledger, name="ledger"),
    path("<int:pk>/registre/<int:seq>/pourquoi/", views.why_decision, name="why_decision"),
    path("<int:pk>/registre/<int:seq>/annuler/", views.void, name="void"),
]

# Of a body rather than of a sitting: served under its own address.
recurring = (
    [
        path("", prepare_views.recurring, name="list"),
        path("<int:habit>/", prepare_views.edit_recurring, name="edit"),
        path("<int:habit>/deplacer/", prepare_views.move_recurring, name="move"),
        path("<int:habit>/retirer/", prepare_views.drop_recurring, name="drop"),
    ],
    "recurring",
)
