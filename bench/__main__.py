"""Measures the application on SQLite, and on PostgreSQL too when DATABASE_URL names one.

Each database is measured in a process of its own, on a database made for the occasion; each set
of minutes in yet another one, so that its peak of memory is its own.
"""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bench import absences, ledger

RESULTS = Path(__file__).parent / "RESULTS.md"
NBSP = "\u00a0"


def measured(url: str) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "bench.measure", "database"],
        env=environment | ({"DATABASE_URL": url} if url else {}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("Django", "WeasyPrint")
    )
    return (
        f"Machine{NBSP}: {len(os.sched_getaffinity(0))} cœurs ({model}), {memory:.0f}{NBSP}Gio, "
        f"Python {platform.python_version()}, {versions}."
    )


def figure(number: float, digits: int) -> str:
    return f"{number:.{digits}f}".replace(".", ",")


def milliseconds(seconds: float) -> str:
    return f"{figure(seconds * 1000, 0)}{NBSP}ms"


def seconds(number: float) -> str:
    return f"{figure(number, 2)}{NBSP}s"


def target(value: float, allowed: float, unit: str = "") -> str:
    limit = str(allowed) if isinstance(allowed, int) else figure(allowed, 2)
    return f"≤{NBSP}{limit}{unit and NBSP + unit} {'✓' if value <= allowed else '✗'}"


def table(heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A Markdown table that is aligned in its source too, for it is printed as it is."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for cells in (heads, ["-" * width for width in widths], *rows):
        aligned = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        yield f"| {' | '.join(aligned)} |"


def minutes_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        "membres × points|pages|requêtes|cible|compiler|en tout|WeasyPrint seul|rapport|cible"
        "|mémoire|WeasyPrint seul".split("|"),
        [
            [
                each["size"],
                str(each["pages"]),
                str(each["queries"]),
                target(each["queries"], 15),
                milliseconds(each["compiling"]),
                seconds(each["total"]),
                seconds(each["bare"]),
                figure(each["total"] / each["bare"], 2),
                target(each["total"] / each["bare"], 1.25),
                f"{each['memory']}{NBSP}Mio",
                f"{each['bare_memory']}{NBSP}Mio",
            ]
            for each in measures
        ],
    )


def pages_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        ["quoi", "taille", "requêtes", "cible", "temps"],
        [
            [
                each["what"],
                each["size"],
                str(each["queries"]),
                target(each["queries"], each["allowed"]),
                milliseconds(each["seconds"]),
            ]
            for each in sorted(measures, key=lambda each: each["what"])
        ],
    )


def report(databases: list[dict[str, Any]]) -> Iterator[str]:
    yield "# Mesures"
    yield ""
    yield f"Écrit par `make bench` le {date.today():%d/%m/%Y}."
    yield machine()
    yield "Temps médians, à chaud. Les bornes de transaction ne sont pas comptées."
    yield f"\n## Rejouer une séance de {ledger.MEMBERS} membres et {ledger.ITEMS} points\n"
    yield from table(
        ["événements", "temps", "cible", "par événement"],
        [
            [
                str(size),
                milliseconds(taken),
                target(taken * 1000, 50, "ms"),
                f"{figure(taken / size * 1e6, 0)}{NBSP}µs",
            ]
            for size, taken in ledger.replays()
        ],
    )
    yield f"\n## Juger un événement de plus, en séance{NBSP}: la loi seule\n"
    yield from table(
        ["événement", "membres × votes", "à la suite", "tout reprendre", "rapport", "cible"],
        [
            [
                each.what,
                each.size,
                f"{figure(each.continued * 1000, 1)}{NBSP}ms",
                f"{figure(each.whole * 1000, 1)}{NBSP}ms",
                figure(each.ratio, 0),
                target(each.continued * 1000, 5, "ms"),
            ]
            for each in ledger.nexts()
        ],
    )
    yield f"\n## Répondre aux absences, avant la séance{NBSP}: la loi seule\n"
    yield from table(
        ["quoi", "taille", "temps", "cible"],
        [
            [
                each.what,
                each.size,
                f"{figure(each.seconds * 1000, 1)}{NBSP}ms",
                target(each.seconds * 1000, 100, "ms"),
            ]
            for each in absences.measures()
        ],
    )
    for database in databases:
        yield f"\n## {database['name']}"
        yield "\n### Le procès-verbal, tous les votes avec les noms\n"
        yield from minutes_table(database["minutes"])
        yield "\n### Les pages, et l’enregistrement d’un vote\n"
        yield from pages_table(database["pages"])
        yield "\n### Convoquer, sans serveur de courriel\n"
        yield from table(
            ["quoi", "taille", "temps", "cible"],
            [
                [
                    each["what"],
                    each["size"],
                    milliseconds(each["seconds"]),
                    target(each["seconds"] * 1000, int(each["allowed"] * 1000), "ms"),
                ]
                for each in database["mails"]
            ],
        )


def main() -> None:
    given = os.environ.get("DATABASE_URL", "")
    text = "\n".join(report([measured(url) for url in dict.fromkeys(["", given])])) + "\n"
    print(text)
    RESULTS.write_text(text)


if __name__ == "__main__":
    main()
