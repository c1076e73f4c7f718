"""What a page offers to whoever may follow it."""

from django import template
from django.template import Context

from members import access
from members.models import Body

register = template.Library()


@register.simple_tag(takes_context=True)
def reads_sittings(context: Context, body: Body) -> bool:
    """Whether whoever looks at the page may read the sittings of this body."""
    return access.reads_sittings_of(context["request"].user, body)
