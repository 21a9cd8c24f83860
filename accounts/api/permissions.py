"""The table of roles, asked by the API."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.refusals import NotAllowed


def caller(request: Request) -> User:
    """Return who is asking. `RolePermission` lets nobody else get as far as a view."""
    assert isinstance(request.user, User)  # noqa: S101  see above
    return request.user


class RolePermission(BasePermission):
    """Ask the roles of the person, and the scopes of the token, for what the view names.

    A view names one permission for each of its actions in `permissions`. A refusal is typed,
    so that it stands in the record.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, User):
            return False
        if view.action in (None, "metadata"):
            return True  # a method, or OPTIONS, that this address does not have: 405 follows
        if not request.user.has_perm(view.permissions[view.action]):
            raise NotAllowed("Your role, or the scopes of your token, do not include this.")
        return True
