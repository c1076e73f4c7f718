"""`LISEZMOI.txt` of the ZIP of a sitting: what each entry and each key is, and how to verify it.

Whoever opens it in thirty years has neither the application nor its documentation.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from archive.keeping import outcome
from law import french
from meetings.models import Meeting

# Every kind of line of a ledger.
KINDS: Mapping[str, str] = {
    "composed": "composition de l’assemblée, et ses règles ce jour-là",
    "opened": "ouverture",
    "arrived": "arrivée d’un membre",
    "left": "départ",
    "excused": "excuse",
    "seat_taken": "un suppléant siège",
    "seat_returned": "le titulaire reprend son siège",
    "proxy_given": "pouvoir donné",
    "proxy_revoked": "pouvoir retiré",
    "recused": "un membre se retire d’un point",
    "college_set": "qui vote sur un point",
    "ballot_requested": "demande d’un mode de scrutin",
    "installed": "installation dans une fonction ou un mandat",
    "vacated": "fin d’une fonction ou d’un mandat",
    "chair_taken": "qui préside",
    "clerks_named": "secrétaires de séance",
    "suspended": "suspension",
    "resumed": "reprise",
    "doors_closed": "huis clos",
    "doors_opened": "fin du huis clos",
    "doors_kept_open": "huis clos refusé",
    "order_set": "ordre des points changé",
    "item_opened": "un point est appelé",
    "ballot_held": "scrutin",
    "election_held": "élection",
    "fate_noted": "sort d’un point sans vote (ajourné, retiré, dont il est pris acte)",
    "act_taken": "acte pris seul : qui le prend, quel jour, par quelle délégation",
    "closed": "levée",
    "voided": "une ligne précédente (target) est annulée, avec sa raison (reason)",
}

# What the hash of a line covers, in this order.
CHAINED = ("previous_hash", "seq", "kind", "payload", "recorded_at", "recorded_by")

# Each file of data of the ZIP: its keys, in French.
KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "suivi.json": (
        ("seance", "jour, état, convocation et jour où elle est partie, annulation et son motif"),
        (
            "documents",
            "chaque version : code, empreintes, motif, ce qui la remplace, adoption, signatures, "
            "publications (en_ligne_le, retiree_le, motif)",
        ),
        ("deliberations", "numéro, objet, effets sur d’autres et d’autres sur elle"),
        ("suites", "ce qui est à faire : quoi, qui, au plus tard, issue"),
        ("delegations", "décisions prises par délégation dont un point rend compte"),
    ),
    "seance.json": (
        ("format, version", "le format de ce fichier"),
        ("organisation", "nom, désignation, forme juridique, collectivités membres"),
        ("body", "l’instance, ses mots, ses règles (rule_book), ses mandats (mandates)"),
        (
            "meeting",
            "jour (held_on), heure (starts_at), lieu (place), convocation (convened_on), "
            "annulation (is_cancelled), première séance d’une seconde convocation "
            "(second_call_of), qui assiste (attending)",
        ),
        (
            "agenda",
            "les points : key, kind (nature), title, text (débats), brief (note, visas, recitals : "
            "considérants, articles), attachments, approves (séance approuvée), children",
        ),
        ("ledger", "les lignes du registre, sans leurs empreintes ; basis : la composition prévue"),
        ("references", "les autres séances dont celle-ci parle"),
    ),
    "registre.json": (
        ("seq", "rang de la ligne"),
        ("kind", "nature, ci-dessous"),
        ("payload", "ce qui a été noté ; at : heure ; before : avant quel point"),
        ("recorded_at, recorded_by", "quand, et par quel numéro de compte"),
        ("previous_hash, sha256", "l’empreinte de la ligne d’avant, et celle de la ligne"),
    ),
    "envois.json": (
        ("nature, motif, lancee_le, sha256", "l’envoi, et l’empreinte de dossier.pdf"),
        (
            "destinataires",
            "nom, titre, voie, adresse, etat (« gardé ici, non envoyé » : rien n’est parti), "
            "message (identifiant du courriel), reponse_du_serveur, remis_le",
        ),
    ),
    "transmissions.json": (
        ("acte, identifiant, version, remplace", "l’acte transmis, et celui qu’il remplace"),
        ("matiere, objet, voie", "ce que la préfecture lit de lui, par où il est parti"),
        ("etat, preparee_le, envoyee_le, recue_le, motif", "où il en est, et depuis quand"),
        ("echanges", "chaque message, parti ou venu\u00a0: fichier, sha256, date, ce qu’il dit"),
    ),
    "reponses.json": (
        ("de, reponse", "qui répond, et quoi"),
        ("supplee_par, pouvoir_a", "son suppléant, son mandataire"),
        ("comment, le", "par quelle voie, et quand"),
    ),
    "manifest.json": (
        ("format, organisation, instance, seance", "de quoi il s’agit"),
        ("etat, annulation, fait_le", "l’état de la séance le jour où ce ZIP a été fait"),
        ("sha256", "l’empreinte de chaque autre fichier"),
    ),
}


def of(meeting: Meeting, entries: Sequence[tuple[str, str]], *, at: datetime) -> str:
    """The leaflet of a ZIP that holds these entries, each with what it is."""
    names = [*(name for name, _ in entries), "manifest.json"]
    held = [name for name in KEYS if any(each.rpartition("/")[2] == name for each in names)]
    listed = [*entries, ("manifest.json", "l’empreinte SHA-256 de chaque fichier")]
    parts = [
        french.nbsp(_heading(meeting, at)),
        french.nbsp(_CONTENTS)
        + "\n".join(f"  {name}\n      {french.nbsp(what)}" for name, what in listed),
        french.nbsp(_verifying()),
        french.nbsp(_DATA + "\n".join(map(_keys, held))),
    ]
    if "registre.json" in held:
        kinds = "\n".join(f"  {kind} : {what}" for kind, what in KINDS.items())
        parts += [french.nbsp(_LEDGER.format(", ".join(CHAINED)) + kinds), french.nbsp(_PRIVATE)]
    return "\n\n".join(parts) + "\n"


def _heading(meeting: Meeting, at: datetime) -> str:
    organisation = meeting.organisation
    siren = f" (SIREN {organisation.known_siren})" if organisation.known_siren else ""
    said = [
        f"{meeting.body}, séance du {french.long_date(meeting.held_on)}",
        f"{organisation}{siren}",
        f"État : {meeting.get_stage_display()}",
    ]
    if (called_off := outcome.cancellation(meeting)) is not None:
        told = called_off["motif"] or "sans motif noté"
        on = called_off["annulee_le"] or "jour inconnu"
        said.append(f"Séance ANNULÉE, avis du {on} : {told}")
    if organisation.is_fleeting:
        said.append("Séance FICTIVE de la visite guidée : rien de ceci n’est un acte.")
    now = timezone.localtime(at)
    said.append(f"ZIP fait le {french.long_date(now)} à {french.clock(now)}")
    return "\n".join(said)


def _verifying() -> str:
    site = (settings.SITE_URL or "http://127.0.0.1:8000").rstrip("/")
    verify, code = reverse("archive:verify"), reverse("archive:code", args=["CODE"])
    return f"""Vérifier :

  - ce ZIP, tel quel, ou un de ses PDF : déposez-le à {site}{verify}
    (la page dit s’il a été remis ou établi ici, s’il vaut encore, qui l’a signé) ;
  - un papier : le code imprimé à sa fin, à {site}{code}
  - une signature : tout lecteur de PDF qui lit le format PAdES ;
  - sans nous et sans réseau : le fichier de preuve de chaque acte, à prendre à sa page, porte son
    vérificateur (verifier.html, verifier.py) ;
  - qu’un fichier est celui du ZIP : sha256sum, à comparer à manifest.json."""


def _keys(name: str) -> str:
    return f"  {name}\n" + "\n".join(f"      {key} : {what}" for key, what in KEYS[name])


_CONTENTS = """\
Ce que contient ce ZIP, dans cet ordre. Chaque fichier porte l’heure depuis laquelle il
est ce qu’il est (établi, signé, joint, envoyé, dernière ligne du registre) ; les autres, celle
de ce ZIP :

"""
_DATA = """\
Les clés des fichiers de données :

"""
_LEDGER = """\
La chaîne du registre : l’empreinte (sha256) d’une ligne est le SHA-256 du texte JSON, en UTF-8,
sans espace et aux clés triées, de la liste [{}].
Changer une ligne rompt celles qui la suivent. Ses natures (kind) :

"""
_PRIVATE = """\
Données personnelles : ce dossier complet n’est donné qu’au secrétariat, et le journal dit qui
l’a pris. Les dates de naissance y sont parce qu’une égalité de suffrages se règle à l’âge et que
l’empreinte du registre les couvre ; les adresses, parce que la preuve d’un envoi dit où il est
parti. Aucun papier ne les imprime : ne les diffusez pas."""
