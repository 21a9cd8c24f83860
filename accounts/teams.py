"""Teams: people who get the same restricted cases. A team gives no role and no permission.

A team is one of Django's groups. Its members open what was granted to it, as long as their own
roles open cases at all.
"""

from django.contrib.auth.models import Group
from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.refusals import NotAllowed, Refusal

MANAGE = "accounts.manage_people"


class TeamRefused(Refusal):
    """A team without a name or with one that is taken; a member twice, or with a closed account."""

    code = "team_refused"


@transaction.atomic
def create(*, actor: User, name: str) -> Group:
    """Make a team without members."""
    _may_manage(actor)
    name = " ".join(name.split())
    if not name:
        raise TeamRefused("Give the team a name.")
    if Group.objects.filter(name__iexact=name).exists():
        raise TeamRefused(f"There is a team with the name {name} already.")
    team = Group.objects.create(name=name)
    audit.record(actor=actor, verb="create_team", target=team)
    return team


@transaction.atomic
def add_member(*, actor: User, team: Group, user: User, reason: str) -> None:
    """Put a person into a team: from now they open what was granted to it."""
    locked = _locked(team)
    _may_manage(actor)
    if actor == user:
        raise NotAllowed("Nobody puts themselves into a team. Ask another administrator.")
    member = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not member.is_active:
        raise TeamRefused("This account is closed. Invite the person again first.")
    if locked.user_set.filter(pk=member.pk).exists():
        raise TeamRefused(f"{member} is in this team already.")
    locked.user_set.add(member)
    audit.record(actor=actor, verb="add_team_member", target=locked, about=[member], reason=reason)


@transaction.atomic
def remove_member(*, actor: User, team: Group, user: User, reason: str) -> None:
    """Take a person out of a team. What it opens is closed to them at their next request."""
    locked = _locked(team)
    _may_manage(actor)
    if not locked.user_set.filter(pk=user.pk).exists():
        raise TeamRefused(f"{user} is not in this team.")
    _remove(actor=actor, team=locked, user=user, reason=reason)


def leave_all(*, actor: User, user: User, reason: str) -> None:
    """Take a person who leaves out of every team, inside the transaction of the departure."""
    for team in user.groups.order_by("pk"):
        _remove(actor=actor, team=team, user=user, reason=reason)


def _remove(*, actor: User, team: Group, user: User, reason: str) -> None:
    team.user_set.remove(user)
    audit.record(actor=actor, verb="remove_team_member", target=team, about=[user], reason=reason)


def _locked(team: Group) -> Group:
    return Group.objects.select_for_update(no_key=True).get(pk=team.pk)


def _may_manage(actor: User) -> None:
    if not actor.has_perm(MANAGE):
        raise NotAllowed("Administrators look after teams. Ask one of them.")
