"""What gives a voice is written behind a second proof: every test that sends a page is a test of
this. A page that writes who sits, who is a member, by which rules, or who has a right, and does not
ask for the proof, fails as it writes.

A plugin, and a middleware of `tests.settings`, which knows which page is asked for.
"""

import threading
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from django.apps import apps
from django.db.models.signals import pre_delete, pre_save
from django.http import HttpRequest, HttpResponse

# What of `members` gives a voice or a right; an account alone gives none.
GIVING = {
    *("organisation", "community", "body", "constituency", "rulebook"),
    *("person", "mandate", "role"),
}
# Pages that write some of it without asking each time, and why.
FREE = {
    "demo:start": "played, to learn: nothing of it is a voice elsewhere",
    "demo:day": "the same",
    "demo:leave": "the same",
    "convening:profile": "asked where the address changes: tests/convening/test_doubts.py",
    "convening:resend": "asked where the address is not that of the file: the same",
}
_page = threading.local()


def watch(answer: Callable[[HttpRequest], HttpResponse]) -> "_Watch":
    """The middleware: remembers the page while its view runs."""
    return _Watch(answer)


class _Watch:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.answer(request)
        finally:
            _page.view = None

    def process_view(self, request: HttpRequest, view: Callable, args, kwargs) -> None:
        _page.view, _page.name = view, request.resolver_match.view_name


def _writing(sender: type, **kwargs: object) -> None:
    view = getattr(_page, "view", None)
    if view is None:
        return
    # All of the administration asks: `accounts.sites`.
    is_asked = getattr(view, "needs_proof", False) or _page.name.startswith("admin:")
    is_asked = is_asked or _page.name in FREE
    assert is_asked, f"{_page.name} writes {sender.__name__} without a second proof"


@pytest.fixture(scope="session", autouse=True)
def _watching() -> Iterator[None]:
    # Of these models alone: who hears of every row that goes has each read before it does.
    heard = [apps.get_model("members", name) for name in GIVING]
    for signal, model in product((pre_save, pre_delete), heard):
        signal.connect(_writing, sender=model, dispatch_uid="tests.proved")
    yield
    for signal, model in product((pre_save, pre_delete), heard):
        signal.disconnect(sender=model, dispatch_uid="tests.proved")
