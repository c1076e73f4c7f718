"""ASGI entrance of the application: what is served. The pages, on threads; and whoever follows a
sitting learns the news as they come."""

import os

from django.core.wsgi import get_wsgi_application

from members.threads import Threads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "somme_gov.settings")
pages = get_wsgi_application()

from django.conf import settings  # noqa: E402 Django is there now

from live import refresh, stream  # noqa: E402

# Four files joined at once, as docs/exploitation.md has nginx take.
most = 4 * settings.ATTACHMENT_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
application = stream.News(Threads(pages, most=most), beats=refresh.beats_of)
