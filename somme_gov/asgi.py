"""ASGI entrance of the application: what is served. The pages, on threads; and whoever follows a
sitting learns the news as they come."""

import os

from django.core.wsgi import get_wsgi_application

from members.threads import Threads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "somme_gov.settings")
pages = get_wsgi_application()

from live import refresh, stream  # noqa: E402 Django is there now

application = stream.News(Threads(pages), stamps=refresh.stamps_of)
