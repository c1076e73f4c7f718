"""From where somebody asks, when proxies stand between."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address of the visitor, in canonical form; "" when none is known.

    TRUSTED_PROXIES is the number of our own proxies: each adds at the end of X-Forwarded-For the
    address it was asked from, so that the visitor's is that many from the end. What lies further
    left was written by the visitor, and is not believed. A shorter list did not pass by all of
    them: the address of the connection is then the only true one.
    """
    told = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXIES
    if hops:
        told_by_proxies = request.headers.get("x-forwarded-for", "").split(",")
        passed = [each.strip() for each in told_by_proxies if each.strip()]
        if len(passed) >= hops:
            told = passed[-hops]
    return _canonical(told)


def _canonical(told: str) -> str:
    try:
        found = ipaddress.ip_address(told.strip("[]"))
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def neighbourhood(address: str, *, bits: int = 64) -> str:
    """What tries are counted by: an IPv4 address, the /64 of an IPv6 one, which is one network; a
    customer may have as many as a /48 holds."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
