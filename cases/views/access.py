"""Who gets to a case: only whoever may know of it."""

from django.http import Http404

from accounts.models import User
from cases.models import Case


def get_case_or_404(user: User, number: int) -> Case:
    """Return the case if this person may know of it. A hidden one is not there."""
    case = (
        Case.objects.visible_to(user)
        .select_related("lease_holder", "assignee")
        .filter(pk=number)
        .first()
    )
    if case is None:
        raise Http404("There is no such case, or it is not open to you.")
    return case
