"""How gunicorn serves the application: `gunicorn --config somme_gov/server.py somme_gov.wsgi`.

One process: SQLite has one writer, and a thread per person is plenty for a syndicat.
"""

workers = 1
worker_class = "gthread"
threads = 8
loglevel = "warning"


def post_worker_init(worker: object) -> None:
    """Mails that waited when the server stopped leave as soon as it is back, and what was written
    is anchored."""
    from archive.keeping import anchors
    from convening import sending

    sending.wake()
    anchors.start()
