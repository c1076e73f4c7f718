"""How the service is, fact by fact: what was measured, whether it is well, what to do otherwise.

What is late is read from what waits, not from who should have done it: a mail that is due for ten
minutes says that nobody sends, whatever the threads of the server believe.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache as kept
from django.db import DatabaseError, connection
from django.utils import timezone

from archive.keeping import anchors, safeguarding, sealing
from archive.models import Safeguard
from archive.online import clock
from convening import bounces, outbox, sending, stuck
from convening.models import Posted
from law import french
from members import deploying, files, seals, serving
from members.models import Lead, User
from members.witness import Witness
from registry.models import SigningKey
from trail.models import Entry


class State(IntEnum):
    """How a fact is, the worst last."""

    GOOD = 0
    NOTED = 1
    BAD = 2

    @property
    def label(self) -> str:
        """In a word."""
        return ("bon", "à voir", "en défaut")[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is known of the service. `value` is its number, if it has one."""

    name: str
    title: str
    told: str
    state: State = State.GOOD
    remedy: str = ""
    value: float | None = None


def all_of_them(*, at: datetime) -> list[Fact]:
    """Each fact, the worst first; one that cannot be had says so, and keeps no other back."""
    found: list[Fact] = []
    asked = _QUESTIONS
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        asked = _WITHOUT_BASE
        remedy = "Relancez-la\u00a0: le service reprend de lui-même."
        told = f"ne répond pas\u00a0: {type(error).__name__}"
        found.append(Fact(name="base", title="Base", told=told, state=State.BAD, remedy=remedy))
    for ask in asked:
        try:
            found += ask(at)
        except Exception as error:  # whatever is away is what is asked about
            title = (ask.__doc__ or ask.__name__).strip().rstrip(".")
            told = f"ne se lit pas\u00a0: {type(error).__name__}"
            remedy = "Lisez le journal du serveur."
            found.append(
                Fact(name=ask.__name__[1:], title=title, told=told, state=State.BAD, remedy=remedy)
            )
    return sorted(found, key=lambda fact: -fact.state)


def _worse(is_bad: bool, is_noted: bool = False) -> State:
    return State.BAD if is_bad else State.NOTED if is_noted else State.GOOD


def _since(then: datetime, at: datetime) -> str:
    hours = (at - then).total_seconds() / 3600
    if hours < 1:
        return french.count(round(hours * 60), "minute")
    return (
        french.count(round(hours), "heure") if hours < 48 else french.count(int(hours / 24), "jour")
    )


# --- This machine -----------------------------------------------------------------------------


def _version(at: datetime) -> Iterator[Fact]:
    """Version."""
    is_held = serving.is_held()
    yield Fact(
        name="version",
        title="Version",
        told=settings.VERSION + (", sur une base restaurée ou copiée" if is_held else ""),
        state=_worse(False, is_held),
        remedy=f"{serving.HELD.message} {serving.HELD.remedy}" if is_held else "",
    )


def _disks(at: datetime) -> Iterator[Fact]:
    """Place sur le disque."""
    places = {"donnees": settings.DATA_DIR, "sauvegardes": settings.BACKUP_DIR}
    for name, folder in places.items():
        if not isinstance(folder, Path) or not folder.is_dir():  # or it is a bucket
            continue
        usage = shutil.disk_usage(folder)
        share = usage.free / usage.total
        yield Fact(
            name=f"disque_{name}_octets",
            title=f"Place pour les {'données' if name == 'donnees' else name}",
            told=f"{usage.free / 1e9:.1f}\u00a0Go libres sur {usage.total / 1e9:.0f}".replace(
                ".", ","
            ),
            state=_worse(usage.free < 1e9 or share < 0.03, share < 0.1),
            remedy=f"Libérez de la place sous {folder}\u00a0: plein, rien ne s’enregistre plus.",
            value=usage.free,
        )


def _files(at: datetime) -> Iterator[Fact]:
    """Fichiers."""
    place = files.place()
    if place.KIND == "disque":  # told above
        return
    try:
        trouble = "" if place.is_ready() else "ne s’écrit pas"
    except (files.Away, OSError) as away:
        trouble = f"ne répond pas\u00a0: {type(away.__cause__ or away).__name__}"
    yield Fact(
        name="magasin_joint",
        title="Magasin des fichiers",
        told=trouble or "répond",
        state=_worse(bool(trouble)),
        remedy="Essayez FILES_URL\u00a0: l’hôte, le godet, la clé. Rien ne s’établit ni ne se lit "
        "d’ici là\u00a0; le service reprend de lui-même.",
        value=0 if trouble else 1,
    )


def _hour(at: datetime) -> Iterator[Fact]:
    """Horloge."""
    last = Entry.objects.order_by("-at").first()
    ahead = (last.at - at).total_seconds() if last else 0
    apart = 0.0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
    is_kept = deploying.is_clock_kept()
    told = {
        True: "tenue par un serveur de temps",
        False: "tenue par aucun serveur de temps",
        None: "nul ne dit ici si un serveur de temps la tient",
    }[is_kept]
    if ahead > 60:
        told = f"en retard\u00a0: le journal a une ligne de {_since(at, last.at)} plus tard"
    elif apart > 5:
        told = f"à {french.count(round(apart), 'seconde')} de celle de la base"
    yield Fact(
        name="horloge_ecart_secondes",
        title="Horloge",
        told=told,
        state=_worse(ahead > 60 or apart > 5, not is_kept),
        remedy="Réglez-la («\u00a0timedatectl\u00a0», systemd-timesyncd ou chrony)\u00a0: délais "
        "légaux, signatures et ancrages en dépendent.",
        value=max(ahead, apart, 0),
    )


def _certificate(at: datetime) -> Iterator[Fact]:
    """Certificat du site."""
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" or not site.hostname:
        return
    shown = kept.get("watch:shown")
    if shown is None:
        try:
            found = deploying.certificate_of(site.hostname, site.port or 443)
        except OSError as error:
            yield Fact(
                name="certificat_jours",
                title="Certificat du site",
                told=f"ne se lit pas d’ici\u00a0: {error.strerror or type(error).__name__}",
                state=State.NOTED,
                remedy=f"Ce serveur ne joint pas {site.hostname}\u00a0: ni le certificat ni ce "
                "qui est en ligne ne se relisent.",
            )
            return
        shown = found.not_valid_after_utc, deploying.is_trial(found)
        kept.set("watch:shown", shown, 5 * 60)
    end, is_trial = shown
    left = (end - at).days
    yield Fact(
        name="certificat_jours",
        title="Certificat du site",
        told=("certificat d’essai, que personne ne croit, " if is_trial else "")
        + f"jusqu’au {french.long_date(timezone.localdate(end))}",
        state=_worse(left < 7, left < deploying.SOON or is_trial),
        remedy="Mettez celui de votre autorité dans /etc/ssl/somme_gov/, puis "
        "«\u00a0systemctl reload nginx\u00a0»\u00a0: d’ici là chaque navigateur avertit."
        if is_trial
        else "Renouvelez-le («\u00a0certbot renew\u00a0»), puis «\u00a0systemctl reload "
        "nginx\u00a0»\u00a0: périmé, personne n’entre.",
        value=left,
    )


# --- What it does by itself -------------------------------------------------------------------

_PATIENCE = timedelta(minutes=10)


def _mails(at: datetime) -> Iterator[Fact]:
    """Courriels."""
    due = [
        row
        for model in sending.KINDS
        for row in model.objects.waiting(at).order_by("not_before")[:1]
    ]
    waiting = sending.count_waiting()
    first = min((row.not_before for row in due), default=at)
    age = max((at - first).total_seconds(), 0)
    # What a server does not take tries again later, and is not due until then.
    tried = [
        row.queued_at
        for model in sending.KINDS
        for row in model.objects.unsettled().exclude(reply="").order_by("queued_at")[:1]
    ]
    since = min(tried, default=None)
    told = (
        french.count(waiting, "courriel en attente", "courriels en attente")
        if waiting
        else ("aucun n’attend")
    )
    if since:
        told += f", dont le serveur ne prend pas le plus ancien depuis {_since(since, at)}"
    is_kept, kept = outbox.is_kept(), stuck.kept(on=timezone.localdate(at)).count()
    if kept:
        words = "convocation gardée ici, à remettre", "convocations gardées ici, à remettre"
        told = f"{french.count(kept, *words)}\u00a0; {told}"
    is_asleep = age > _PATIENCE.total_seconds()
    yield Fact(
        name="courriels_en_attente",
        title="Courriels",
        told=f"aucun serveur n’est réglé\u00a0: {told}" if is_kept else told,
        state=_worse(
            is_kept or is_asleep or bool(since and at - since > timedelta(hours=1)),
            bool(since or kept),
        ),
        remedy=(
            "Rien ne part d’ici\u00a0: dites au serveur par où envoyer (EMAIL_URL). Ce qui est "
            "gardé se lit à «\u00a0Boîte d’envoi\u00a0»."
            if is_kept
            else "Le secrétariat les remet par une autre voie, et le note à la page de l’envoi."
            if kept and not since and not is_asleep
            else f"Personne n’envoie depuis {_since(first, at)}\u00a0: relancez le serveur, ou "
            "«\u00a0manage.py send_mails\u00a0» si MAIL_WORKER=0."
            if is_asleep
            else "Essayez le serveur de courriel (EMAIL_URL)\u00a0: la page de chaque envoi dit ce "
            "qu’il répond. Rien n’est perdu, "
            + (
                f"rien ne part non plus d’une copie avant «\u00a0{serving.COMMAND}\u00a0»."
                if serving.is_held()
                else "chacun repart de lui-même."
            )
        ),
        value=waiting,
    )
    yield Fact(
        name="courriels_age_secondes",
        title="Attente d’un courriel dû",
        told=_since(first, at) if age else "aucune",
        value=age,  # how it is, the line above says
    )
    lost = sum(
        model.objects.in_earnest()
        .filter(state__in=_LOST, queued_at__gt=at - timedelta(days=7))
        .count()
        for model in sending.KINDS
    )
    yield Fact(
        name="courriels_perdus",
        title="Courriels refusés ou revenus, ces sept derniers jours",
        told=str(lost) if lost else "aucun",
        state=_worse(False, bool(lost)),
        remedy="Le secrétariat les voit à la page de l’envoi, et renvoie ou remet sur papier. "
        "Les autres sont à «\u00a0Courriels non partis\u00a0», dans le menu du compte.",
        value=lost,
    )


def _bounces(at: datetime) -> Iterator[Fact]:
    """Courriels revenus."""
    if not settings.BOUNCES_URL or serving.is_held():
        return
    found = bounces.away()
    since, what = found or (at, "")
    yield Fact(
        name="retours_non_lus_secondes",
        title="Boîte des retours",
        told=f"ne se lit pas depuis {_since(since, at)}\u00a0: {what}" if found else "lue",
        state=_worse(at - since > timedelta(hours=6), bool(found)),
        remedy="Essayez BOUNCES_URL\u00a0: hôte, compte, mot de passe, certificat. Ce qui est "
        "revenu y attend, et se note à la main à la page de l’envoi.",
        value=(at - since).total_seconds(),
    )


_LOST = (Posted.State.REFUSED, Posted.State.BOUNCED, Posted.State.DOUBTFUL)


def _duties(at: datetime) -> Iterator[Fact]:
    """Ce que le serveur fait seul."""
    led = Lead.objects.exclude(duty__startswith="nuit ")  # of a night: when it was done
    if not settings.BOUNCES_URL:  # nobody has to, any more
        led = led.exclude(duty=bounces.NAME)
    late = list(led.filter(until__lt=at - timedelta(minutes=30)).values_list("duty", flat=True))
    yield Fact(
        name="taches_sans_personne",
        title="Ce que le serveur fait seul",
        told=f"personne n’y veille plus\u00a0: {', '.join(late)}" if late else "suivi",
        state=_worse(False, bool(late)),
        remedy="Relancez le serveur, ou la commande qui le fait à part (…_WORKER=0).",
        value=len(late),
    )


def _anchors(at: datetime) -> Iterator[Fact]:
    """Ancrages."""
    missing = [] if serving.is_held() else list(anchors.missing(at=at))
    yield Fact(
        name="ancrages_en_defaut",
        title="Ancrages",
        told=missing[0] if missing else "à jour",
        state=_worse(False, bool(missing)),
        remedy="«\u00a0manage.py anchor\u00a0» ancre et dit ce qui manque.",
        value=len(missing),
    )


def _readings(at: datetime) -> Iterator[Fact]:
    """Relectures."""
    if not settings.SITE_URL or serving.is_held():
        return
    late = clock.due(at=at - timedelta(days=1)).filter(published_at__lt=at - timedelta(days=1))
    count = late.count()
    yield Fact(
        name="relectures_en_retard",
        title="Relecture des actes en ligne",
        told=french.count(count, "acte en retard d’un jour", "actes en retard d’un jour")
        if count
        else "à jour",
        state=_worse(False, bool(count)),
        remedy="Le serveur relit par SITE_URL\u00a0: vérifiez qu’il se joint lui-même, puis lancez "
        "«\u00a0manage.py read_back\u00a0».",
        value=count,
    )


def _backups(at: datetime) -> Iterator[Fact]:
    """Sauvegardes."""
    if not settings.BACKUP_DIR:
        yield Fact(
            name="sauvegarde_age_secondes",
            title="Dernière sauvegarde",
            told="aucune sauvegarde automatique",
            state=State.BAD,
            remedy="Dites au serveur où les garder (BACKUP_DIR) et qui peut les ouvrir "
            "(BACKUP_RECIPIENT).",
        )
        return
    where = files.backups()
    try:
        there = where.listdir("")[1] if where else []
    except FileNotFoundError:  # taken away, or of a disk that is not mounted
        there = []
    kinds = Safeguard.Kind
    days = settings.BACKUP_DRILL_DAYS
    spans = {kinds.BACKUP: safeguarding.LATE, kinds.DRILL: timedelta(days=days + 2)}
    for kind, name, title in (
        (kinds.BACKUP, "sauvegarde_age_secondes", "Dernière bonne sauvegarde"),
        (kinds.DRILL, "exercice_age_secondes", "Dernière restauration éprouvée"),
    ):
        if kind == kinds.DRILL and not days:
            continue
        good, last = safeguarding.last_good(kind), Safeguard.objects.filter(kind=kind).last()
        told = (
            "jamais"
            if good is None
            else (f"le {french.long_date(timezone.localdate(good.begun_at))} ({good.name})")
        )
        is_late = good is None or at - good.begun_at > spans[kind]
        is_gone = kind == kinds.BACKUP and good is not None and good.name not in there
        if is_gone:
            told += ", qui n’est plus là"
        trouble = last.trouble if last else ""
        if trouble:
            told += f"\u00a0; ensuite\u00a0: {trouble}"
        yield Fact(
            name=name,
            title=title,
            told=told,
            state=_worse(is_late or is_gone, bool(trouble)),
            remedy="BACKUP_DIR n’a plus ce qui y fut écrit\u00a0: remontez le disque, ou remettez "
            "le dossier, puis «\u00a0systemctl restart somme_gov\u00a0»."
            if is_gone
            else "«\u00a0manage.py safeguard --now --drill\u00a0» sauvegarde, restaure à part et "
            "dit ce qui ne va pas.",
            value=(at - good.begun_at).total_seconds() if good else None,
        )


def _clear_backups(at: datetime) -> Iterator[Fact]:
    """Chiffrement des sauvegardes."""
    where = files.backups()
    if where is None:
        return
    try:
        names = safeguarding.nights(where)
    except FileNotFoundError:  # no folder yet
        names = {}
    clear = sum(not name.endswith(sealing.UNDER_SEAL) for name in names)
    keys = len(settings.BACKUP_RECIPIENT)
    told = f"à {french.count(keys, 'clé')}" if keys else "en clair\u00a0: qui en prend une lit tout"
    if keys and clear:
        told += "\u00a0; d’avant, " + french.count(clear, "reste en clair", "restent en clair")
    yield Fact(
        name="sauvegardes_en_clair",
        title="Chiffrement des sauvegardes",
        told=told,
        state=_worse(False, not keys or bool(clear)),
        remedy="«\u00a0manage.py check --deploy\u00a0» dit comment les ôter."
        if keys
        else "Réglez BACKUP_RECIPIENT, la clé publique d’age de qui garde l’autre moitié ailleurs "
        "que sur ce serveur.",
        value=clear,
    )


# --- What nobody should find in service ---------------------------------------------------------


def _secret(at: datetime) -> Iterator[Fact]:
    """Clé du site."""
    sealed = Witness.objects.exclude(seal="").values_list("seal", flat=True)
    first, last = sealed.order_by("pk").first(), sealed.order_by("-pk").first()
    ours = tuple(seals.names())
    is_lost = bool(last) and not last.startswith(ours)
    is_changed = bool(first) and not first.startswith(ours)
    if is_lost or is_changed:
        yield Fact(
            name="cle_inconnue",
            title="Clé du site",
            told="SECRET_KEY n’est pas celle "
            + ("du dernier constat de cette base" if is_lost else "des premiers constats"),
            state=_worse(is_lost, True),
            remedy="Donnez celle d’avant à SECRET_KEY_FALLBACKS, ou reprenez-la si personne ne l’a "
            "changée exprès\u00a0: sans elle, les liens déjà envoyés se perdent un à un, et nul ne "
            "juge plus ces sceaux.",
            value=1,
        )


def _accounts(at: datetime) -> Iterator[Fact]:
    """Comptes de démonstration."""
    count = User.objects.filter(email__endswith="@demo.example", is_active=True).count()
    if count:
        yield Fact(
            name="comptes_de_demonstration",
            title="Comptes de démonstration",
            told=french.count(count, "compte ouvert", "comptes ouverts"),
            state=_worse(settings.HTTPS, True),
            remedy="Leur mot de passe est connu de tous\u00a0: cette base ne va pas en service.",
            value=count,
        )


def _keys(at: datetime) -> Iterator[Fact]:
    """Clés de signature."""
    soon = SigningKey.objects.bound().filter(
        valid_until__gt=at, valid_until__lt=at + timedelta(days=30)
    )
    if count := soon.count():
        yield Fact(
            name="cles_bientot_finies",
            title="Clés de signature",
            told=french.count(count, "clé finit dans le mois", "clés finissent dans le mois"),
            state=State.NOTED,
            remedy="L’administration rattache les suivantes («\u00a0Clés de signature\u00a0»).",
            value=count,
        )


_QUESTIONS: tuple[Callable[[datetime], Iterator[Fact]], ...] = (
    _version,
    _disks,
    _files,
    _hour,
    _certificate,
    _mails,
    _bounces,
    _duties,
    _anchors,
    _readings,
    _backups,
    _clear_backups,
    _secret,
    _accounts,
    _keys,
)
_WITHOUT_BASE = (_disks, _files, _certificate)
