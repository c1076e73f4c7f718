"""A PDF of somebody else, opened whole in a process of its own (`members.cells`).

Every object is read there, the content of pages left packed: what is bound into a dossier later
unpacks no more than what was counted here.
"""

from pathlib import Path

from members import cells

LOCKED, DAMAGED = -1, -2


def pages(path: Path) -> int:
    """How many pages it has; `LOCKED` under a password, `DAMAGED` when it does not read. Raises
    `cells.Excessive` for what unpacks to more than a document does."""
    found: int = cells.ask(__name__, str(path))
    return found


def _pages(path: str) -> int:
    import pikepdf

    try:
        with pikepdf.open(path) as opened:
            for _ in opened.objects:  # reads it
                pass
            count = len(opened.pages)
            # What finds no memory is passed over as if it were damaged.
            if any("bad_alloc" in str(warning) for warning in opened.get_warnings()):
                raise MemoryError
    except pikepdf.PasswordError:
        return LOCKED
    except MemoryError:
        raise
    except Exception:  # whatever a broken or hostile file makes the reader raise
        return DAMAGED
    return count


if __name__ == "__main__":
    cells.answer(_pages)
