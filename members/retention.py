"""How long what is held on people is kept, and why it is held: one table, of which the public page
« Données personnelles », the register of processing and what may be let go are three readings.

What the law fixes says its article; what it leaves to the organisation is a setting of the server.
Rows are found by `archive.personal`, kind by kind, under the same keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings


class Ends(StrEnum):
    """How it comes to an end."""

    ALONE = "d’elle-même"  # the application erases it when its time has come
    WORD = "sur visa des archives"  # it may be erased, once somebody gives the word
    HOST = "par l’exploitant"  # whoever keeps the server does it, as its guide says
    ARCHIVE = "jamais"  # public archives: neither changed nor erased here


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of data on people: what it is, how long it is kept, by what rule, how it ends; `days`
    where the server says how long."""

    key: str
    what: str
    until: str
    rule: str
    ends: Ends
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """A processing (`traitement`): why, on what basis in law, of whom, what, for whom to read, and
    the kinds of data that it holds."""

    name: str
    why: str
    basis: str
    people: str
    data: str
    recipients: str
    kinds: tuple[str, ...]


RETURNED = timedelta(days=7)  # servers give up after five: what came back is read by then
UNTAKEN = timedelta(days=60)  # for a mail that no server took: then nobody asks any more
_CHOICE = "choix de l’organisation, art. 5, 1, e du RGPD"
_ARCHIVES = "archives publiques, art. L211-1 et L212-2 du code du patrimoine"
_SECURITY = "sécurité du traitement, art. 32 du RGPD"
_LOGS = "délibération n° 2021-122 de la CNIL, de six mois à un an"


def kinds() -> tuple[Kind, ...]:
    """The table, with the figures of today."""
    contact, links, trail = settings.CONTACT_DAYS, settings.LINK_DAYS, settings.TRAIL_DAYS
    of_contact = {"rule": _CHOICE, "ends": Ends.WORD, "days": contact}
    of_links = {"rule": _CHOICE, "ends": Ends.WORD, "days": links}
    of_trail = {"rule": _LOGS, "ends": Ends.ALONE, "days": trail}
    nights = f"{settings.BACKUP_KEEP_DAYS} jours, puis {settings.BACKUP_KEEP_WEEKS} semaines"
    return (
        Kind(
            key="actes",
            what="noms dans les registres de séance, procès-verbaux, actes, signatures et votes "
            "publics",
            until="toujours",
            rule=f"{_ARCHIVES}, instruction DAF/DPACI/RES/2009/018",
            ends=Ends.ARCHIVE,
        ),
        Kind(
            key="mandats",
            what="identité, mandats et leur histoire",
            until="toujours\u00a0: ils disent qui composait l’assemblée",
            rule=_ARCHIVES,
            ends=Ends.ARCHIVE,
        ),
        Kind(
            key="dossiers",
            what="convocations et preuves de leur envoi, réponses, pouvoirs, questions, "
            "relectures, émargements",
            until="avec le dossier de la séance, qui se verse aux archives",
            rule=f"{_ARCHIVES}\u00a0; preuve des art. L2121-10 à L2121-12 du CGCT",
            ends=Ends.ARCHIVE,
        ),
        Kind(
            key="coordonnees",
            what="adresses, téléphone et date de naissance de qui ne siège plus, et son calendrier",
            until=f"{contact} jours après le dernier mandat, compte fermé",
            **of_contact,
        ),
        Kind(
            key="comptes",
            what="adresse, mot de passe, seconds facteurs et identités d’un compte fermé",
            until=f"{contact} jours après le dernier mandat et la dernière connexion",
            **of_contact,
        ),
        Kind(
            key="anciennes",
            what="coordonnées d’avant une correction, dans l’historique des fiches",
            until=f"{contact} jours après avoir été écrites",
            **of_contact,
        ),
        Kind(
            key="collectivites",
            what="adresses d’une collectivité qui n’est plus membre, et de ses élus",
            until=f"{contact} jours après son départ",
            **of_contact,
        ),
        Kind(
            key="liens",
            what="liens personnels et de tablette, messages qui ne convoquent pas (rappels, "
            "annonces), gestes de la console",
            until=f"{links} jours après la séance",
            **of_links,
        ),
        Kind(
            key="boite",
            what="courriels gardés dans la boîte d’envoi au lieu d’être envoyés",
            until=f"{links} jours",
            **of_links,
        ),
        Kind(
            key="journal",
            what="journal\u00a0: qui a fait quoi, quand, d’où",
            until=f"{trail} jours",
            **of_trail,
        ),
        Kind(
            key="demandes",
            what="demandes sur un compte restées sans suite, rattachements décidés, gestes de "
            "l’administration",
            until=f"{trail} jours",
            **of_trail,
        ),
        Kind(
            key="sessions",
            what="sessions\u00a0: appareil et adresse du réseau",
            until=f"{settings.SESSION_COOKIE_AGE // 3600} heures sans visite",
            rule=_SECURITY,
            ends=Ends.ALONE,
        ),
        Kind(
            key="essais",
            what="essais manqués à une porte, sous une empreinte",
            until="de cinq minutes à trente jours après le dernier",
            rule=_SECURITY,
            ends=Ends.ALONE,
        ),
        Kind(
            key="lettres",
            what="courriels de compte qui attendent de partir",
            until=f"jusqu’à leur départ, ou {RETURNED.days} jours après quand les retours se "
            f"lisent\u00a0; de ce que nul serveur n’a pris, {UNTAKEN.days} jours, pour que "
            "quelqu’un le renvoie",
            rule="le temps qu’il faut, art. 5, 1, c du RGPD",
            ends=Ends.ALONE,
        ),
        Kind(
            key="alertes",
            what="adresse et choix de qui reçoit les nouveaux actes",
            until="jusqu’à ce qu’il les efface\u00a0; trois jours si nul ne confirme",
            rule="consentement, art. 6, 1, a et 7, 3 du RGPD",
            ends=Ends.ALONE,
        ),
        Kind(
            key="sauvegardes",
            what="tout cela, dans les sauvegardes",
            until=nights if settings.BACKUP_DIR else "tant que l’exploitant les garde",
            rule="ce qu’une restauration ramène s’efface de nouveau",
            ends=Ends.ALONE if settings.BACKUP_DIR else Ends.HOST,
        ),
    )


def of(keys: Iterable[str]) -> tuple[Kind, ...]:
    """These kinds, in the order of the table."""
    wanted = set(keys)
    return tuple(kind for kind in kinds() if kind.key in wanted)


PURPOSES = (
    Purpose(
        name="Tenir les assemblées",
        why="convoquer, tenir les séances, compter présents et votes, écrire et garder les "
        "procès-verbaux et les actes",
        basis="mission d’intérêt public, art. 6, 1, e (art. L2121-7 et suivants, L5211-1 du CGCT, "
        "statuts)",
        people="élus et suppléants, agents du secrétariat",
        data="identité, coordonnées, date de naissance (elle départage une élection), mandats, "
        "convocations et leurs preuves, réponses, pouvoirs, présences, votes publics, "
        "signatures\u00a0; d’un scrutin secret, jamais le vote",
        recipients="secrétariat et administration\u00a0; les élus de la même instance\u00a0; la "
        "préfecture (contrôle de légalité)\u00a0; le service d’archives",
        kinds=(
            *("actes", "mandats", "dossiers", "coordonnees", "anciennes", "collectivites"),
            *("liens", "boite", "sauvegardes"),
        ),
    ),
    Purpose(
        name="Publier les actes",
        why="mettre les actes, les listes et les procès-verbaux à la disposition du public",
        basis="obligation légale, art. 6, 1, c (art. L2131-1, L2121-15 et L2121-25 du CGCT, "
        "L312-1-1 du CRPA)\u00a0; ce que la loi protège y est masqué (art. L312-1-2)",
        people="élus qui prennent l’acte\u00a0; personnes qu’un acte nomme",
        data="noms, qualités, présences, votes publics",
        recipients="le public",
        kinds=("actes",),
    ),
    Purpose(
        name="Ouvrir et protéger les comptes",
        why="savoir qui est au clavier, et pouvoir le dire ensuite",
        basis="mission d’intérêt public, art. 6, 1, e\u00a0; sécurité, art. 32",
        people="élus et agents qui ont un compte\u00a0; qui essaie une porte",
        data="adresse, nom, empreinte du mot de passe, seconds facteurs, rôles, sessions "
        "(appareil, adresse du réseau), gestes",
        recipients="administration (comptes), contrôle (journal), exploitant du serveur",
        kinds=("comptes", "journal", "demandes", "sessions", "essais", "lettres", "sauvegardes"),
    ),
    Purpose(
        name="Annoncer les nouveaux actes par courriel",
        why="écrire à qui l’a demandé ce qui vient d’être publié",
        basis="consentement, art. 6, 1, a",
        people="lecteurs abonnés, sans compte",
        data="adresse, choix d’instances et de matières",
        recipients="personne",
        kinds=("alertes", "sauvegardes"),
    ),
    Purpose(
        name="Répondre aux droits des personnes",
        why="donner à chacun ce qui est tenu sur lui, corriger, effacer ce qui n’a plus de raison",
        basis="obligation légale, art. 6, 1, c (art. 12 et 15 à 19)",
        people="qui demande",
        data="ligne du journal\u00a0: quand, par qui, sous quel visa",
        recipients="contrôle",
        kinds=("journal",),
    ),
)
