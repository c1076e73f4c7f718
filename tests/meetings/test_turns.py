"""Where a base has one writer, those who write wait in a line, the secretary first."""

from threading import Event, Thread

from meetings.actions import turns


def test_one_at_a_time_in_the_order_of_coming_and_who_keeps_the_sitting_before():
    line, written, door = turns.Line(), [], Event()

    def write(name: str, *, first: bool = False, waits: bool = False) -> None:
        with line.turn(first=first):
            written.append(f"{name} begins")
            if waits:
                door.wait(10)
            written.append(f"{name} ends")

    def come(name: str, **how: bool) -> Thread:
        before = len(line._first) + len(line._others)
        thread = Thread(target=write, args=[name], kwargs=how)
        thread.start()
        if not how.get("waits"):
            while len(line._first) + len(line._others) == before:
                pass
        return thread

    writing = come("one", waits=True)
    while not written:
        pass
    others = [come("a vote"), come("another"), come("the secretary", first=True)]
    door.set()
    for thread in (writing, *others):
        thread.join(10)
    order = ("one", "the secretary", "a vote", "another")
    assert written == [f"{name} {what}" for name in order for what in ("begins", "ends")]
    with line.turn():
        pass  # free again


def test_a_line_that_does_not_move_is_left_and_does_not_stop_for_it(monkeypatch):
    """The lock of the database is the one that counts: it says what it has to say."""
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    line = turns.Line()
    with line.turn(), line.turn():
        assert not line._others
    with line.turn():
        assert not line._is_free
    assert line._is_free
