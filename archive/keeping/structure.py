"""Is the base built as the migrations build it?

Who writes in it may leave there a trigger that changes what the application writes, before it
reads it again to witness it; or take away a constraint, or an index, that it leans on. What is
there is compared, word for word, with what the models and their constraints make: on PostgreSQL
beside it, in a schema that is made for that and taken back; on SQLite by the words alone. A later
Django may say the same otherwise: then it is told here, on the day it is taken.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from django.apps import apps
from django.db import DatabaseError, connection, transaction

from archive import fulltext
from meetings import constraints as of_the_ledger
from members import constraints as of_mandates

Told = tuple[str, str]  # where, what
Built = dict[str, Counter[str]]  # by table, each part of it

_BESIDE = "structure_attendue"
# On SQLite an index is a table, and makes four of its own.
_SEARCH = tuple(f"{table}_words_" for table in fulltext.TABLES)
_OF_DJANGO = ("django_migrations", "sqlite_sequence")


def faults() -> Iterator[Told]:
    """What is in the base and was never built by a migration, and what is missing from it."""
    is_sqlite = connection.vendor == "sqlite"
    expected, found = _of_sqlite() if is_sqlite else _of_postgresql()
    for table in sorted(expected.keys() | found.keys()):
        where = f"structure de la base, {table}"
        there, wanted = found.get(table, Counter()), expected.get(table, Counter())
        for part in sorted((there - wanted).elements()):
            yield where, f"les migrations n’y ont pas mis «\u00a0{part}\u00a0»."
        for part in sorted((wanted - there).elements()):
            yield where, f"il y manque «\u00a0{part}\u00a0»."
    if is_sqlite:
        yield from _unsound()


@cache
def _statements() -> list[str]:
    """What makes an empty base. Nothing of it is done here; a process says it once."""
    editor = connection.schema_editor(collect_sql=True, atomic=False)
    editor.deferred_sql = []  # it is entered by nobody: on SQLite no transaction may be open then
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            editor.create_model(model)
    for statement in editor.deferred_sql:
        editor.execute(statement)
    for each in (of_mandates, of_the_ledger, fulltext):
        each.create(apps, editor)
    return editor.collected_sql


# --- SQLite: what it keeps is what it was told --------------------------------------------------


def _of_sqlite() -> tuple[Built, Built]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        there = [sql for (sql,) in cursor.fetchall()]
    return _parts(_statements()), _parts(there)


def _parts(statements: Iterable[str]) -> Built:
    built: Built = {}
    for statement in statements:
        words = " ".join(statement.strip().rstrip(";").split())
        made = re.match(r'CREATE TABLE [\'"]?(\w+)[\'"]? ?\((.*)\)(.*)', words)
        if made is None:
            if words.upper().startswith("CREATE"):
                on = re.search(r'\b(?:ON|VIRTUAL TABLE) "?(\w+)"?', words, re.IGNORECASE)
                built.setdefault(on[1] if on else "", Counter())[words] += 1
        elif made[1] not in _OF_DJANGO and not made[1].startswith(_SEARCH):
            columns = Counter(filter(None, [*_between_commas(made[2]), made[3].strip()]))
            built.setdefault(made[1], Counter()).update(columns)
    return built


def _between_commas(text: str) -> Iterator[str]:
    """The definitions of a table: what no bracket nor quote holds together."""
    depth, quote, start = 0, "", 0
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        else:
            depth += (sign == "(") - (sign == ")")
            if sign == "," and not depth:
                yield text[start:place].strip()
                start = place + 1
    yield text[start:].strip()


def _unsound() -> Iterator[Told]:
    """Pages, indexes and references that do not hold together: an index may lie, where the rows
    are still there for who reads them all."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        for (said,) in cursor.fetchall():
            if said != "ok":
                yield "fichier de la base", f"SQLite le dit abîmé\u00a0: {said}."
        cursor.execute("PRAGMA foreign_key_check")
        for table, row, other, _ in cursor.fetchall():
            yield f"table {table}, ligne n° {row}", f"elle tient à une ligne absente de {other}."


# --- PostgreSQL: what it keeps is what it understood --------------------------------------------

_OF_TABLES = """
    SELECT relname, part FROM (
        SELECT oid, relname, relnamespace, 'relation ' || relkind::text || ' '
            || CASE WHEN relrowsecurity THEN 'à lignes cachées' ELSE '' END AS part
        FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
        UNION ALL
        SELECT c.oid, relname, relnamespace, 'colonne ' || concat_ws(' ', attname,
            CASE WHEN attidentity = '' THEN format_type(atttypid, atttypmod) END, -- grew since
            CASE WHEN attnotnull THEN 'NOT NULL' END,
            attidentity, attgenerated, pg_get_expr(adbin, adrelid), attcollation::regcollation)
        FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT c.oid, relname, relnamespace, 'contrainte ' || pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
        WHERE contype IN ('c', 'f', 'p', 'u', 'x')
        UNION ALL
        SELECT c.oid, c.relname, c.relnamespace, 'index ' || regexp_replace(
            pg_get_indexdef(indexrelid), 'INDEX \\S+ ON \\S+', 'INDEX')
            || CASE WHEN indisvalid AND indisready THEN '' ELSE ' sans valeur' END
        FROM pg_index JOIN pg_class c ON c.oid = indrelid
        UNION ALL
        SELECT c.oid, relname, relnamespace, 'déclencheur ' || pg_get_triggerdef(t.oid) || prosrc
        FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid
        WHERE NOT tgisinternal
        UNION ALL
        SELECT c.oid, relname, relnamespace, 'déclencheur arrêté ' || tgname
        FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE tgenabled <> 'O'
        UNION ALL
        SELECT c.oid, relname, relnamespace, 'règle ' || pg_get_ruledef(r.oid)
        FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE rulename <> '_RETURN'
        UNION ALL
        SELECT c.oid, relname, relnamespace, 'politique ' || polname
        FROM pg_policy JOIN pg_class c ON c.oid = polrelid
        UNION ALL
        SELECT c.oid, c.relname, c.relnamespace, 'héritière ' || inhrelid::regclass
        FROM pg_inherits JOIN pg_class c ON c.oid = inhparent
    ) AS parts WHERE relnamespace = %s::regnamespace
"""


_as_built: list[Built] = []  # what this process found built as it is to be, the last time


def _of_postgresql() -> tuple[Built, Built]:
    """Both read with the same eyes: what makes an empty base is done beside, and taken back. What
    was found to be the same, and is word for word what it was then, is not compared again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        ((here,),) = cursor.fetchall()
        found = _described(cursor, here)
        cursor.execute("SELECT evtname FROM pg_event_trigger")
        found |= {f"base entière, déclencheur {name}": Counter([name]) for (name,) in cursor}
        if found in _as_built:
            return found, found
        read = {table: parts.copy() for table, parts in found.items()}
        cursor.execute(f'CREATE SCHEMA "{_BESIDE}"')
        cursor.execute(f'SET LOCAL search_path TO "{_BESIDE}"')
        for statement in _statements():
            cursor.execute(statement)
        expected = _described(cursor, _BESIDE)
        for table in expected.keys() & found.keys():
            _say_the_same(cursor, table, expected[table], found[table])
        transaction.set_rollback(True)
    known = expected.keys() | {name for name in found if " " in name}
    found = {table: parts for table, parts in found.items() if table in known}
    if found == expected:
        _as_built[:] = [read]
    return expected, found


_AGAIN = 3  # said again so many times, a condition says itself


def _say_the_same(cursor, table: str, *sides: Counter[str]) -> None:
    """PostgreSQL writes a condition as it read it, and reads what it wrote a little otherwise:
    `(ARRAY['a', 'b'])::text[]` comes back from a dump as `ARRAY['a'::text, 'b'::text]`. Where both
    sides differ, each is read again beside, by PostgreSQL itself, until it writes what it reads.
    """
    one, other = sides
    for side, parts in ((one, one - other), (other, other - one)):
        for part, count in parts.items():
            if (settled := _settled(cursor, table, part)) != part:
                side[part] -= count
                side[settled] += count
                if not side[part]:
                    del side[part]


def _settled(cursor, table: str, part: str) -> str:
    for _ in range(_AGAIN):
        again = _read_again(cursor, table, part)
        if again == part:
            break
        part = again
    return part


def _read_again(cursor, table: str, part: str) -> str:
    """What PostgreSQL says of this part once it has read it from its own words; the very same where
    it does not take them."""
    kind, _, words = part.partition(" ")
    on = f'"{_BESIDE}"."{table}"'
    if kind == "contrainte" and words.startswith("CHECK "):
        made = f"ALTER TABLE {on} ADD CONSTRAINT relue {words}"
        told = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'relue' "
        told += "AND conrelid = %s::regclass"
    elif kind == "index":
        made = words.replace("INDEX", f"INDEX relu ON {on}", 1)
        told = "SELECT regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+ ON \\S+', 'INDEX') "
        told += "FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relname = 'relu' "
        told += "AND indrelid = %s::regclass"
    else:
        return part
    try:
        with transaction.atomic():
            cursor.execute(made)
            cursor.execute(told, [on])
            ((said,),) = cursor.fetchall()
            transaction.set_rollback(True)
    except DatabaseError:
        return part
    return f"{kind} {_plain(said, _BESIDE)}"


def _plain(words: str, schema: str) -> str:
    return " ".join(words.replace(f"{schema}.", "").split())


def _described(cursor, schema: str) -> Built:
    cursor.execute(_OF_TABLES, [f'"{schema}"'])
    built: Built = {}
    for table, part in cursor.fetchall():
        built.setdefault(table, Counter())[_plain(part, schema)] += 1
    return built
