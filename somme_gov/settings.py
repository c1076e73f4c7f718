"""Settings, read from the environment; the defaults serve a demonstration on one machine.

Each variable has its line in the table of docs/exploitation.md.
"""

import os
import re
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
import font_source_sans_pro
import font_source_serif_pro
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from accounts import providers
from somme_gov import objects

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
_titles = re.findall(r"^## (\S+)", (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
_numbered = next(title for title in _titles if title[0].isdigit())
VERSION = _numbered + "+" * (_titles[0] != _numbered)  # « + »: with what comes after it
# Whatever the application writes, server or command, nobody else on this machine reads.
os.umask(0o077)
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var")))
try:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"DATA_DIR\u00a0: le dossier {DATA_DIR} ne peut pas être créé ({error.strerror}). "
        "Créez-le pour le compte qui sert l’application, ou donnez-en un autre."
    ) from None

with suppress(PermissionError):  # not ours to close: `check` tells
    DATA_DIR.chmod(0o700)

DEBUG = env.bool("DEBUG", False)
HTTPS = env.bool("HTTPS", False)
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    key_file = DATA_DIR / "secret_key"
    if not key_file.exists():
        raise ImproperlyConfigured(
            "SECRET_KEY manque\u00a0: en service, «\u00a0bin/install\u00a0» en tire une dans "
            "/etc/somme_gov.env, par quoi «\u00a0bin/manage\u00a0» lance chaque commande\u00a0; "
            f"pour essayer, «\u00a0make run\u00a0» en écrit une dans {key_file}."
        )
    SECRET_KEY = key_file.read_text().strip()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former ones, still believed

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# Names under which one organisation alone shows what it publishes (archive.online.hosts).
PUBLIC_HOSTS = {
    host.strip().lower(): slug.strip()
    for host, _, slug in (each.partition("=") for each in env.list("PUBLIC_HOSTS", default=[]))
}
ALLOWED_HOSTS += PUBLIC_HOSTS
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "accounts.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "somme_gov.statics.Statics",
    "django.forms",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_prose_editor",
    "js_asset",
    "simple_history",
    "trail",
    "members",
    "guides",
    "accounts",
    "meetings",
    "documents",
    "registry",
    "convening",
    "live",
    "transmission",
    "archive",
    "opendata",
    "demo",
]

MIDDLEWARE = [
    "somme_gov.logs.numbered",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "members.front.Compressed",
    "members.front.kept_by_nobody",
    "csp.middleware.CSPMiddleware",
    "archive.online.hosts.OwnHosts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "trail.middleware.TrailMiddleware",
    "accounts.doors.Guard",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "members.front.written_by_people",
    "members.clicks.one_click",
]

ROOT_URLCONF = "somme_gov.urls"
WSGI_APPLICATION = "somme_gov.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "somme_gov.templates.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django.templatetags.static"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "members.access.context",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'somme_gov.sqlite3'}")}
# A new connection per request divides the throughput by six; SQLite writes queue up instead of
# failing at once, and readers never wait for a writer.
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
CACHES: dict[str, dict[str, Any]] = {
    # Shared by the processes of the server: patience at the door must be counted once.
    "default": {
        "BACKEND": "members.cached.InFiles",
        "LOCATION": DATA_DIR / "cache",
    },
    # Pages drawn of late: a preview that is issued, a register of which one sheet changed.
    "drawings": {
        "BACKEND": "members.cached.InFiles",
        "LOCATION": DATA_DIR / "drawings",
        "TIMEOUT": 60 * 60 * 24,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}
# Several hosts may serve one base without sharing any folder: this says that they are one service
# (members.serving), and what they must share is then in the base.
SERVICE_MARK = env.str("SERVICE_MARK", "")
if SERVICE_MARK and not 20 <= len(SERVICE_MARK) <= 50:
    raise ImproperlyConfigured(
        "SERVICE_MARK a de 20 à 50 caractères, tirés au sort\u00a0: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
    )
if SERVICE_MARK:
    CACHES["default"] = {
        "BACKEND": "members.cached.Shared",
        "LOCATION": "members_cached",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "members.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
# How long a password given again lets one sign, publish, give rights: see accounts.proof.
SECOND_PROOF_MINUTES = env.int("SECOND_PROOF_MINUTES", 5)
# The roles that do not enter by a password alone: see accounts.factors.
SECOND_FACTOR_ROLES = env.list("SECOND_FACTOR_ROLES", default=[])
if unknown := set(SECOND_FACTOR_ROLES) - {"secretariat", "delegue", "administration", "controle"}:
    raise ImproperlyConfigured(
        f"SECOND_FACTOR_ROLES : rôle inconnu, {', '.join(sorted(unknown))}. Ceux qui existent : "
        "secretariat, delegue, administration, controle."
    )
# Who says, elsewhere, that somebody is who she is: see accounts.providers.
try:
    OIDC_PROVIDERS = providers.read(env.list("OIDC_PROVIDERS", default=[]), os.environ)
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from None
# After how many days without a mandate `end_accounts` closes an account; 0: never.
ACCOUNT_DAYS = env.int("ACCOUNT_DAYS", 0)
# How many proxies of ours stand before the server: see trail.network.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("fonts/serif", Path(font_source_serif_pro.__file__).parent / "files"),
    ("fonts/sans", Path(font_source_sans_pro.__file__).parent / "files"),
]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "members.files.WholeFiles"},
    "staticfiles": {"BACKEND": "somme_gov.statics.Storage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = DATA_DIR / "media"
# Or in an object store: see members.objects.
FILES_URL = env.str("FILES_URL", "")
if FILES_URL:
    if not find_spec("storages"):
        raise ImproperlyConfigured("FILES_URL demande d’autres paquets\u00a0: bin/setup objects")
    try:
        STORAGES["default"] = {
            "BACKEND": "members.objects.Objects",
            "OPTIONS": objects.read(FILES_URL),
        }
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from None
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Reading stops at the limit, for every form of the site: see meetings.attachments.
FILE_UPLOAD_HANDLERS = [
    "meetings.attachments.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", 50 * 1024 * 1024)
ATTACHMENT_SCANNER = env.str("ATTACHMENT_SCANNER", "")

# Where the keys of secret urns live while papers fall: in the memory of the machine when it has
# such a place, for what was never on a disk is in no copy of one.
_shared_memory = Path("/dev/shm")  # noqa: S108 a folder of our own in it, which live.urns checks
# The memory of one host is unknown to the others: see live.urns.
IS_URN_DIR_SHARED = not SERVICE_MARK or bool(env.str("URN_DIR", ""))
URN_DIR = Path(
    env.str(
        "URN_DIR",
        str(
            _shared_memory
            / f"somme_gov-{os.getuid()}-{sha256(bytes(DATA_DIR.resolve())).hexdigest()[:16]}"
            if os.access(_shared_memory, os.W_OK)
            else DATA_DIR / "urnes"
        ),
    )
)

# Public keys (age) to which backups are encrypted.
BACKUP_RECIPIENT = env.list("BACKUP_RECIPIENT", default=[])
# Where the server backs itself up each night (a folder, or as FILES_URL a bucket, which is then the
# options of `members.objects.Objects`), from what hour, how many days and weeks it keeps, and after
# how many days it tries to restore one: see archive.keeping.safeguarding.
_kept = env.str("BACKUP_DIR", "")
BACKUP_DIR: Path | dict[str, Any] | None = Path(_kept) if _kept else None
if "://" in _kept:
    try:
        BACKUP_DIR = objects.read(_kept, of="BACKUP_DIR")
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from None
    if FILES_URL and objects.hold_each_other(STORAGES["default"]["OPTIONS"], BACKUP_DIR):
        raise ImproperlyConfigured(
            "BACKUP_DIR et FILES_URL sont le même godet, ou l’un est dans l’autre\u00a0: chaque "
            "nuit sauvegarderait les précédentes. Donnez aux sauvegardes un godet à elles."
        )
BACKUP_HOUR = env.int("BACKUP_HOUR", 2)
BACKUP_KEEP_DAYS = env.int("BACKUP_KEEP_DAYS", 14)
BACKUP_KEEP_WEEKS = env.int("BACKUP_KEEP_WEEKS", 8)
BACKUP_DRILL_DAYS = env.int("BACKUP_DRILL_DAYS", 7)
# Whether the server does so itself; not where `manage.py safeguard` alone does.
BACKUP_WORKER = env.bool("BACKUP_WORKER", True)

# What draws the letters of the codes printed on papers, one by one: nobody may guess them.
CODE_SOURCE = "secrets.choice"

# Keys of signature, found there by what they contain; an act binds each of them. SIGNING_ROOTS
# holds the authorities that are believed (PEM) and what they revoked (*.crl). A demonstration
# makes its own authority, which is refused as soon as the site is served by HTTPS.
SIGNING_DIR = Path(env.str("SIGNING_DIR", str(DATA_DIR / "certificats")))
SIGNING_PASSPHRASE = env.str("SIGNING_PASSPHRASE", "")
SIGNING_ROOTS = Path(env.str("SIGNING_ROOTS", str(DATA_DIR / "autorites")))
SIGNING_TIMESTAMP_URL = env.str("SIGNING_TIMESTAMP_URL", "")
SIGNING_DEVELOPMENT = env.bool("SIGNING_DEVELOPMENT", not HTTPS)

# What was written is anchored outside: see archive.keeping.anchors. Without an address of its own,
# the authority of the signatures tells the hour.
ANCHOR_TIMESTAMP_URL = env.str("ANCHOR_TIMESTAMP_URL", "")
ANCHOR_FILE = Path(env.str("ANCHOR_FILE", str(DATA_DIR / "ancrages.jsonl")))
# Whether the server anchors by itself; not where `manage.py anchor` alone does.
ANCHOR_WORKER = env.bool("ANCHOR_WORKER", True)

# Whether the server reads back, each day, what is online at SITE_URL: see archive.online.clock. Not
# where `manage.py read_back` alone does.
CLOCK_WORKER = env.bool("CLOCK_WORKER", True)
# Whether the server does by itself what is done at night: see archive.keeping.nightly.
NIGHT_WORKER = env.bool("NIGHT_WORKER", True)

# Without a mail server mails are kept where the secretariat can read them: /boite-d-envoi/.
if env.str("EMAIL_URL", ""):
    try:
        vars().update(env.email_url("EMAIL_URL"))
    except (ImproperlyConfigured, ValueError):  # of a password that was not written as it must be
        raise ImproperlyConfigured(
            "EMAIL_URL ne se lit pas : smtp+tls://compte:motdepasse@hôte:587, où un signe spécial "
            "du compte ou du mot de passe s’écrit en %XX (@ : %40, / : %2F, # : %23)."
        ) from None
else:
    EMAIL_BACKEND = "convening.outbox.OutboxBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "secretariat@localhost")
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 30)  # seconds, for each step of the conversation
# Once a mail is given, RFC 5321 has one wait ten minutes for the reply: to give up sooner is to
# send it twice.
EMAIL_PATIENCE = env.int("EMAIL_PATIENCE", 600)
MAIL_ATTACHED_MAX_BYTES = env.int("MAIL_ATTACHED_MAX_BYTES", 8 * 1024 * 1024)
# Whether the server sends the mails itself; not where `manage.py send_mails` runs for it.
MAIL_WORKER = env.bool("MAIL_WORKER", True)
# The mailbox where servers return what they could not deliver, or the secret of whoever tells it at
# /courriels/retours/; both empty: it is noted by hand. See convening.bounces.
BOUNCES_URL = env.str("BOUNCES_URL", "")
BOUNCES_TOKEN = env.str("BOUNCES_TOKEN", "")
# Services that carry acts to the prefecture: the machines to which this one may speak, where their
# secrets are, and whether the server carries by itself, not where `manage.py carry_acts` does. See
# transmission.operators.
TRANSMISSION_HOSTS = env.list("TRANSMISSION_HOSTS", default=[])
TRANSMISSION_SECRETS = Path(env.str("TRANSMISSION_SECRETS", str(DATA_DIR / "transmission")))
TRANSMISSION_WORKER = env.bool("TRANSMISSION_WORKER", True)
# The address of the site as mails write it; empty: the one under which the secretariat works.
SITE_URL = env.str("SITE_URL", "")

# What the pages of `members.about` say of whoever publishes this site; empty: they say so.
ABOUT = {
    "publisher": env.str("ABOUT_PUBLISHER", ""),
    "host": env.str("ABOUT_HOST", ""),
    "email": env.str("ABOUT_EMAIL", ""),
    "phone": env.str("ABOUT_PHONE", ""),
    "dpo": env.str("ABOUT_DPO", ""),
    "level": env.str("ACCESSIBILITY_LEVEL", "non conforme"),
    "audit": env.str("ACCESSIBILITY_AUDIT", ""),
    "scheme": env.str("ACCESSIBILITY_SCHEME", ""),
}
_LEVELS = ("non conforme", "partiellement conforme", "totalement conforme")
if ABOUT["level"] not in _LEVELS:
    raise ImproperlyConfigured(f"ACCESSIBILITY_LEVEL est l’un de : {', '.join(_LEVELS)}.")
if ABOUT["level"] != _LEVELS[0] and not ABOUT["audit"]:
    raise ImproperlyConfigured(
        "ACCESSIBILITY_LEVEL ne vaut mieux que « non conforme » qu’après un audit : "
        "ACCESSIBILITY_AUDIT dit sa date, qui l’a fait et son taux (décret n° 2019-768)."
    )

# Under which licence what is published is given again, by its address and its name.
OPEN_DATA_LICENCE = env.str(
    "OPEN_DATA_LICENCE", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
)
OPEN_DATA_LICENCE_NAME = env.str("OPEN_DATA_LICENCE_NAME", "Licence Ouverte 2.0")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
    }
}
TRAIL_DAYS = env.int("TRAIL_DAYS", 365)  # how long its lines are kept: see `trim_trail`
# After how long somebody may let go of how to reach who sits no more, and of the links and messages
# of a sitting: see members.retention.
CONTACT_DAYS = env.int("CONTACT_DAYS", 365)
LINK_DAYS = env.int("LINK_DAYS", 365)
if min(CONTACT_DAYS, LINK_DAYS) < 90:
    raise ImproperlyConfigured(
        "CONTACT_DAYS et LINK_DAYS comptent 90 jours au moins\u00a0: un acte se conteste deux mois."
    )

X_FRAME_OPTIONS = "SAMEORIGIN"  # the preview of the minutes is a frame of our own pages
# W019 would have it DENY; the others are said in French, with ours, by `members.deploying`.
SILENCED_SYSTEM_CHECKS = [f"security.W{n:03}" for n in (4, 8, 9, 12, 16, 18, 19, 20)]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CSRF_COOKIE_HTTPONLY = False
SECURE_REDIRECT_EXEMPT = [r"^sante/"]  # a supervisor asks on the machine itself
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# How many processes gunicorn serves with: see somme_gov/server.py, which reads the same.
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", 1)
# What a supervisor says to read /sante/etat and /sante/mesures; empty: a superuser alone does.
WATCH_TOKEN = env.str("WATCH_TOKEN", "")
# Who is written to when something fails, once for each cause; and how the journal is written.
ERROR_MAILS = env.list("ERROR_MAILS", default=[])
LOG_FORMAT = env.str("LOG_FORMAT", "texte")
if LOG_FORMAT not in ("texte", "json"):
    raise ImproperlyConfigured("LOG_FORMAT est «\u00a0texte\u00a0» ou «\u00a0json\u00a0».")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "masked": {"()": "somme_gov.logs.Masked"},
        "one_line": {"()": "somme_gov.logs.OneLine"},
        "once": {"()": "somme_gov.logs.Once", "seconds": 60},
    },
    "formatters": {
        "texte": {"()": "somme_gov.logs.Line"},
        "json": {"()": "somme_gov.logs.Json"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["once", "masked"],
            "formatter": LOG_FORMAT,
        },
        "mail": {
            "class": "somme_gov.logs.Mailed",
            "level": "ERROR",
            "filters": ["masked"],
            "formatter": "texte",
        },
    },
    "root": {
        "handlers": ["console", *(["mail"] if ERROR_MAILS else [])],
        "level": env.str("LOG_LEVEL", "WARNING"),
    },
    # Whoever asks under a name that is not ours is refused: where that was decided says nothing.
    "loggers": {"django.security.DisallowedHost": {"filters": ["one_line"]}},
}
