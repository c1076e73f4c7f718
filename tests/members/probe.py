"""What `test_cells` has run in a process of its own."""

import os
from pathlib import Path

from members import cells


def reply(wish: str) -> object:
    if wish == "memory":
        return len(bytearray(400 * 1024 * 1024))
    if wish == "time":
        while True:
            pass
    if wish == "file":
        return Path(os.devnull).with_name("shm").joinpath("somme-gov-probe").write_text("x")
    if wish == "long":
        return "x" * (cells.LONGEST_ANSWER + 1)
    if wish == "death":
        os.kill(os.getpid(), 9)
    return sorted(os.environ)


if __name__ == "__main__":
    cells.answer(reply)
