"""After a test that commits, the tables are as they were before the first.

Django empties a hundred of them for the twenty in which the test wrote, then makes its content
types and its permissions anew, under other numbers.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

from tests import again

_stood: dict[str, again.Rows] = {}


def begin() -> None:
    """Know what stands in the tables now: each test that commits will leave that and no more."""
    if again.may_put_back():
        _stood.update({table: again.rows_of(table) for table in _filled()})
        TransactionTestCase._fixture_teardown = lambda case: empty()


def changed() -> dict[str, again.Rows]:
    """The tables that hold something else than what stood in them, and all that they hold."""
    found = {table: again.rows_of(table) for table in sorted(_filled())}
    return {table: rows for table, rows in found.items() if _stood.get(table) != rows}


def empty() -> None:
    with transaction.atomic():
        changed = {each: rows for each, rows in _stood.items() if again.rows_of(each) != rows}
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # no trigger holds whoever cleans
                cursor.execute("SET LOCAL session_replication_role = replica")
            for table in _filled() - _stood.keys():
                cursor.execute(f'DELETE FROM "{table}"')
        again.put_back(changed, touched={*changed})


def _filled() -> set[str]:
    """The tables that hold something."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    asked = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return {name for (name,) in cursor.fetchall()}
