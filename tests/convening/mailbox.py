"""A mailbox behind IMAP on a socket, as small as what `convening.bounces` asks of one."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Box:
    """The messages, which were read, and how many were fetched."""

    port: int = 0
    messages: list[bytes] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    fetched: int = 0
    password: str = "secret@/"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say(b"* OK IMAP4rev1")
        for line in self.rfile:
            tag, verb, rest = [*line.decode().strip().split(" ", 2), ""][:3]
            done = self._answers(verb.upper(), rest)
            self._say(f"{tag} {'OK' if done else 'NO'} {verb}".encode())
            if verb.upper() == "LOGOUT":
                return

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def _answers(self, verb: str, rest: str) -> bool:
        box = self.server.box
        if verb == "CAPABILITY":
            self._say(b"* CAPABILITY IMAP4rev1")
        elif verb == "LOGIN":
            return rest == f'"retours" "{box.password}"'
        elif verb == "SELECT":
            self._say(b"* %d EXISTS" % len(box.messages))
            return rest == '"INBOX"'
        elif verb == "UID":
            return self._of(box, *rest.split(" ", 2))
        return True

    def _of(self, box: Box, verb: str, first: str, rest: str = "") -> bool:
        if verb == "SEARCH":
            unread = [n for n in range(1, len(box.messages) + 1) if n not in box.seen]
            self._say(f"* SEARCH {' '.join(map(str, unread))}".encode())
        elif verb == "FETCH":
            most = int(re.fullmatch(r"\(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)[1])
            part = box.messages[int(first) - 1][:most]
            box.fetched += 1
            head = b"* %s FETCH (UID %s BODY[]<0> {%d}\r\n"
            self._say(head % (first.encode(), first.encode(), len(part)) + part + b")")
        elif verb == "STORE":
            assert rest == r"+FLAGS.SILENT (\Seen)"
            box.seen.append(int(first))
        return True


@contextmanager
def served() -> Iterator[Box]:
    """A mailbox for as long as a test wants one."""
    box = Box()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Conversation) as server:
        server.daemon_threads, server.box, box.port = True, box, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
