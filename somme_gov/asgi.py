"""ASGI entrance of the application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "somme_gov.settings")

application = get_asgi_application()
