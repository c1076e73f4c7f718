"""Where the acts of a sitting are before the prefecture, for the pages of the rooms below."""

from collections.abc import Mapping

from django import template

from meetings.models import Meeting
from registry.models import Deliberation
from transmission import reading
from transmission.models import Transmission

register = template.Library()


@register.simple_tag
def sendings(meeting: Meeting) -> Mapping[int, Transmission]:
    """The last sending of each act of this sitting, by the number of the act: one query."""
    return reading.last_sendings(meeting)


@register.filter
def of_act(found: Mapping[int, Transmission], deliberation: Deliberation) -> Transmission | None:
    """That of this act."""
    return found.get(deliberation.pk)
