"""Where the guides speak of each page: from the name of its address to a chapter.

Every address has its line, that of a form too: refused, it shows its page again. What never shows
a page of its own (files, pieces of pages, what a machine asks) is in `NO_PAGE`. `tests/guides`
walks the application, and finds neither a page without its place nor a place that is not there.
"""

from collections.abc import Iterable, Iterator

from django.urls import reverse

# Chapter, then the names of the addresses; the same name under two guides: the first is for whoever
# is of no secretariat nor administration.
FOR_ALL = {
    "delegue#pour-les-délégués": "home accounts:login accounts:second_step accounts:provider_back",
    "delegue#répondre-à-une-convocation": """
        convening:invitation convening:invitation_answer convening:invitation_ask
        convening:invitation_proxy convening:invitation_sign convening:invitation_reader
        convening:invitation_dossier convening:invitation_file convening:sitting
        convening:sitting_answer convening:sitting_ask convening:sitting_proxy
        convening:sitting_sign convening:sitting_reader convening:sitting_dossier
        convening:sitting_file meetings:dossier
        """,
    "delegue#votre-espace": """
        convening:desk convening:attendance convening:profile convening:make_feed
        convening:drop_feed convening:calendar documents:mine documents:detail documents:leaf
        meetings:list meetings:detail meetings:agenda meetings:item meetings:why
        meetings:why_item meetings:why_decision meetings:ledger members:bodies
        members:composition members:rules archive:search archive:to_do registry:compare
        registry:register registry:register_year registry:acts archive:stop_calls
        convening:year registry:follow_ups archive:act
        """,
    "delegue#relire-et-signer": """
        registry:to_sign registry:signatures registry:sign registry:upload_signed
        registry:my_keys registry:sign_acts registry:hand_in_key registry:revoke_key
        registry:ask_for_articles registry:ask_to_hand
        """,
    "president#ne-pas-signer": "registry:decline registry:ask_again",
    "president#avant-la-séance": "convening:board",
    "president#relire": "registry:review registry:review_remark registry:review_verdict",
    "delegue#en-séance-sur-une-tablette-ou-un-téléphone": """
        live:open_tablet live:tablet live:check_in live:cast live:drop live:public
        """,
    "public#lire-un-acte": """
        archive:public_document archive:public_file archive:public_proof archive:public_copy
        archive:public_annex
        """,
    "public#chercher-dans-les-actes": "archive:public archive:public_organisation",
    "public#savoir-quand-on-se-réunit": "archive:public_sittings",
    "public#recevoir-les-nouveaux-actes": "archive:ask_alert archive:alert",
    "public#réutiliser-les-données": "opendata:page",
    "public#savoir-si-un-papier-est-vrai": "archive:verify archive:code archive:typed_code",
}
FOR_CLERKS = {
    "secretariat#guide-du-secrétariat": "home meetings:list meetings:detail",
    "secretariat#préparer-une-séance": """
        meetings:create meetings:edit meetings:delete meetings:agenda meetings:edit_item
        meetings:adopt_all meetings:examine meetings:set_kind meetings:move_item
        meetings:remove_item meetings:do_several meetings:take_back meetings:common
        """,
    "secretariat#ce-qui-revient": """
        meetings:copy_agenda meetings:take_proposals recurring:list recurring:edit
        recurring:move recurring:drop
        """,
    "secretariat#le-dossier-de-chaque-point": """
        meetings:brief meetings:import_note meetings:preview_brief meetings:brief_conflict
        meetings:dossier
        """,
    "secretariat#les-pièces-jointes": """
        meetings:attachments meetings:attachment meetings:rename_attachment
        meetings:move_attachment meetings:remove_attachment
        """,
    "secretariat#convoquer": "convening:prepare convening:send convening:drop convening:draft_mail",
    "secretariat#ce-qui-est-parti": """
        convening:ledger convening:recipient convening:resend convening:bounce
        convening:print_instead convening:hand_over convening:correct convening:newcomers
        convening:outbox convening:outbox_empty convening:stuck
        convening:stuck_letter convening:stuck_notice
        convening:outbox_mail convening:outbox_html convening:sent_dossier
        """,
    "secretariat#après-lenvoi": """
        convening:rectify convening:move convening:cancel convening:second_call
        """,
    "secretariat#les-réponses": """
        convening:board convening:note convening:suggest convening:roll convening:signed_proxy
        convening:reply convening:add_reminder convening:usual_reminders convening:remind
        convening:remove_reminder convening:person convening:person_answer
        convening:person_proxy convening:person_sign convening:person_renew accounts:births
        """,
    "secretariat#lappel-et-le-quorum": """
        meetings:attendance meetings:roll meetings:recompose meetings:why meetings:why_item
        """,
    "secretariat#la-conduite-de-la-séance": "meetings:conduct",
    "secretariat#les-mouvements": "meetings:movement meetings:hours",
    "secretariat#les-votes": """
        meetings:item meetings:ballot meetings:preview_ballot meetings:adopt
        meetings:why_decision
        """,
    "secretariat#élire-ou-désigner": "meetings:election",
    "secretariat#sans-vote": "meetings:fate",
    "secretariat#tenir-la-séance-en-direct": "live:console live:act live:act_done",
    "secretariat#lécran-de-la-salle-la-page-du-public-les-tablettes": """
        live:equipment live:make_screen live:revoke_screen live:make_tablets live:make_tablet
        live:revoke_tablet
        """,
    "secretariat#sexercer": "demo:tour demo:start demo:day demo:leave",
    "secretariat#ce-qui-sest-dit": "meetings:save_text meetings:conflict",
    "secretariat#le-procès-verbal": """
        documents:preview documents:sheet documents:issue documents:detail documents:leaf
        """,
    "secretariat#rédiger-faire-relire-corriger": """
        registry:write registry:passage registry:settle registry:reviews registry:withdraw
        registry:phrases registry:edit_phrase registry:move_phrase registry:drop_phrase
        registry:compare
        """,
    "secretariat#les-délibérations-et-le-registre": """
        registry:acts registry:number registry:issue_acts registry:prepare_acts
        registry:sign_acts registry:to_sign registry:adopt registry:link registry:unlink
        registry:signatures registry:prepare registry:sign registry:upload_signed
        registry:upload_sheet registry:deposit registry:confirm_deposit registry:set_aside_deposit
        registry:register registry:register_year documents:mine
        """,
    "secretariat#les-suites-à-donner": """
        registry:follow_ups registry:item_follow_ups registry:follow_up
        registry:settle_follow_up registry:reopen_follow_up registry:drop_follow_up
        registry:agenda_follow_ups
        """,
    "secretariat#décisions-et-arrêtés": """
        archive:acts_alone archive:open_registers archive:new_act archive:act archive:edit_act
        archive:take_act archive:issue_act_again archive:drop_act registry:new_delegation
        registry:settle_delegation
        """,
    "secretariat#rendre-compte-des-délégations": """
        registry:delegations registry:drop_ruling registry:untell registry:account
        """,
    "secretariat#transmettre-à-la-préfecture": """
        transmission:sitting transmission:sheets transmission:prepare transmission:deposited
        transmission:answers transmission:act transmission:sheet transmission:prepare_act
        transmission:abandon transmission:cancel transmission:reply transmission:decide
        transmission:noted transmission:take_back
        """,
    "secretariat#faire-signer-au-parapheur": """
        transmission:send_to_sign transmission:send_all_to_sign transmission:folder
        transmission:withdraw_folder transmission:ask_folder
        """,
    "administration#la-préfecture": "transmission:prefecture transmission:identity",
    "administration#les-opérateurs": """
        transmission:operators transmission:operator transmission:try_operator
        """,
    "administration#les-clés-dapi": "opendata:api_keys opendata:revoke_api_key",
    "secretariat#publier": """
        archive:publish_sitting archive:publishing archive:publication archive:withdraw
        """,
    "secretariat#ce-que-le-public-lira": """
        archive:public_reading archive:mask archive:replace_masked archive:decide_passages
        archive:public_sheet
        archive:public_draft archive:ask_for_publication archive:choose_annex
    """,
    "secretariat#létat-dun-acte-et-le-temps-en-ligne": """
        archive:post archive:take_down archive:take_posting_back archive:certify_posting
        archive:certify archive:certify_sitting archive:certificate archive:stamped_copy
        """,
    "secretariat#les-présences-de-lannée": "convening:year convening:year_send",
    "secretariat#à-faire": """
        archive:to_do archive:recall archive:recall_signers archive:mandates
        archive:write_offices archive:leave_mandates
        archive:make_task_feed archive:drop_task_feed archive:task_calendar
        """,
    "secretariat#vérifier-un-document": """
        archive:verify archive:code archive:typed_code archive:proof archive:search archive:keep
        archive:keep_whole
        """,
    "secretariat#verser-aux-archives": "archive:deposit archive:archive_service",
    "secretariat#le-registre-de-la-séance": "meetings:ledger meetings:void",
    "administration#premiers-pas": """
        archive:first_steps accounts:organisation members:communities
        accounts:confirm_communities accounts:community accounts:to_invite
        """,
    "administration#remplacer-un-délégué-mettre-fin-à-un-mandat": """
        members:mandate accounts:succeed accounts:undo_succession accounts:reach accounts:role
        accounts:invite_again
        """,
    "administration#les-instances": """
        members:bodies accounts:new_body members:composition members:switch_organisation
        """,
    "administration#les-papiers-dune-instance": "style:edit style:preview",
    "administration#le-journal": "archive:journal",
    "administration#létat-du-service": "archive:watch",
    "administration#les-règlements": "members:rules",
    "administration#importer-et-exporter-les-mandats": "members:import accounts:confirm_import",
    "administration#les-comptes-et-les-rôles": """
        accounts:password_reset accounts:password_reset_sent accounts:password_reset_confirm
        accounts:password_change accounts:mine accounts:address accounts:address_confirm
        accounts:change_answer accounts:enrol accounts:add_application accounts:add_passkey
        accounts:new_codes accounts:remove_factor accounts:end_sessions accounts:end_session
        accounts:invite accounts:confirm_invitation accounts:ended accounts:close
        accounts:hand_over
        accounts:change accounts:link accounts:proof accounts:logout accounts:provider
        accounts:provider_end accounts:provider_proof
        """,
    "administration#les-données-personnelles": """
        archive:person_data archive:person_file archive:my_file archive:processing
        archive:letting_go archive:let_go
        """,
    "administration#les-clés-de-signature": """
        registry:keys registry:demonstrate_key registry:bind_key registry:accept_key
        registry:hand_in_key registry:revoke_key registry:my_keys
        """,
}
# Of pages that speak of the site: all the guides.
EVERYWHERE = """
    guides:index guides:guide members:accessibility members:scheme members:legal members:contact
    members:personal_data members:site_map
    """.split()
# Files, pieces of pages, what machines ask, and the screen that hangs in the room.
NO_PAGE = """
    members:alive members:ready archive:state archive:measures members:template members:export
    meetings:preview_ballot
    live:state live:screen live:screen_state live:public_state live:tablet_state
    style:pdf
    documents:download_docx documents:signature_sheet documents:preview_pdf
    documents:voting_sheets documents:proxy_form documents:attestation
    documents:deliberation_list documents:extract
    registry:closing registry:current registry:sheet registry:deposit_file registry:table
    registry:review_pdf
    convening:draft_dossier convening:progress convening:ledger_csv convening:dossier
    convening:certificate convening:letters convening:labels convening:sent_file
    convening:mail_merge convening:returned convening:outbox_source convening:outbox_file
    convening:attendance_sheet convening:name_plates convening:year_paper convening:year_workbook
    transmission:packs transmission:exchange transmission:returned archive:deposit_pack
    archive:act_draft archive:volume archive:journal_file archive:tool archive:suggest
    archive:public_feed archive:robots archive:public_embed archive:public_colours
    archive:public_logo demo:step
    opendata:scdl opendata:catalogue opendata:akomantoso opendata:sitemap opendata:sitemaps
    opendata:oparl_system opendata:oparl_bodies opendata:oparl_body opendata:oparl_list
    opendata:oparl_object opendata:api opendata:api_organisation opendata:api_sittings
    opendata:api_sitting opendata:api_acts opendata:api_act opendata:api_file opendata:api_unknown
    """.split()
# The administration of Django, by the table that is shown; the rest of it, its first chapter.
OF_TABLES = {
    "administration#lorganisation-et-ses-collectivités": "organisation community",
    "administration#les-instances": "body constituency",
    "administration#les-règlements": "rulebook",
    "administration#les-personnes-et-les-mandats": "person mandate",
    "administration#les-comptes-et-les-rôles": "user role",
}
# Where what one is doing must stay in sight: the guide opens beside it.
BESIDE = {"live:console", "live:tablet", "live:public", "registry:write"}


def _by_name(places: dict[str, str]) -> dict[str, str]:
    return {name: place for place, names in places.items() for name in names.split()}


_ALL, _CLERKS, _TABLES = map(_by_name, (FOR_ALL, FOR_CLERKS, OF_TABLES))


def place_of(name: str, roles: Iterable[str] = ()) -> str:
    """« guide#chapitre » where this address is spoken of, to whoever holds these roles; "" when it
    is all the guides together."""
    if name.startswith("admin:"):
        model = name.partition("_")[2].rpartition("_")[0]
        return _TABLES.get(model, "administration#pour-ladministration")
    is_clerk = not {"secretariat", "administration"}.isdisjoint(roles)
    first, second = (_CLERKS, _ALL) if is_clerk else (_ALL, _CLERKS)
    return first.get(name) or second.get(name, "")


def address(place: str) -> str:
    """Where that chapter is read."""
    guide, _, anchor = place.partition("#")
    return f"{reverse('guides:guide', args=[guide])}#{anchor}" if guide else reverse("guides:index")


def every_place() -> Iterator[str]:
    """Each chapter to which a page leads."""
    yield from (*FOR_ALL, *FOR_CLERKS, *OF_TABLES, "administration#pour-ladministration")


def every_name() -> frozenset[str]:
    """Each address that is spoken of, or shows no page."""
    return frozenset((*_ALL, *_CLERKS, *EVERYWHERE, *NO_PAGE))
