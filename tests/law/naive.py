"""The law counted a second time, naively, over plain lists: only to be compared with `law`.

Written from the text of the rules (LAW.md, whose numbers are quoted), with
neither the words nor the shapes of `law`. A member is a dict, a sitting is a list of lines, each
a tuple that begins with a verb; `follow` tells what is true each time an item is put to
discussion and each time it is voted.
"""

from fractions import Fraction
from math import ceil

TITULAR, SUBSTITUTE, ADVISER = "titular", "substitute", "adviser"


def follow(members, lines, rules):
    """What is true at each item and each vote of this sitting: a list of dicts."""
    people = {person["name"]: person for person in members}
    room, far, seats, proxies = [], [], [], []
    aside, only, asked, item_chair = {}, None, {}, ""
    chair, found = "", []
    for verb, *rest in lines:
        if verb == "in":
            name, is_far = rest
            room.append(name)
            if is_far:
                far.append(name)
        elif verb == "out":
            room.remove(rest[0])
            far = [name for name in far if name != rest[0]]
        elif verb == "sit":
            seats.append(tuple(rest))
        elif verb == "rise":
            seats = [(sub, seat) for sub, seat in seats if sub != rest[0]]
        elif verb == "proxy":
            proxies.append(tuple(rest))
        elif verb == "revoke":
            proxies = [(giver, holder) for giver, holder in proxies if giver != rest[0]]
        elif verb == "chair":
            chair = rest[0]
        elif verb == "item":
            aside, only, asked, item_chair = {}, None, {}, ""
        elif verb == "aside":
            aside[rest[0]] = rest[1]
        elif verb == "only":
            only = rest[0]
        elif verb == "ask":
            asked[rest[0]] = rest[1]
        elif verb == "chair of the item":
            item_chair = rest[0]
        here = {
            "people": people,
            "room": room,
            "far": far,
            "seats": seats,
            "proxies": proxies,
            "aside": aside,
            "only": only,
            "asked": asked,
            "chair": item_chair or chair,
            "rules": rules,
        }
        if verb == "discuss":
            found.append({"quorum": quorum(here), "mode": wanted_mode(here)})
        elif verb == "vote":
            votes = ballots_of(here)
            found.append(
                {"votes": votes, "doors": doors(here), "adopted": adopted(rest[0], votes, here)}
            )
    return found


def sits_in(here):
    """Who sits in each seat that somebody occupies: {titular: person} (R3.3, §5)."""
    occupied = {}
    for name, person in here["people"].items():
        if person["kind"] == TITULAR and name in here["room"]:
            occupied[name] = name
    for substitute, seat in here["seats"]:
        if substitute in here["room"] and seat not in here["room"]:
            occupied[seat] = substitute
    return occupied


def present(here):
    """The seats of those who are present for this item: whoever withdrew is not (R3.9), nor, the
    texts being silent, a substitute in the seat of whoever withdrew."""
    aside = here["aside"]
    return {
        seat: who for seat, who in sits_in(here).items() if who not in aside and seat not in aside
    }


def quorum(here):
    """(in office, present, required) (R3.1 to R3.11)."""
    out_of_office = [name for name, why in here["aside"].items() if why == "outside"]
    occupied = sits_in(here)
    in_office = 0
    for name, person in here["people"].items():
        if person["kind"] == TITULAR:
            if name not in out_of_office and occupied.get(name) not in out_of_office:
                in_office += 1
    heads = 0
    for who in present(here).values():
        if who not in here["far"] or here["rules"]["far counts"]:
            heads += 1
    return in_office, heads, in_office // 2 + 1


def usable_proxies(here):
    """(giver, holder) that can be used now, the first received first (R4.8, R4.10)."""
    occupied, there = sits_in(here), present(here)
    return [
        (giver, holder)
        for giver, holder in here["proxies"]
        if giver not in occupied and giver not in here["aside"] and holder in there.values()
    ]


def overloaded(here):
    """Who would carry more proxies than the law allows (R4.1)."""
    holders = [holder for _, holder in usable_proxies(here)]
    most = here["rules"]["proxies each"]
    return sorted({holder for holder in holders if holders.count(holder) > most})


def ballots_of(here):
    """[(seat, who casts, weight, by proxy)] (R1.7, R4, R6.13); `None` when somebody carries more
    proxies than he may: nothing can be voted then."""
    if overloaded(here):
        return None
    votes = []
    for seat, who in present(here).items():
        if here["only"] is None or seat in here["only"] or who == seat == presiding(here):
            votes.append((seat, who, here["people"][seat]["weight"], False))
    for giver, holder in usable_proxies(here):
        if here["only"] is None or giver in here["only"]:
            votes.append((giver, holder, here["people"][giver]["weight"], True))
    return sorted(votes)


def presiding(here):
    """Who takes part in every vote (art. L5212-16): the president of the body; whoever chairs in
    his stead only when he is out or withdrew (art. L2122-17)."""
    for name in present(here):
        if here["people"][name]["president"] and name in here["room"]:
            return name
    return here["chair"]


def wanted_mode(here):
    """The ballot that enough of those present asked for; secret wins (R6.3, R6.4)."""
    there = set(present(here).values())
    for mode, share in (("secret", 3), ("public", 4)):
        asking = there & set(here["asked"].get(mode, ()))
        if asking and len(asking) >= ceil(len(there) / share):
            return mode
    return ""


def doors(here):
    """The votes that close the doors: of those present or represented (R7.2)."""
    votes = ballots_of({**here, "only": None})
    return None if votes is None else sum(weight for _, _, weight, _ in votes) // 2 + 1


def adopted(ballot, votes, here):
    """Whether this ballot adopts (R6.1, R6.2, R6.9, R6.10); `None` when nobody may tell."""
    if votes is None:
        return None
    total = {"for": 0, "against": 0}
    if ballot["mode"] == "secret":
        total.update(ballot["counts"])
    else:
        for seat, _, weight, _ in votes:
            said = ballot["named"].get(seat, ballot["others"])
            total[said] = total.get(said, 0) + weight
    for_, against = total["for"], total["against"]
    if ballot["majority"] == "accounts":
        return against <= for_
    if ballot["majority"] == "two thirds of the members":
        everybody = [p["weight"] for p in here["people"].values() if p["kind"] == TITULAR]
        return for_ >= Fraction(2, 3) * sum(everybody)
    if for_ != against or for_ == 0 or ballot["mode"] == "secret":
        return for_ > against
    for seat, who, _, by_proxy in votes:
        if who == here["chair"] and not by_proxy:
            return ballot["named"].get(seat, ballot["others"]) == "for"
    return False


# --- Elections --------------------------------------------------------------------------------


def share_out(votes, seats, method, born):
    """Seats of each list, and whether an age that nobody knows is needed (art. L2121-22, D1411-3,
    D1411-4 of the CGCT, L338 of the electoral code).

    `born[list]` are the birthdays of its candidates, in order, `None` when unknown. Each list has
    the seats of its whole quotients. Those left go to the largest remainders, once each, or one by
    one to the highest averages. Lists that are level all have one while there are enough;
    otherwise the one with most votes, then that whose next candidate is the eldest.
    """
    total = sum(votes.values())
    if not total or not seats:
        return {}, False
    won = {name: votes[name] * seats // total for name in votes}
    served = []
    while sum(won.values()) < seats:
        left = seats - sum(won.values())
        if method == "remainder":
            score = {name: votes[name] * seats % total for name in votes if name not in served}
        else:
            score = {name: Fraction(votes[name], won[name] + 1) for name in votes}
        level = [name for name in score if score[name] == max(score.values())]
        if len(level) > left:
            most = max(votes[name] for name in level)
            level = [name for name in level if votes[name] == most]
        if len(level) > left:
            ages = {name: born[name][won[name]] for name in level}
            if None in ages.values():
                return won, True
            eldest = min(ages.values())
            level = [name for name in level if ages[name] == eldest]
            if len(level) > left:
                return won, True
        for name in level:
            won[name] += 1
            served.append(name)
    return won, False


def elected(rounds, born):
    """Who wins one seat, and at which round (R6.6, R6.7): ("", 0) when nobody does, (`None`, n)
    when an age is missing."""
    for number, votes in enumerate(rounds, start=1):
        cast = sum(votes.values())
        if not cast:
            continue
        best = max(votes.values())
        if number <= 2:
            if best > cast / 2:
                return next(name for name in votes if votes[name] == best), number
            continue
        level = [name for name in votes if votes[name] == best]
        ages = [born[name] for name in level]
        if len(level) == 1:
            return level[0], number
        if None in ages or ages.count(min(ages)) > 1:
            return None, number
        return min(level, key=lambda name: born[name]), number
    return "", 0
