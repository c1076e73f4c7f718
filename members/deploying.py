"""What whoever deploys must have said, asked of the settings and of the machine: `manage.py check
--deploy`.

It reads what is configured, not what the documentation hopes: the environment, the unit and the
proxy that lie in `/etc`. Each answer has its number, says why, and how to mend it. Those of Django
on the same matters, in English, are silenced for these (`settings.SILENCED_SYSTEM_CHECKS`).
"""

import ctypes
import ctypes.util
import os
import re
import socket
import ssl
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

from cryptography import x509
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from law.french import NBSP
from members import addresses, files

_HERE = {"127.0.0.1", "localhost", "[::1]", "::1", ""}
ETC = Path("/etc")
_IN_CLEAR = re.compile(r"somme_gov-.*\.zip")
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")


class Told(NamedTuple):
    """One thing that is not as it should be."""

    number: int
    what: str
    remedy: str
    is_advice: bool = False


def check_deployment(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """All of it, as Django tells it."""
    return [
        (checks.Info if each.is_advice else checks.Warning)(
            each.what, hint=each.remedy, id=f"somme_gov.D{each.number:03}"
        )
        for each in (*of_settings(), *of_machine())
    ]


# --- What was set -----------------------------------------------------------------------------


def of_settings() -> Iterator[Told]:
    """What the environment says, or does not."""
    yield from _doors()
    yield from _mails()
    yield from _signatures()
    yield from _database()
    yield from _hosts()
    yield from _files()
    yield from _watch()
    yield from _backups()


def _doors() -> Iterator[Told]:
    hosts = set(settings.ALLOWED_HOSTS)
    if settings.DEBUG:
        yield Told(
            1, "DEBUG est allumé : une erreur montre le code et les réglages.", "Ôtez DEBUG."
        )
    if not settings.HTTPS:
        yield Told(
            2,
            "HTTPS n’est pas réglé : cookies et mots de passe passent en clair, sans HSTS.",
            "HTTPS=1, derrière un mandataire qui tient le certificat (deploy/nginx.conf).",
        )
    if "*" in hosts:
        yield Told(
            3,
            "ALLOWED_HOSTS vaut « * » : les liens d’un courriel porteraient le nom que veut un "
            "inconnu.",
            "Nommez le service : ALLOWED_HOSTS=seances.example.org",
        )
    elif hosts <= _HERE:
        yield Told(
            4,
            "ALLOWED_HOSTS ne nomme que cette machine : personne d’autre n’entre.",
            "Nommez le service : ALLOWED_HOSTS=seances.example.org",
        )
    site = urlsplit(settings.SITE_URL).hostname or ""
    if site and not hosts & {site, "*"} and not any(_covers(each, site) for each in hosts):
        yield Told(
            5,
            f"SITE_URL mène à {site}, que ALLOWED_HOSTS ne nomme pas : ses liens répondraient 400.",
            f"Ajoutez {site} à ALLOWED_HOSTS.",
        )
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Told(
            6,
            "HTTPS suppose un mandataire, et TRUSTED_PROXIES vaut 0 : tout le monde a la même "
            "adresse, n’importe qui ferme la porte à tous.",
            "TRUSTED_PROXIES=1 avec deploy/nginx.conf ; le nombre de vos mandataires autrement.",
        )
    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 8:
        yield Told(
            7,
            "SECRET_KEY est trop courte : sessions, liens et sceaux se forgeraient.",
            "python3 -c 'import secrets; print(secrets.token_urlsafe(64))' en fait une.",
        )
    if not settings.SECOND_FACTOR_ROLES:
        yield Told(
            8,
            "SECOND_FACTOR_ROLES est vide : un mot de passe seul ouvre le secrétariat et "
            "l’administration.",
            "SECOND_FACTOR_ROLES=secretariat,administration,controle",
        )
    if missing := [name for name in ("publisher", "host", "email") if not settings.ABOUT[name]]:
        named = ", ".join(f"ABOUT_{name.upper()}" for name in missing)
        yield Told(
            9,
            f"Les mentions légales sont incomplètes (loi n° 2004-575, art. 1-1){NBSP}: {named}.",
            "Donnez-les : le site public les imprime au pied de chaque page.",
        )


def _covers(allowed: str, host: str) -> bool:
    return allowed.startswith(".") and (host.endswith(allowed) or host == allowed[1:])


# Between the scheme and the machine, no sign that would cut it elsewhere.
_PLAIN_MAIL = re.compile(r"smtp(\+\w+)?://([^:@/?#\s]*(:[^:@/?#\s]*)?@)?[^@/?#\s]+/?(\?[^#\s]*)?\Z")


def _mails() -> Iterator[Told]:
    url = os.environ.get("EMAIL_URL", "")
    if url.startswith("smtp") and not _PLAIN_MAIL.match(url):
        yield Told(
            23,
            f"EMAIL_URL se lit autrement qu’elle ne semble : le serveur de courriel y est "
            f"« {settings.EMAIL_HOST} ».",
            "Un signe spécial du compte ou du mot de passe s’écrit en %XX : @ est %40, / est %2F, "
            "# est %23, : est %3A.",
        )
    if addresses.mails_stay():
        yield Told(
            20,
            "Aucun serveur de courriel : convocations et mots de passe restent dans la boîte "
            "d’envoi.",
            "EMAIL_URL=smtp+tls://compte:motdepasse@hôte:587",
        )
    elif settings.EMAIL_HOST not in _HERE and not (
        settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    ):
        yield Told(
            21,
            f"Les courriels vont en clair à {settings.EMAIL_HOST}.",
            "smtp+tls:// (587) ou smtp+ssl:// (465) dans EMAIL_URL.",
        )
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ")
    if domain in _HERE | {"localhost.localdomain"}:
        yield Told(
            22,
            f"DEFAULT_FROM_EMAIL est à {domain or 'nulle part'} : les courriels seront refusés, "
            "les retours perdus.",
            "DEFAULT_FROM_EMAIL=seances@example.org, d’un domaine qui autorise ce serveur "
            "(SPF, DKIM).",
        )

    yield from _bounces()


def _bounces() -> Iterator[Told]:
    if settings.BOUNCES_TOKEN and len(settings.BOUNCES_TOKEN) < 20:
        yield Told(25, "BOUNCES_TOKEN se devine.", "Vingt caractères au hasard au moins.")
    if not settings.BOUNCES_URL:
        return
    remedy = "BOUNCES_URL=imaps://compte:motdepasse@hôte/INBOX"
    scheme = host = ""
    try:
        url = urlsplit(settings.BOUNCES_URL)
        if url.hostname and url.username and url.password and url.port != 0:
            scheme, host = url.scheme, url.hostname
    except ValueError:  # a port that is no number
        scheme = ""
    if scheme not in ("imaps", "imap"):
        yield Told(
            23,
            "BOUNCES_URL ne se lit pas : aucun courriel revenu n’est noté.",
            f"{remedy} ; dans le mot de passe, @ s’écrit %40, / %2F et « : » %3A.",
        )
    elif scheme == "imap" and host not in _HERE:
        yield Told(24, f"La boîte des retours se lit en clair, à {host}.", remedy)


def _signatures() -> Iterator[Told]:
    if settings.SIGNING_DEVELOPMENT and settings.HTTPS:
        yield Told(
            30,
            "SIGNING_DEVELOPMENT est allumé en service : des signatures de démonstration, sans "
            "valeur, se mêleraient aux vraies.",
            "Ôtez SIGNING_DEVELOPMENT.",
        )
    if not settings.SIGNING_TIMESTAMP_URL:
        yield Told(
            31,
            "Aucune autorité d’horodatage : une signature ne prouve pas son heure, les fichiers de "
            "preuve ne se font pas.",
            "SIGNING_TIMESTAMP_URL (RFC 3161), et la racine de cette autorité dans SIGNING_ROOTS.",
            is_advice=True,
        )


def _database() -> Iterator[Told]:
    base = settings.DATABASES["default"]
    if base["ENGINE"].endswith("sqlite3"):
        if settings.WEB_CONCURRENCY > 1:
            yield Told(
                40,
                f"SQLite avec {settings.WEB_CONCURRENCY} processus : il n’a qu’un écrivain, ils "
                "s’attendraient.",
                "WEB_CONCURRENCY=1, ou PostgreSQL dans DATABASE_URL.",
            )
    elif base.get("HOST", "") not in _HERE and not base["HOST"].startswith("/"):
        if base.get("OPTIONS", {}).get("sslmode") not in ("require", "verify-ca", "verify-full"):
            yield Told(
                41,
                f"La base est à {base['HOST']}, sans chiffrement exigé.",
                "Ajoutez ?sslmode=verify-full (ou require) à DATABASE_URL.",
            )


def _hosts() -> Iterator[Told]:
    if not settings.SERVICE_MARK:
        return
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Told(
            46,
            "SERVICE_MARK dit plusieurs hôtes, et la base est SQLite\u00a0: un fichier "
            "d’une machine.",
            "PostgreSQL dans DATABASE_URL, ou ôtez SERVICE_MARK.",
        )
    if not settings.FILES_URL:
        yield Told(
            47,
            "SERVICE_MARK dit plusieurs hôtes, et les fichiers sont dans DATA_DIR\u00a0: l’un n’y "
            "trouverait pas ce que l’autre écrit, sauf dossier commun.",
            "FILES_URL, un magasin d’objets\u00a0; ou montez DATA_DIR/media en commun.",
            is_advice=True,
        )
    if not settings.IS_URN_DIR_SHARED:
        yield Told(
            48,
            "SERVICE_MARK dit plusieurs hôtes, et URN_DIR n’est pas donné\u00a0: le scrutin secret "
            "sur tablette est refusé, il se vote sur papier.",
            "URN_DIR, un dossier en mémoire commun à ces hôtes, si vous en avez un.",
            is_advice=True,
        )


def _files() -> Iterator[Told]:
    told = urlsplit(settings.FILES_URL)
    if told.scheme == "s3+http" and told.hostname not in _HERE:
        yield Told(
            45,
            f"Les fichiers vont en clair à {told.hostname}.",
            "s3:// dans FILES_URL, au lieu de s3+http://.",
        )


def _watch() -> Iterator[Told]:
    if not settings.ERROR_MAILS:
        yield Told(
            50,
            "ERROR_MAILS est vide : personne n’apprend une panne que par le journal.",
            "ERROR_MAILS=exploitation@example.org : un courriel par cause, sans donnée "
            "personnelle.",
        )
    if not settings.WATCH_TOKEN:
        yield Told(
            51,
            "WATCH_TOKEN est vide : /sante/etat et /sante/mesures ne répondent qu’à un "
            "superutilisateur.",
            "Un secret que votre supervision donne : « Authorization: Bearer … ».",
            is_advice=True,
        )
    elif len(settings.WATCH_TOKEN) < 20:
        yield Told(52, "WATCH_TOKEN se devine.", "Vingt caractères au hasard au moins.")


def _backups() -> Iterator[Told]:
    if not settings.BACKUP_DIR:
        yield Told(
            60,
            "BACKUP_DIR est vide : rien ne se sauvegarde de soi-même.",
            "Un dossier d’un autre disque, au compte du service : "
            "BACKUP_DIR=/var/backups/somme_gov",
        )
    elif not settings.BACKUP_WORKER:
        yield Told(
            61,
            "BACKUP_WORKER=0 : le serveur ne sauvegarde pas lui-même.",
            "Une tâche planifiée lance « manage.py safeguard » chaque nuit.",
            is_advice=True,
        )
    if settings.BACKUP_DIR and not settings.BACKUP_RECIPIENT:
        yield Told(
            62,
            "BACKUP_RECIPIENT est vide : qui prend une sauvegarde lit tout.",
            "La clé publique d’age (age1…) d’une personne qui en garde l’autre moitié ailleurs.",
        )


# --- What the machine is ----------------------------------------------------------------------


def of_machine() -> Iterator[Told]:
    """What lies around: libraries, clock, disk, unit, proxy."""
    if absent := [name for name in LIBRARIES if ctypes.util.find_library(name) is None]:
        yield Told(
            70,
            f"Il manque de quoi composer les PDF{NBSP}: {', '.join(absent)}.",
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        )
    if is_clock_kept() is False:
        yield Told(
            71,
            "L’horloge n’est tenue par aucun serveur de temps\u00a0: délais, signatures et "
            "identité d’ailleurs en dépendent.",
            "apt-get install systemd-timesyncd (ou chrony), puis «\u00a0timedatectl\u00a0»\u00a0; "
            "dans un conteneur, celle de son hôte.",
        )
    yield from _places()
    yield from _copied()
    if settings.FILES_URL:
        options = settings.STORAGES["default"]["OPTIONS"]
        yield from of_store(options["endpoint_url"], options["bucket_name"])
    yield from of_backups()
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield Told(
            78,
            f"Les fichiers du style ne sont pas dans {settings.STATIC_ROOT} : les pages viennent "
            "nues.",
            "bin/manage collectstatic --no-input, puis systemctl restart somme_gov, qui les "
            "rassemble aussi.",
        )
    yield from _shown()
    yield from of_unit(_read(ETC.glob("systemd/system/somme_gov*.service")))
    yield from _timers(ETC / "systemd/system")
    yield from of_proxy(_read(ETC.glob("nginx/sites-enabled/*")))


def _shown() -> Iterator[Told]:
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" or not site.hostname:
        return
    try:
        certificate = certificate_of(site.hostname, site.port or 443)
    except (OSError, ValueError):  # nobody answers yet, or not from here
        return
    left = (certificate.not_valid_after_utc - datetime.now(UTC)).days
    if left < SOON:
        yield Told(
            84,
            f"Le certificat de {site.hostname} finit dans {left}{NBSP}jours\u00a0: ensuite "
            "personne n’entre.",
            "certbot renew, puis systemctl reload nginx.",
        )
    if is_trial(certificate):
        yield Told(
            88,
            f"{site.hostname} montre un certificat d’essai (signé par lui-même), que personne ne "
            "croit : chaque navigateur avertit.",
            "Mettez celui de votre autorité à la place des deux fichiers de /etc/ssl/somme_gov/, "
            "puis systemctl reload nginx (docs/exploitation.md, Le certificat).",
        )


SOON = 21  # days left of a certificate


def certificate_of(host: str, port: int) -> x509.Certificate:
    """What this address shows, be it believed or not."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # what it says is asked
    with (
        socket.create_connection((host, port), timeout=5) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert(binary_form=True) or b""
    return x509.load_der_x509_certificate(shown)


def is_trial(certificate: x509.Certificate) -> bool:
    """Whether it stands for itself, as the one that `bin/install` makes."""
    return certificate.issuer == certificate.subject


def of_store(
    endpoint: str, bucket: str, *, place: files.Keeping | None = None, setting: str = "FILES_URL"
) -> Iterator[Told]:
    """What a store of objects shows to who has no key, and whether it answers who has one: that of
    the files, unless told."""
    try:
        (place or files.place()).is_ready()
    except (files.Away, OSError) as away:
        yield Told(
            76,
            f"Le magasin d’objets de {setting} ne répond pas comme il faut{NBSP}: {away}.",
            f"Vérifiez {setting} (hôte, godet, clé, secret) et que le godet existe.",
        )
        return
    try:
        asked = f"{endpoint}/{bucket}?list-type=2&max-keys=1"
        with urlopen(asked, timeout=5) as answer:  # noqa: S310 the address of the settings
            is_open = answer.status == 200
    except OSError:  # refused, as it should
        is_open = False
    if is_open:
        yield Told(
            77,
            f"Le godet {bucket} se lit sans clé{NBSP}: dossiers et pouvoirs sont à tout le monde.",
            "Ôtez-lui tout accès public, chez qui tient le magasin.",
        )


def _copied() -> Iterator[Told]:
    from members import serving  # reads models: this is imported before there are any

    try:
        is_held = serving.is_held()
    except DatabaseError:  # told by what asks more of it
        return
    if is_held:
        yield Told(79, serving.HELD.message, serving.HELD.remedy)


def of_backups() -> Iterator[Told]:
    """What is wrong with where backups are: those of before the key, a bucket."""
    place, told = files.backups(), settings.BACKUP_DIR
    if place is None:
        return
    if not isinstance(told, Path):
        said = {"place": place, "setting": "BACKUP_DIR"}
        if troubles := list(of_store(told["endpoint_url"], told["bucket_name"], **said)):
            yield from troubles
            return
        files_at = settings.STORAGES["default"].get("OPTIONS", {}).get("endpoint_url")
        if files_at == told["endpoint_url"]:
            yield Told(
                74,
                "Les sauvegardes sont chez qui tient les fichiers : un compte fermé ou perdu "
                "emporte les uns et les autres.",
                "BACKUP_DIR chez un autre, ou un autre compte.",
                is_advice=True,
            )
    elif not told.is_dir() or not os.access(told, os.R_OK):
        return
    where = told if isinstance(told, Path) else told["bucket_name"]
    clear = [name for name in place.listdir("")[1] if _IN_CLEAR.fullmatch(name)]
    if settings.BACKUP_RECIPIENT and clear:
        yield Told(
            63,
            f"{where} garde des sauvegardes en clair, d’avant BACKUP_RECIPIENT : qui les "
            "prend lit tout.",
            (
                f"rm -rf {where}/somme_gov-*.zip {where}/somme_gov-*.zip.liste {where}/fichiers, "
                if isinstance(told, Path)
                else "Effacez du godet somme_gov-*.zip, somme_gov-*.zip.liste et fichiers/, "
            )
            + "une fois la première chiffrée faite (bin/manage safeguard --now).",
            is_advice=True,
        )


def _places() -> Iterator[Told]:
    folder = settings.BACKUP_DIR
    if not isinstance(folder, Path):
        pass  # none, or a bucket: see `of_backups`
    elif folder.is_dir():
        if folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Told(72, f"{folder} est ouvert à d’autres comptes.", f"chmod 700 {folder}")
        if not os.access(folder, os.W_OK):
            yield Told(
                73,
                f"{folder} ne s’écrit pas de ce compte : aucune sauvegarde ne s’y fera.",
                f"install -d -m 700 -o somme_gov {folder}",
            )
        if folder.stat().st_dev == Path(settings.DATA_DIR).stat().st_dev:
            yield Told(
                74,
                f"{folder} est sur le disque de DATA_DIR : un disque perdu emporte l’une et "
                "l’autre.",
                "Montez-y un autre disque, puis systemctl restart somme_gov (qui écrit sinon sous "
                "ce disque) ; ou copiez-le ailleurs chaque jour (rsync).",
                is_advice=True,
            )
    else:
        yield Told(
            73,
            f"{folder} n’existe pas.",
            f"install -d -m 700 -o somme_gov {folder}, puis systemctl restart somme_gov, qui "
            "n’y écrit pas avant.",
        )
    environment = ETC / "somme_gov.env"
    if environment.is_file() and environment.stat().st_mode & stat.S_IRWXO:
        yield Told(
            75, f"{environment} est lisible de tous, secrets compris.", f"chmod 640 {environment}"
        )


def of_unit(units: Iterable[str]) -> Iterator[Told]:
    """What an installed unit lacks, of those that serve."""
    for unit in units:
        if "gunicorn" not in unit:
            continue
        if not re.search(r"^KillMode=process", unit, re.M):
            yield Told(
                80,
                "L’unité systemd n’a pas « KillMode=process » : un redémarrage attend le "
                "facteur, ou le tue au milieu d’un courriel, qui resterait douteux.",
                "Reprenez deploy/somme_gov.service, puis systemctl daemon-reload.",
            )
        if "somme_gov/server.py" not in unit or "somme_gov.asgi" not in unit:
            yield Told(
                81,
                "L’unité systemd est d’une version passée : sans « --config somme_gov/server.py "
                "somme_gov.asgi », courriels, rappels et ancrages ne repartent pas.",
                "Reprenez deploy/somme_gov.service, puis systemctl daemon-reload.",
            )


def _timers(units: Path) -> Iterator[Told]:
    if (units / "somme_gov.service").exists() and not os.path.lexists(
        units / "timers.target.wants/somme_gov-verify.timer"
    ):
        yield Told(
            82,
            "Rien ne vérifie chaque semaine ce qui est écrit\u00a0: somme_gov-verify.timer est "
            "éteint.",
            "systemctl enable --now somme_gov-verify.timer",
        )


_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def of_proxy(sites: Iterable[str]) -> Iterator[Told]:
    """What an installed nginx does otherwise than the application expects, of its own sites."""
    names = [name for name in settings.ALLOWED_HOSTS if name not in _HERE]
    for site in sites:
        if not any(re.search(rf"server_name\s[^;]*{re.escape(name)}", site) for name in names):
            continue
        given = re.search(r"client_max_body_size\s+(\d+)([kmg]?)", site, re.I)
        most = int(given[1]) * _UNITS[given[2].lower()] if given else 1 << 20
        wanted = 4 * settings.ATTACHMENT_MAX_BYTES
        if 0 < most < wanted:
            yield Told(
                85,
                f"nginx refuse un envoi de plus de {most >> 20}{NBSP}Mo, l’application en prend "
                f"{wanted >> 20}.",
                f"client_max_body_size {(wanted >> 20) + 10}m;",
            )
        if "X-Forwarded-For" not in site or "X-Forwarded-Proto" not in site:
            yield Told(
                86,
                "nginx ne récrit pas X-Forwarded-For et X-Forwarded-Proto : un visiteur les "
                "écrirait lui-même.",
                "Reprenez deploy/nginx.conf.",
            )
        if "access_log" not in site:
            yield Told(
                87,
                "nginx écrit les liens personnels dans son journal.",
                "Reprenez de deploy/nginx.conf ce qui va de «\u00a0map\u00a0» à "
                "«\u00a0access_log\u00a0».",
            )


def _read(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        try:
            yield path.read_text(encoding="utf-8", errors="replace")
        except OSError:  # not for this account: another tells
            continue


# --- The clock --------------------------------------------------------------------------------

_ERROR, _UNSYNCHRONISED = 5, 0x40


class _Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long)]
    _fields_ += [("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int)]
    _fields_ += [("rest", ctypes.c_char * 256)]


def is_clock_kept() -> bool | None:
    """Whether the kernel says that a time server keeps its clock; `None` where it does not tell."""
    asked = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):  # another system
        return None
    if state < 0:  # refused to us, by the unit of before among others
        return None
    return not (state == _ERROR or asked.status & _UNSYNCHRONISED)
