"""A real S3 server for the tests, on a folder, which may be cut off in the middle of a request."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

from localbucket import S3Handler

from members import objects
from somme_gov.objects import read


class Bucket:
    """What the server holds, and how it fails: `cut` for the requests of these methods, `deaf` for
    those that it does and of which the answer is lost."""

    def __init__(self, root: Path, port: int):
        self.folder = root / "seances"
        self.folder.mkdir(parents=True)
        self.url = f"s3+http://cle:secret@127.0.0.1:{port}/seances"
        self.cut: frozenset[str] = frozenset()
        self.deaf: frozenset[str] = frozenset()
        self.left = 0  # how many of those requests pass first

    def fails(self, method: str) -> bool:
        if method not in self.cut | self.deaf:
            return False
        self.left -= 1
        return self.left < 0

    @property
    def names(self) -> set[str]:
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix() for path in found}

    def heal(self) -> None:
        self.cut = self.deaf = frozenset()


@contextmanager
def served(root: Path) -> Iterator[Bucket]:
    class Handler(S3Handler):
        data_root = root
        bucket: Bucket

        def _dispatch(self, action):
            if not self.bucket.fails(self.command):
                return super()._dispatch(action)
            self.close_connection = True
            if self.command in self.bucket.deaf:
                told, self.wfile = self.wfile, BytesIO()
                try:
                    super()._dispatch(action)
                finally:
                    self.wfile = told
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.bucket = Bucket(root, server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Handler.bucket
    finally:
        server.shutdown()
        server.server_close()


def use(bucket: Bucket, settings, monkeypatch) -> None:
    """Have the files of a test in that bucket."""
    monkeypatch.setitem(objects._PATIENCE, "retries", {"total_max_attempts": 1})
    settings.FILES_URL = bucket.url
    told = {"BACKEND": "members.objects.Objects", "OPTIONS": read(bucket.url)}
    settings.STORAGES = settings.STORAGES | {"default": told}
