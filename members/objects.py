"""Files in an object store that speaks S3 (`FILES_URL`): private, streamed, checked by their hash
as everywhere (`members.files.opened`).

What is put there is whole or absent by itself: a file goes in one request, never in parts that a
cut would leave behind. Its name is drawn each time: two hosts never meet on one, and a file of an
act that failed, deleted later than it should, is nobody else's. What could be deleted only when
the store answers again is noted (`members.files.forget`).
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.core.files.storage import Storage
from storages.backends.s3 import S3Storage

from members.files import Away, Stored, written

IN_MEMORY = 1 << 20  # bytes of a file that is read; what is longer is read from the disk
WHOLE = 5 << 30  # what S3 takes in one request
_ABSENT = ("404", "NoSuchKey", "NotFound")

# A store that is cut off is told in seconds: somebody waits before a page.
_PATIENCE = {
    "connect_timeout": 3,
    "read_timeout": 20,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}
# Not every store knows the checksums that Amazon asks of its own since 2025.
_PLAIN = {
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


@contextmanager
def _asked(name: str = "") -> Iterator[None]:
    """What goes wrong while the store is asked: a file that is not there, or nobody who answers."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _ABSENT:
            raise FileNotFoundError(name) from error
        raise Away(str(error)) from error
    except BotoCoreError as error:
        raise Away(str(error)) from error


class Objects(S3Storage):
    """A `members.files.Keeping` in a bucket."""

    KIND = "magasin"

    def __init__(self, *, style: str, **told: Any) -> None:
        config = Config(
            signature_version="s3v4", s3={"addressing_style": style}, **_PATIENCE, **_PLAIN
        )
        super().__init__(
            client_config=config,
            transfer_config=TransferConfig(multipart_threshold=WHOLE, use_threads=False),
            file_overwrite=False,
            default_acl=None,
            **told,
        )
        self._made = threading.Lock()
        self._made_in, self._mine = 0, None

    @property
    def connection(self) -> Any:
        """One for all the threads of a process: to make one takes a tenth of a second."""
        with self._made:
            if self._made_in != os.getpid():
                self._bucket, self._mine = None, self._new_connection()
                self._made_in = os.getpid()
            return self._mine

    def _new_connection(self) -> Any:
        return self._create_session().resource(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=self.client_config,
        )

    # --- What Django asks of a storage ---

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        root, extension = os.path.splitext(name)
        drawn = self.get_alternative_name(root, extension)
        return Storage.get_available_name(self, drawn, max_length)

    def _save(self, name: str, content: File) -> str:
        written(name)  # before: an answer that is lost may have been a yes
        with _asked(name):
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError(mode)
        found = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 given
        try:
            with _asked(name):
                key = {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}
                shutil.copyfileobj(self._client.get_object(**key)["Body"], found, 1 << 20)
        except BaseException:
            found.close()
            raise
        found.seek(0)
        return File(found, name)

    def delete(self, name: str) -> None:
        with _asked(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _asked(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _asked(name):
            return int(super().size(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _asked(name):
            folders, names = super().listdir(name)
            return folders, names

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    # --- What the house asks of it ---

    def is_ready(self) -> bool:
        with _asked(self.bucket_name):
            self._client.head_bucket(Bucket=self.bucket_name)
            return True

    def walk(self, folder: str = "") -> Iterator[Stored]:
        root = f"{self._normalize_name('').rstrip('/')}/".lstrip("/")
        prefix = f"{root}{folder}/" if folder else root
        pages = self._client.get_paginator("list_objects_v2")
        with _asked(prefix):
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=prefix):
                for each in page.get("Contents", ()):
                    if not each["Key"].endswith("/"):  # a folder, as some tools write one
                        name = each["Key"].removeprefix(root)
                        yield Stored(name, each["Size"], each["LastModified"].timestamp())

    def left_behind(self, *, before: float) -> Iterator[str]:
        yield from ()

    def admits(self, name: str) -> bool:
        return True

    def lay(self, name: str, source: IO[bytes]) -> None:
        with _asked(name):
            super()._save(name, File(source, name))

    def link(self, name: str, path: Path) -> None:
        with path.open("rb") as source:
            self.lay(name, source)
