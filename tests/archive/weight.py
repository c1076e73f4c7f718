"""What is of legal weight, table by table, and what is not, because…

Every field of every model of the house is here: a new one fails `test_facts` until somebody
decides.
"""

# The fields of legal weight. Those of the history (`simple_history`) are, all of them.
LEGAL = {
    "members.organisation": "name slug designation legal_form siren siret department "
    "arrondissement ctes_nature ctes_email address logo public_colour public_hosts is_fleeting",
    "members.community": "organisation name kind siren is_associated founded_on dissolved_on "
    "successor contact copies_to",
    "members.body": "organisation name slug kind designation gender member_noun position layout "
    "numbering usual_place usual_time deliberation_format is_active assembly",
    "members.role": "user organisation kind",
    "members.paperstyle": "body letterhead logo footer accent opening closing conform notice "
    "salutation courtesy minutes_parts extract_parts tells_articles roll_by version",
    "members.rulebook": "body valid_from preset values source",
    "members.constituency": "body name position seats seats_since",
    "members.person": "organisation civility first_name last_name sort_name email phone address "
    "wants_paper born_on user",
    "members.mandate": "body person capacity constituency community replaces office office_rank "
    "position weight start_on end_on end_reason",
    "meetings.meeting": "kind body held_on starts_at is_hour_unknown place in_one_place attending "
    "convened_on second_call_of second_call_on sent_on stage stated_presence "
    "created_by created_at",
    "meetings.agendaitem": "meeting key parent position kind effect title label rapporteur text "
    "text_version approves examines resumes accounts_of was_added announced voted_lines "
    "received_on",
    "meetings.alsoapproved": "agendaitem meeting",
    "meetings.brief": "item note visas recitals articles version",
    "meetings.attachment": "item title filename file media_type size pages sha256 position "
    "added_by added_at",
    "meetings.debaterevision": "item version text saved_by saved_at",
    "meetings.deed": "body meeting verb words by at",
    "meetings.passage": "meeting item text kind is_masked decided_by decided_at",
    "meetings.sittingevent": "meeting seq kind payload recorded_by recorded_at previous_hash "
    "sha256",
    "documents.issueddocument": "meeting kind subject title version schema content sha256 pdf "
    "pdf_sha256 pages signatories code reason supersedes issued_by issued_at",
    "convening.convocation": "meeting number kind stage urgent_reason requested_on requested_by "
    "message reason held_on starts_at place letter paper dossier sha256 size pages "
    "calendar_sequence sent_on dispatched_at finished_at dispatched_by",
    "convening.recipient": "email state message_id queued_at reply sent_at is_uncertain "
    "convocation why mandate community name channel postal_address resend_of nonce token_hash "
    "queued_by bounced_at bounce_reason opened_at declared_at declared_by",
    "convening.invitation": "meeting mandate email nonce token_hash made_at expires_at "
    "first_opened_at revoked_at",
    "convening.answer": "meeting mandate word substitute holder proxy_form proxy_sha256 via "
    "noted_by answered_at lapsed_at doubt",
    "convening.question": "meeting mandate text is_of_agenda asked_at reply replied_at",
    "convening.notice": "email state message_id queued_at reply sent_at is_uncertain meeting "
    "mandate name page seed site written_by once subject body",
    "archive.arrival": "organisation origin left_at at shift rows lines stamped_at file sha256",
    "archive.publicationrequest": "meeting documents says asked_by asked_at ended_at ended_by",
    "archive.annexchoice": "attachment is_public file filename sha256 decided_by decided_at",
    "archive.publishedannex": "publication rank title file sha256 is_replaced added_on",
    "archive.reading": "address publication at found detail",
    "archive.posting": "document manner on who way until noted_by noted_at undone_at undone_by",
    "archive.certificate": "document publication posting content file sha256 is_sealed issued_by "
    "issued_at",
    "registry.deliberation": "meeting item body year number rank label safe_label numbered_by "
    "numbered_at",
    "registry.deliberationlink": "source kind target target_text linked_by linked_at "
    "undone_at undone_by",
    "registry.followup": "item what who due_on outcome settled_on reason made_by made_at "
    "settled_by",
    "registry.delegation": "body kind mandate deliberation source granted_on enforceable_on "
    "subjects ended_on recorded_by recorded_at",
    "registry.loneact": "meeting author nature delegation subject stands_in amount concerns",
    "registry.ruling": "body number decided_on object recorded_by recorded_at",
    "registry.accounted": "body item deliberation ruling noted_by noted_at",
    "registry.adoption": "document item seq adopted_on noted_by noted_at",
    "registry.signingkey": "organisation person account held fingerprint name subject issuer "
    "serial valid_from valid_until certificate offered_by offered_at reason is_name_confirmed "
    "bound_by bound_at revoked_from revoked_reason revoked_by revoked_at",
    "registry.deposit": "document place person manner file sha256 certificate deposited_by "
    "deposited_at is_accepted settled_by settled_at settled_reason",
    "registry.decline": "document place person reason declined_by declined_at ended_at ended_by",
    "registry.folder": "document service reference places sha256 sent_by sent_at state remote_id "
    "left_at file file_sha256 back_at settled_at settled_by reason",
    "registry.signaturestep": "document order role manner place person signer file sha256 scan "
    "certificate key deposit level is_development signed_at recorded_by",
    "registry.review": "meeting person capacity token_hash asked_by asked_at expires_at "
    "revoked_at revoked_by verdict answered_at content_sha256",
    "registry.remark": "meeting item review text made_by made_at settled_at settled_by answer",
    "transmission.classification": "organisation dated_on file sha256 imported_by imported_at",
    "transmission.actsheet": "deliberation nature matter object typology author capacity annexes "
    "exempt is_individual confirmed_by confirmed_at",
    "transmission.transmission": "sheet document number identifier connector remote_id replaces "
    "state prepared_by prepared_at sent_at received_on noted_by settled_at detail",
    "transmission.exchange": "transmission kind is_outgoing name file sha256 dated_on words at by",
    "archive.given": "kind meeting document said file sha256 at by",
    "archive.publication": "document first_version code file sha256 is_redacted title stems "
    "author published_at published_by withdrawn_at withdrawn_by reason hides_object",
}

READ_AGAIN = "lue du registre de la séance : `verify` la compare au registre rejoué"
LIVES = (
    "ne dit rien de la séance : le registre seul fait foi, et rien ne doit y dater un vote secret"
)
A_DOOR = "une porte, que l’on referme ; ce qui est entré par elle est constaté"
HABIT = "une habitude de saisie : ce qui en est fait est constaté dans ce qu’elle sert à écrire"

# No table of legal weight, because…
NOT_LEGAL = {
    "trail.entry": "le journal : il a sa propre chaîne, que `verify` suit",
    "trail.trimming": "ce que le journal a rendu à sa durée de conservation : sa chaîne le tient",
    "members.witness": "le constat lui-même, que gardent les ancrages",
    "members.lead": "qui, des processus d’une machine, veille à quoi",
    "members.service": "quelle machine sert la base : aucune copie ne le dit d’une autre",
    "members.leftover": "un fichier que la nuit doit retirer, et rien d’autre",
    "members.cached": "une ligne du cache, que Django relit et jette",
    "members.user": "un compte : ses rôles sont constatés, le reste est au journal",
    "accounts.tries": A_DOOR,
    "accounts.session": A_DOOR,
    "accounts.factor": A_DOOR,
    "accounts.recoverycode": A_DOOR,
    "transmission.operator": "un réglage ; ses changements sont au journal, son secret nulle part",
    "transmission.errand": "où en est la conversation ; ce qu’elle apprend est constaté, lui",
    "transmission.call": "ce qu’un opérateur a répondu ; ce qui en est cru est constaté, lui",
    "accounts.letter": "un courriel sur un compte, en attente",
    "accounts.identitychange": A_DOOR,
    "accounts.externalidentity": A_DOOR,
    "accounts.linkrequest": "une demande ; le compte d’une personne, lui, est constaté avec elle",
    "meetings.recurringitem": HABIT,
    "meetings.undo": "de quoi reprendre un geste pendant une heure ; il est constaté, lui",
    "meetings.ballot": READ_AGAIN,
    "meetings.vote": READ_AGAIN,
    "convening.reminder": "une heure à venir ; ce qui part est un message, constaté",
    "convening.outboxmail": "un courriel que la démonstration n’a pas envoyé",
    "convening.calendarfeed": A_DOOR,
    "live.equipment": LIVES,
    "live.press": LIVES,
    "live.poll": LIVES,
    "live.votingright": LIVES,
    "live.screen": A_DOOR,
    "live.tablet": A_DOOR,
    "registry.phrase": HABIT,
    "opendata.apikey": A_DOOR,
    "archive.archiveservice": "un réglage ; ses changements sont au journal",
    "archive.safeguard": "ce qu’est devenue une sauvegarde de cette machine",
    "archive.filedsheet": "ce qu’attend une séance, refait de ses faits",
    "archive.alert": "l’adresse d’un lecteur, dont rien ne reste quand il l’efface",
    "archive.entry": "l’index de la recherche, refait des documents",
    "archive.publictext": "ce que disent les fichiers publiés, relu d’eux",
    "archive.signingcall": A_DOOR,
    "archive.taskfeed": A_DOOR,
    "opendata.reading": "ce que disent les fichiers publiés, relu d’eux",
    "archive.anchor": "l’ancrage lui-même : sa racine est recalculée, et tenue ailleurs",
}
