"""The journal of the server: one line for one fault, and nothing it should not hold."""

import json
import logging
import sys

from django.core import mail

from somme_gov import logs


def record(message="panne", *args, error=None, level=logging.ERROR):
    return logging.LogRecord("django.request", level, __file__, 1, message, args, error)


def raised():
    try:
        raise OSError("le disque")
    except OSError:
        return sys.exc_info()


def test_a_thousand_times_the_same_fault_is_one_line_and_its_number():
    now = [0.0]
    once = logs.Once(seconds=60, clock=lambda: now[0])
    faults = [record(f"/page/{n}", error=raised()) for n in range(938)]
    assert [once.filter(each) for each in faults].count(True) == 1
    assert once.filter(record("autre chose"))
    now[0] = 61
    again = record("/page/", error=raised())
    assert once.filter(again) and again.held_back == 937
    assert "(et 937 fois depuis la dernière ligne)" in logs.Line().format(again)
    assert all(once.filter(record("lu", level=logging.INFO)) for _ in range(3))


def test_neither_a_link_nor_an_address_is_written():
    token = "a" * 43
    told = record("de %s à /invitation/%s/", "claire.petit@vallee.example", token)
    assert logs.Masked().filter(told)
    line = logs.Json().format(told)
    assert token not in line and "claire" not in line and "…@vallee.example" in line


def test_a_fault_is_one_object_with_its_hour_its_level_and_its_request(client):
    answer = client.get("/sante/vie")
    assert len(answer["X-Request-ID"]) == 16
    assert (
        client.get("/sante/vie", headers={"X-Request-ID": "du-dehors"})["X-Request-ID"]
        != "du-dehors"
    )
    told = record("panne", error=raised())
    logs.Masked().filter(told)
    token = logs._request.set("abcdef0123456789")
    try:
        read = json.loads(logs.Json().format(told))
    finally:
        logs._request.reset(token)
    assert read["level"] == "ERROR" and read["request"] == "abcdef0123456789"
    assert "OSError: le disque" in read["trace"] and read["at"].endswith("+00:00")


def test_the_number_of_our_own_proxy_is_kept(client, settings):
    settings.TRUSTED_PROXIES = 1
    given = "0123456789abcdef0123"
    assert client.get("/sante/vie", headers={"X-Request-ID": given})["X-Request-ID"] == given
    forged = client.get("/sante/vie", headers={"X-Request-ID": "a b\t<script>"})
    assert forged["X-Request-ID"] != "a b\t<script>"


def test_whoever_runs_the_server_is_written_to_once_for_each_cause(settings, monkeypatch):
    settings.ERROR_MAILS = ["exploitation@example.org"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(logs.threading.Thread, "start", lambda thread: thread.run())
    hand = logs.Mailed()
    hand.setFormatter(logs.Line())
    for n in range(3):
        hand.emit(record(f"une panne jamais vue {n % 2}"))
    assert len(mail.outbox) == 2
    assert mail.outbox[0].to == ["exploitation@example.org"]
    assert "une panne jamais vue 0" in mail.outbox[0].body
