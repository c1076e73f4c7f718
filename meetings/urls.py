from django.urls import path

from meetings.views import (
    agenda,
    attendance,
    decisions,
    habits,
    ledger,
    lists,
    preparing,
    sitting,
    texts,
)

app_name = "meetings"

_POINT = "<int:pk>/points/<slug:key>"

urlpatterns = [
    path("", lists.meeting_list, name="list"),
    path("nouvelle/", sitting.create, name="create"),
    path("<int:pk>/", sitting.detail, name="detail"),
    path("<int:pk>/modifier/", sitting.edit, name="edit"),
    path("<int:pk>/supprimer/", sitting.delete, name="delete"),
    path("<int:pk>/presences/", attendance.show_attendance, name="attendance"),
    path("<int:pk>/appel/", attendance.point_roll, name="roll"),
    path("<int:pk>/heures/<slug:member>/", attendance.hours, name="hours"),
    path("<int:pk>/conduite/", attendance.save_conduct, name="conduct"),
    path("<int:pk>/mouvements/<slug:kind>/", attendance.movement, name="movement"),
    path("<int:pk>/composition/reprendre/", attendance.recompose, name="recompose"),
    path("<int:pk>/quorum/", decisions.why, name="why"),
    path("<int:pk>/ordre-du-jour/", agenda.agenda, name="agenda"),
    path("<int:pk>/ordre-du-jour/adopter/", agenda.adopt_all, name="adopt_all"),
    path("<int:pk>/ordre-du-jour/examiner/", agenda.examine, name="examine"),
    path("<int:pk>/ordre-du-jour/reprendre/", agenda.copy_agenda, name="copy_agenda"),
    path("<int:pk>/ordre-du-jour/proposes/", agenda.take_proposals, name="take_proposals"),
    path("<int:pk>/ordre-du-jour/points/", agenda.do_several, name="do_several"),
    path("<int:pk>/ordre-du-jour/dossier-commun/", agenda.common, name="common"),
    path("<int:pk>/ordre-du-jour/annuler/", agenda.take_back, name="take_back"),
    path("<int:pk>/dossier/", sitting.dossier, name="dossier"),
    path(f"{_POINT}/dossier/", preparing.brief, name="brief"),
    path(f"{_POINT}/dossier/apercu/", preparing.preview_brief, name="preview_brief"),
    path(f"{_POINT}/dossier/word/", preparing.import_note, name="import_note"),
    path(f"{_POINT}/dossier/conflit/", preparing.brief_conflict, name="brief_conflict"),
    path(f"{_POINT}/pieces/", preparing.attachment_list, name="attachments"),
    path("pieces/<int:pk>/", preparing.attachment, name="attachment"),
    path("pieces/<int:pk>/renommer/", preparing.rename_attachment, name="rename_attachment"),
    path("pieces/<int:pk>/deplacer/", preparing.move_attachment, name="move_attachment"),
    path("pieces/<int:pk>/retirer/", preparing.remove_attachment, name="remove_attachment"),
    path(f"{_POINT}/", decisions.item, name="item"),
    path(f"{_POINT}/modifier/", agenda.edit_item, name="edit_item"),
    path(f"{_POINT}/nature/", agenda.set_kind, name="set_kind"),
    path(f"{_POINT}/deplacer/", agenda.move_item, name="move_item"),
    path(f"{_POINT}/retirer/", agenda.remove_item, name="remove_item"),
    path(f"{_POINT}/texte/", texts.save_text, name="save_text"),
    path(f"{_POINT}/conflit/", texts.conflict, name="conflict"),
    path(f"{_POINT}/scrutin/", decisions.hold_ballot, name="ballot"),
    path(f"{_POINT}/scrutin/apercu/", decisions.preview_ballot, name="preview_ballot"),
    path(f"{_POINT}/unanimite/", decisions.adopt, name="adopt"),
    path(f"{_POINT}/election/", decisions.hold_election, name="election"),
    path(f"{_POINT}/suite/", decisions.note_fate, name="fate"),
    path(f"{_POINT}/quorum/", decisions.why, name="why_item"),
    path("<int:pk>/registre/", ledger.show_ledger, name="ledger"),
    path("<int:pk>/registre/<int:seq>/pourquoi/", decisions.why_decision, name="why_decision"),
    path("<int:pk>/registre/<int:seq>/annuler/", ledger.void, name="void"),
]

# Of a body rather than of a sitting: served under its own address.
recurring = (
    [
        path("", habits.recurring, name="list"),
        path("<int:habit>/", habits.edit_recurring, name="edit"),
        path("<int:habit>/deplacer/", habits.move_recurring, name="move"),
        path("<int:habit>/retirer/", habits.drop_recurring, name="drop"),
    ],
    "recurring",
)
