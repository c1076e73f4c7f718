"""The settings of production on a throwaway machine, and one empty page to compare with."""

from somme_gov.settings import *  # noqa: F403 as served, with one more page

ROOT_URLCONF = "bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {  # noqa: F405 nothing is collected there
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
