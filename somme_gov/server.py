"""How gunicorn serves the application: `gunicorn --config somme_gov/server.py somme_gov.asgi`.

One process, unless WEB_CONCURRENCY says more: SQLite has one writer, and the pages have a few
threads (`members.threads`), which is plenty for a syndicat. Who follows a sitting has none, but a
connection that waits.
"""

import gc
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "asgi"
asgi_lifespan = "off"
loglevel = "warning"


HOUSE = Path(__file__).resolve().parent.parent


def on_starting(server: Any) -> None:
    """Pages have their look whatever became of DATA_DIR meanwhile: it is gathered again if it is
    gone, as after a restore in a folder that was emptied."""
    data = Path(os.environ.get("DATA_DIR") or HOUSE / "var")
    if not (data / "static" / "staticfiles.json").exists():
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(command, cwd=HOUSE, check=False)  # noqa: S603 our own command


def post_fork(server: Any, worker: Any) -> None:
    """Nothing that is made while the application is read is ever thrown away."""
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """Mails that waited when the server stopped leave as soon as it is back, those that came back
    are read, what was written is anchored, what is online is read back, acts are carried to the
    prefecture, what has reached its age goes at night, and all of it is backed up. There are as
    many connections as the system allows, for each screen holds one; and whoever listens is told
    when the server stops."""
    from archive.keeping import anchors, nightly, safeguarding
    from archive.online import clock
    from convening import bounces, sending
    from transmission.operators import carrying

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if hasattr(worker, "asgi"):  # not under a unit of before, which asks for threads
        worker.asgi.is_serving = lambda: worker.alive
    gc.freeze()  # to look again at all of it would keep an act waiting for a tenth of a second
    gc.enable()
    sending.wake()
    bounces.DUTY.wake()
    anchors.DUTY.wake()
    clock.DUTY.wake()
    carrying.DUTY.wake()
    nightly.DUTY.wake()
    safeguarding.DUTY.wake()
