"""What a night's backup costs when a hundred thousand documents are kept: time, memory, increment.

python -m bench.keeping                 100 000, their files in a folder; prints a line a night
python -m bench.keeping --count 10000 --bucket      ten thousand, in an object store (localbucket)
python -m bench.keeping --away --drill              backups in an object store; restore one as well
python -m bench.keeping --in FOLDER                 prepared there once, and measured again

Apart from `make bench`: a hundred thousand files take minutes to write. Each night is a process of
its own, so that its peak of memory is its own.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

EACH = 16_384  # bytes of a file; none is compressed by what follows
_AT_ONCE = 1_000


def prepare(count: int) -> None:
    """A base with one sitting, ready for its documents."""
    from django.conf import settings
    from django.core.management import call_command

    from tests.cast import make_cast
    from tests.conftest import migrated
    from tests.held import prepare as sitting

    if migrated().exists():  # through the very same migrations
        shutil.copyfile(migrated(), settings.DATABASES["default"]["NAME"])
    else:
        call_command("migrate", verbosity=0)
    cast = make_cast()
    sitting(cast, "Budget")
    add(count)


def add(count: int) -> None:
    """So many documents more, each with its file, witnessed as the application does."""
    from io import BytesIO

    from documents import compile, papers
    from documents.models import IssuedDocument
    from meetings.models import Meeting
    from members import files

    meeting, before = Meeting.every.get(), IssuedDocument.objects.count()
    content_of_all = papers.to_json(compile.compile_attendance_sheet(meeting))
    hash_of_all = hashlib.sha256(content_of_all.encode()).hexdigest()
    random = Random(before)  # noqa: S311 the same bytes each time
    for start in range(before, before + count, _AT_ONCE):
        rows = []
        for rank in range(start, min(start + _AT_ONCE, before + count)):
            content = random.randbytes(EACH)
            name = f"documents/val-de-brume/{2000 + rank % 27}/document-{rank}.pdf"
            files.place().lay(name, BytesIO(content))
            rows.append(
                IssuedDocument(
                    meeting=meeting,
                    kind=IssuedDocument.Kind.EXTRACT,
                    subject=f"p{rank}",
                    title=f"Délibération n° {rank}",
                    version=1,
                    schema=1,
                    pages=1,
                    signatories=0,
                    content=content_of_all,
                    sha256=hash_of_all,
                    pdf=name,
                    pdf_sha256=hashlib.sha256(content).hexdigest(),
                    code=f"{rank:016d}"[-IssuedDocument._meta.get_field("code").max_length :],
                )
            )
        IssuedDocument.objects.bulk_create(rows)


def night(days: int) -> None:
    """The backup of a night; what it cost, printed."""
    from django.utils import timezone

    from archive.keeping import safeguarding

    began = time.perf_counter()
    row = safeguarding.make(at=timezone.now() + timedelta(days=days))
    told = {
        "seconds": time.perf_counter() - began,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "files": row.files,
        "size": row.size,
        "added": row.added,
        "trouble": row.trouble,
    }
    print(json.dumps(told))


def drill() -> None:
    """One is restored and verified; how long it took, printed."""
    from django.utils import timezone

    from archive.keeping import safeguarding
    from archive.models import Safeguard

    last = safeguarding.last_good(Safeguard.Kind.BACKUP)
    assert last is not None
    began = time.perf_counter()
    row = safeguarding.drill(last.name, at=timezone.now())
    took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "memory": memory, "trouble": row.trouble[:300]}))


def main() -> None:
    """Everything, in a folder of the moment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--bucket", action="store_true", help="les fichiers dans un godet")
    parser.add_argument("--away", action="store_true", help="les sauvegardes dans un godet")
    parser.add_argument("--in", dest="folder", type=Path, help="où préparer, et laisser")
    parser.add_argument("--drill", action="store_true", help="en restaurer une aussi")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="somme_gov_nuits_"))
        )
        is_prepared = (folder / "donnees").exists()
        environment = os.environ | {
            "DATA_DIR": str(folder / "donnees"),
            "DATABASE_URL": f"sqlite:///{folder / 'donnees' / 'base.sqlite3'}",
            "BACKUP_DIR": str(folder / "nuits"),
            "SECRET_KEY": "a key to measure with",
            "EMAIL_URL": "",
            "DJANGO_SETTINGS_MODULE": "somme_gov.settings",
        }
        (folder / "donnees").mkdir(parents=True, exist_ok=True)
        if asked.bucket or asked.away:
            from tests import bucket

            url = stack.enter_context(bucket.served(folder / "s3")).url
            environment |= {"FILES_URL": f"{url}/fichiers"} if asked.bucket else {}
            environment |= {"BACKUP_DIR": f"{url}/nuits"} if asked.away else {}

        def told(step: str) -> str:
            code = f"import django; django.setup(); from bench import keeping; keeping.{step}"
            done = subprocess.run(
                [sys.executable, "-c", code],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            return done.stdout.strip()

        began = time.perf_counter()
        if not is_prepared:
            told(f"prepare({asked.count})")
        print(f"{asked.count} documents, {time.perf_counter() - began:.0f} s", flush=True)
        print("première nuit", told("night(0)"), flush=True)
        print("la suivante, rien de neuf", told("night(1)"), flush=True)
        told("add(10)")
        print("dix documents plus tard", told("night(2)"), flush=True)
        if asked.drill:
            print("un exercice", told("drill()"), flush=True)


if __name__ == "__main__":
    main()
