"""Following every link of the application as somebody who may be anybody."""

import html
import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

# Other hosts, files, and the administration of Django, whose every column sorts every other way.
_ELSEWHERE = ("//", "/static/", "/administration/")
_LINK = re.compile(r'(?:href|src)="([^"]+)"')


def walk(client: Client, *starts: str) -> tuple[Counter, list[str]]:
    """How many pages of each kind were opened, one of each, and the links that led nowhere."""
    seen, waiting = set(starts), deque(starts)
    opened, dead = Counter(map(_kind, starts)), []
    while waiting:
        url = waiting.popleft()
        answer = client.get(url)
        if answer.status_code not in (200, 301, 302):
            dead.append(f"{url} : {answer.status_code}")
        for each in _links(answer, url):
            if each not in seen and not opened[_kind(each)]:
                seen.add(each)
                opened[_kind(each)] += 1
                waiting.append(each)
        if answer.streaming:
            deque(answer, maxlen=0)  # read to its end, its file is closed
    return opened, dead


def _links(answer, url: str) -> Iterator[str]:
    """The paths of ours that this page leads to."""
    if answer.status_code in (301, 302):
        found = [answer["Location"]]
    elif answer["Content-Type"].startswith("text/html"):
        found = [html.unescape(each) for each in _LINK.findall(answer.text)]
    else:
        found = []
    for each in found:
        path = urljoin(url, each).partition("#")[0]
        if path.startswith("/") and not path.startswith(_ELSEWHERE):
            yield path


def _kind(url: str) -> tuple[str, ...]:
    """The view that answers and the names of what it is asked; a dead link is its own kind."""
    parts = urlsplit(url)
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        name = parts.path
    return (name, *sorted(parse_qs(parts.query, keep_blank_values=True)))
