"""Measures the application on SQLite, and on PostgreSQL too when DATABASE_URL names one.

python -m bench                      everything; writes bench/RESULTS.md
python -m bench --only live          the sitting held live alone, printed; `--help` names the parts

Each database is measured in a process of its own, on a database made for the occasion; each set
of minutes in yet another one, so that its peak of memory is its own.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bench import absences, ledger, live

RESULTS = Path(__file__).parent / "RESULTS.md"
NBSP = "\u00a0"
REGISTER = 400  # deliberations, see bench/archive.py


# What may be measured alone: those of `bench.measure.PARTS`, and these.
IN_A_DATABASE = "minutes pages awaited mails papers signatures search public register".split()
PARTS = ["law", "service", "keys", "live", *IN_A_DATABASE]


def measured(url: str, parts: Collection[str]) -> dict[str, Any]:
    """These parts on one database: the sitting held live last, on a server of its own."""
    found: dict[str, Any] = {"name": "PostgreSQL" if url else "SQLite"}
    if inside := [part for part in IN_A_DATABASE if part in parts]:
        found = told("bench.measure", "database", *inside, url=url)
    if "live" in parts:
        found["live"] = told("bench.live", url=url)
    return found


def told(*command: str, url: str = "") -> dict[str, Any]:
    """What this module measured, in a process of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
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


def at_least(value: float, wanted: float) -> str:
    return f"≥{NBSP}{figure(wanted, 2)} {'✓' if value >= wanted else '✗'}"


def table(heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A Markdown table that is aligned in its source too, for it is printed as it is."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for cells in (heads, ["-" * width for width in widths], *rows):
        aligned = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        yield f"| {' | '.join(aligned)} |"


def minutes_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        "membres × points|pages|requêtes|cible|compiler|en tout|WeasyPrint seul|rapport|cible"
        "|un point changé|rapport|cible|mémoire|WeasyPrint seul".split("|"),
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
                target(each["total"] / each["bare"], 0.5 if each["pages"] > 100 else 0.65),
                seconds(each["again"]),
                figure(each["again"] / each["total"], 2),
                target(each["again"] / each["total"], 0.15),
                f"{each['memory']}{NBSP}Mio",
                f"{each['bare_memory']}{NBSP}Mio",
            ]
            for each in measures
        ],
    )


def pages_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        ["quoi", "taille", "requêtes", "cible", "temps", "cible"],
        [
            [
                each["what"],
                each["size"],
                str(each["queries"]),
                target(each["queries"], each["allowed"]) if each["allowed"] else "",
                milliseconds(each["seconds"]),
                target(each["seconds"] * 1000, int(each["within"] * 1000), "ms")
                if each["within"]
                else "",
            ]
            for each in sorted(measures, key=lambda each: each["what"])
        ],
    )


def _within(told: str, value: float, most: float) -> str:
    return f"{told} {'✓' if value <= most else '✗'}"


def _in_ms(value: float, most: int) -> str:
    return _within(f"{milliseconds(value)} (≤ {most})", value * 1000, most)


def live_tables(found: dict[str, Any]) -> Iterator[str]:
    refresh = found["refresh"]
    yield (
        f"Les écrans écoutent, chaque délégué vote sur sa tablette en {live.VOTE_WITHIN:.0f}"
        f"{NBSP}s, un secrétaire tient la console{NBSP}; serveur et clients sur cette machine.\n"
    )
    storms = found["storms"]
    yield from table(
        ["quoi", *(f"{each['screens']} écrans, {each['delegates']} délégués" for each in storms)],
        [
            [words, *(said(each) for each in storms)]
            for words, said in (
                ("votes reçus", lambda each: str(each["votes"])),
                ("votes perdus", lambda each: _within(str(each["lost"]), each["lost"], 0)),
                ("votes doublés", lambda each: _within(str(each["doubled"]), each["doubled"], 0)),
                ("votes refusés, venus après la clôture", lambda each: str(each["refused"])),
                (
                    "réponses en erreur",
                    lambda each: _within(str(each["errors"]), each["errors"], 0),
                ),
                ("action de la console, médiane", lambda each: milliseconds(each["act_p50"])),
                ("action de la console, 95 %", lambda each: _in_ms(each["act_p95"], 60)),
                (
                    "d’un vote au dernier écran, médiane",
                    lambda each: milliseconds(each["shown_p50"]),
                ),
                ("d’un vote au dernier écran, 95 %", lambda each: _in_ms(each["shown_p95"], 300)),
                (
                    "processeur du serveur",
                    lambda each: _within(f"{each['cpu'] * 100:.0f} % d’un cœur", each["cpu"], 0.2),
                ),
            )
        ],
    )
    yield f"\n### Un écran à qui rien n’arrive (réponse {refresh['status']})\n"
    yield from table(
        ["requêtes", "cible", "réponses par seconde", "vue vide", "rapport", "cible"],
        [
            [
                str(refresh["queries"]),
                target(refresh["queries"], 1),
                f"{refresh['unchanged']:.0f}",
                f"{refresh['empty']:.0f}",
                figure(refresh["ratio"], 2),
                at_least(refresh["ratio"], 0.5),
            ]
        ],
    )


def keys_table(keys: dict[str, float]) -> Iterator[str]:
    return table(
        ["comment", "touches par point", "cible"],
        [
            [
                "les lettres du nom et, s’il y en a, le chiffre affiché à côté",
                figure(keys["digits"], 1),
                target(keys["digits"], 12),
            ],
            ["les lettres seules", figure(keys["letters"], 1), ""],
        ],
    )


def papers_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        "papier|pages|en tout|WeasyPrint seul|rapport|cible".split("|"),
        [
            [
                each["what"],
                str(each["pages"]),
                milliseconds(each["total"]),
                milliseconds(each["bare"]),
                figure(each["total"] / each["bare"], 2),
                target(each["total"] / each["bare"], 0.65),
            ]
            for each in measures
        ],
    )


def search_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        ["question", "requêtes", "cible", "médiane", f"95{NBSP}%"],
        [
            [
                each["what"],
                str(each["queries"]),
                target(each["queries"], 12),
                milliseconds(each["median"]),
                milliseconds(each["p95"]),
            ]
            for each in measures
        ],
    )


def service_table(service: dict[str, Any]) -> Iterator[str]:
    def kilobytes(what: str) -> float:
        return service[what] / 1000

    return table(
        ["quoi", "mesure", "cible"],
        [
            [
                "démarrer un ouvrier, processeur",
                seconds(service["start"]),
                target(service["start"], 0.8),
            ],
            [
                "mémoire d’un ouvrier au repos",
                f"{service['idle']}{NBSP}Mio",
                target(service["idle"], 100),
            ],
            ["mémoire d’un ouvrier qui sert", f"{service['serving']}{NBSP}Mio", ""],
            [
                f"accueil, première visite, sans les polices ({service['files']} fichiers)",
                f"{kilobytes('first'):.0f}{NBSP}ko",
                target(kilobytes("first"), 60, "ko"),
            ],
            ["ses polices, une fois", f"{kilobytes('fonts'):.0f}{NBSP}ko", ""],
            [
                "accueil, visite suivante",
                f"{figure(kilobytes('next'), 1)}{NBSP}ko",
                target(kilobytes("next"), 8, "ko"),
            ],
        ],
    )


def register_table(register: dict[str, Any] | None) -> Iterator[str]:
    return table(
        "quoi|pages|poids|temps|cible|de nouveau|cible|mémoire|tout recomposer".split("|"),
        [
            [
                f"{REGISTER} délibérations",
                str(register["pages"]),
                f"{figure(register['size'] / 2**20, 1)}{NBSP}Mio",
                seconds(register["seconds"]),
                target(register["seconds"], 3, "s"),
                seconds(register["bound_again"]),
                target(register["bound_again"], 1, "s"),
                f"{register['memory']}{NBSP}Mio",
                seconds(register["again"]),
            ]
            for register in filter(None, [register])
        ],
    )


def report(databases: list[dict[str, Any]], parts: Collection[str]) -> Iterator[str]:
    yield "# Mesures"
    yield ""
    yield f"Écrit par `make bench` le {date.today():%d/%m/%Y}."
    yield machine()
    yield "Temps médians, à chaud. Les bornes de transaction ne sont pas comptées."
    if "law" in parts:
        yield from law_tables()
    if "service" in parts:
        yield f"\n## Le service, sur SQLite{NBSP}: fichiers de production, comprimés\n"
        yield from service_table(told("bench.service"))
    if "keys" in parts:
        yield "\n## Saisir trois exceptions par point, soixante noms\n"
        yield from keys_table(told("bench.live", "--keys"))
    for database in databases:
        yield from database_tables(database)


def law_tables() -> Iterator[str]:
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


def database_tables(database: dict[str, Any]) -> Iterator[str]:
    """What was measured on one database, whatever of it was."""
    pages = [each for part in ("pages", "awaited") for each in database.get(part, ())]
    found = {
        "Une séance en direct": live_tables(database["live"]) if "live" in database else (),
        "Le procès-verbal, tous les votes avec les noms": minutes_table(
            database.get("minutes", [])
        ),
        "Les pages, et l’enregistrement d’un vote": pages_table(pages),
        "Convoquer, sans serveur de courriel": mails_table(database.get("mails", [])),
        "Chaque papier d’une séance de 60 membres et 40 points": papers_table(
            database.get("papers", [])
        ),
        "Signer et vérifier": signatures_table(database.get("signatures", [])),
        "Chercher parmi 10 000 délibérations": search_table(database.get("search", [])),
        "Transmettre, publier, lire en public": public_table(database.get("public", [])),
        "Relier le registre d’une année": register_table(database.get("register")),
    }
    told = {title: [*lines] for title, lines in found.items()}
    if any(len(lines) > 2 for lines in told.values()):
        yield f"\n## {database['name']}"
    for title, lines in told.items():
        if len(lines) > 2:  # more than the heads of a table
            yield f"\n### {title}\n"
            yield from lines


def mails_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        ["quoi", "taille", "temps", "cible"],
        [
            [
                each["what"],
                each["size"],
                milliseconds(each["seconds"]),
                target(each["seconds"] * 1000, int(each["allowed"] * 1000), "ms"),
            ]
            for each in measures
        ],
    )


def public_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        ["quoi", "taille", "temps", f"95{NBSP}%", "cible", "requêtes", "poids"],
        [
            [
                each["what"],
                each["size"],
                milliseconds(each["seconds"]),
                milliseconds(each["p95"]) if each["p95"] else "",
                target(each["p95"] * 1000, each["within"], "ms") if each.get("within") else "",
                str(each["queries"] or ""),
                f"{figure(each['bytes'] / 1000, 1)}{NBSP}ko" if each["bytes"] else "",
            ]
            for each in measures
        ],
    )


def signatures_table(measures: list[dict[str, Any]]) -> Iterator[str]:
    return table(
        ["quoi", "taille", "temps"],
        [[each["what"], each["size"], milliseconds(each["seconds"])] for each in measures],
    )


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Mesure la vitesse, sur SQLite, et sur la base que nomme DATABASE_URL.",
        epilog="Sans --only, tout est mesuré, en un quart d’heure, et bench/RESULTS.md récrit.",
    )
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="PARTIE", help=", ".join(PARTS)
    )
    return parser.parse_args()


def main() -> None:
    only = asked().only
    given = os.environ.get("DATABASE_URL", "")
    found: list[dict[str, Any]] = []
    for url in dict.fromkeys(["", given]):
        found.append(measured(url, only or PARTS))
        if not only:  # written at each step: what is cut short keeps what it has
            RESULTS.write_text("\n".join(report(found, PARTS)) + "\n")
    print("\n".join(report(found, only)) if only else RESULTS.read_text())


if __name__ == "__main__":
    main()
