"""The doors in tests: who is signed in as if she had just typed her password."""

from time import time

from django.test import Client

from accounts import factors, proof


def enter(client: Client, user) -> Client:
    """`client`, in which `user` has signed in a moment ago, by all that she has: she may sign and
    publish."""
    client.force_login(user)
    session = client.session
    proof.give(session)
    if factors.has_any(user):
        session[factors.BY_TWO] = True
    session["seen_at"] = time() + 86_400  # noted: no request has to write it
    session.save()
    return client


def by_two_proofs(client: Client) -> Client:
    """`client`, who came in by a second factor, even one that she is given only later."""
    session = client.session
    session[factors.BY_TWO] = True
    session.save()
    return client


def grow_old(client: Client) -> Client:
    """`client`, long after the proof was given."""
    session = client.session
    proof.forget(session)
    session.save()
    return client


def by_one_proof(client: Client) -> Client:
    """`client`, who came in by her password alone."""
    session = client.session
    session.pop(factors.BY_TWO, None)
    session.save()
    return client
