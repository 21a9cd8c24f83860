"""What the roles page says of cases. The room of people knows no case itself."""

from django import template

from cases.models import Case

register = template.Library()


@register.simple_tag
def cases_without_keeper() -> int:
    """How many restricted cases wait for an administrator to name who keeps them."""
    return Case.objects.waiting_for_keeper().count()
