"""The desk that these tests walk through: everybody who may knock, and one of each thing.

It is built once for each file, inside a transaction that is never committed. Each request is
undone again, so that the next one meets the same desk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import grants, people, resets
from accounts.models import ApiToken, GrantProposal, Invitation, RoleGrant, SecondFactorReset, User
from accounts.roles import Role
from accounts.tokens import digest_of
from cases.models import (
    Case,
    CaseGroupAccess,
    CaseIncident,
    CaseUserAccess,
    Decision,
    Recusal,
)
from intake import access, reading
from intake.models import Report
from platforms import outbound
from platforms.models import Incident, OutboundPause, Profile
from tests.cases.builders import (
    held_profile,
    make_platform,
    make_profile,
    make_source,
    open_match_case,
    suspend,
)
from tests.conftest import person, sign_in
from tests.security import vault

STRANGER, SUPERUSER, ENDED = "stranger", "superuser", "ended"
# Everybody who can sign in. Whoever holds no role in force may do nothing but leave.
CAST = (STRANGER, SUPERUSER, ENDED, *(role.value for role in Role))
HIGH_REACH = 3_200_000
REPORTS = ("waiting", "held", "closed", "held by another")


class Kind(StrEnum):
    """How an object stands to the person who asks for it."""

    OPEN = "open"
    GRANTED = "restricted, with a grant"
    RESTRICTED = "restricted"
    GRANT_ENDED = "restricted, with a grant that ended"
    RECUSED = "recused"
    WRONG = "not there, or of something else"


HIDDEN = frozenset({Kind.RESTRICTED, Kind.GRANT_ENDED, Kind.RECUSED})
CASE_KINDS = tuple(kind for kind in Kind if kind is not Kind.WRONG)


@dataclass
class World:
    """Who is there and what is there. Objects that somebody owns are kept by their owner."""

    cast: dict[str, User]
    sessions: dict[str, str]
    permissions: dict[str, frozenset[str]]
    reviewer: User
    administrator: User
    cases: dict[Kind, Case] = field(default_factory=dict)
    proposals: dict[Kind, Decision] = field(default_factory=dict)
    own_proposals: dict[str, Decision] = field(default_factory=dict)
    incidents: dict[Kind, Incident] = field(default_factory=dict)
    held_cases: dict[Kind, Case] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    tokens: dict[str, ApiToken] = field(default_factory=dict)
    custodians: list[User] = field(default_factory=list)
    words: dict[Any, str] = field(default_factory=dict)
    """What opens the release of a request, by its id."""

    def browser(self, who: str | None, **options: Any) -> Client:
        """A browser in which this person signed in a moment ago. None is a visitor."""
        client = Client(**options)
        if who is not None:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside."""
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.set_rollback(False)  # a failed statement must not spoil the next test
        transaction.savepoint_rollback(savepoint)


def build(reports: list[Report]) -> World:
    """Build the desk. `reports` were sent and nobody has claimed them."""
    cast = _cast()
    world = World(
        cast=cast,
        sessions={who: _session_of(user) for who, user in cast.items()},
        permissions={
            who: User.objects.get(pk=user.pk).desk_permissions for who, user in cast.items()
        },
        reviewer=person("Rosa Lind", Role.SENIOR_REVIEWER),
        administrator=person("Sanna Ahlgren", Role.ADMINISTRATOR),
    )
    _fill_the_desk(world)
    _fill_the_accounts(world)
    _fill_the_reports(world, reports)
    return world


def _cast() -> dict[str, User]:
    cast = {role.value: person(f"One {role.value}", role) for role in Role}
    cast[STRANGER] = person("A stranger")
    cast[SUPERUSER] = person("A superuser")
    User.objects.filter(pk=cast[SUPERUSER].pk).update(is_superuser=True)
    cast[ENDED] = person("Somebody whose roles ended")
    now = timezone.now()
    RoleGrant.objects.bulk_create(
        RoleGrant(
            user=cast[ENDED],
            role=role,
            reason="Part of the cast",
            starts_at=now - timedelta(days=2),
            ends_at=now - timedelta(seconds=1),
        )
        for role in (Role.SENIOR_REVIEWER, Role.SANCTIONS_ANALYST, Role.INTAKE_COORDINATOR)
    )
    return cast


def _session_of(user: User) -> str:
    client = Client()
    sign_in(client, user)
    return client.session.session_key or ""


def _fill_the_desk(world: World) -> None:
    for kind in CASE_KINDS:
        world.cases[kind] = case = open_match_case()
        world.proposals[kind] = proposal = _proposal_by(world.reviewer)
        profile = held_profile(world.reviewer)
        world.held_cases[kind] = held = profile.cases.get()
        world.incidents[kind] = incident = _incident(profile)
        CaseIncident.objects.create(case=case, incident=incident)
        for each in (case, proposal.case, held):
            _hide(each, kind, world)
    for role in (Role.MODERATOR, Role.SENIOR_REVIEWER, Role.LEGAL_COUNSEL):
        world.own_proposals[role] = _proposal_by(world.cast[role])


def _proposal_by(reviewer: User) -> Decision:
    """A suspension that waits for the second person."""
    return suspend(reviewer, open_match_case(make_profile(reach=HIGH_REACH)))


def _incident(profile: Profile) -> Incident:
    now = timezone.now()
    return Incident.objects.create(
        profile=profile,
        kind=Incident.Kind.DRIFT,
        state=Incident.State.CONTAINED,
        began_at=now - timedelta(hours=2),
        contained_at=now,
    )


def _hide(case: Case, kind: Kind, world: World) -> None:
    if kind == Kind.RECUSED:
        Recusal.objects.bulk_create(
            Recusal(case=case, user=user, reason="A relative") for user in world.cast.values()
        )
        return
    Case.objects.filter(pk=case.pk).update(is_restricted=kind != Kind.OPEN)
    case.refresh_from_db()
    if kind in (Kind.GRANTED, Kind.GRANT_ENDED):
        for user in world.cast.values():
            let_in(user, case, has_ended=kind == Kind.GRANT_ENDED)


def let_in(user: User, case: Case, *, has_ended: bool) -> None:
    """A grant to a case, in force or ended an hour ago."""
    ends_at = timezone.now() + timedelta(hours=-1 if has_ended else 1)
    CaseUserAccess.objects.create(
        content_object=case,
        user=user,
        permission=_view_permission(),
        reason="Team",
        ends_at=ends_at,
    )


def _view_permission() -> Permission:
    permission, _ = Permission.objects.get_or_create(
        codename="view_case",
        content_type=ContentType.objects.get_for_model(Case),
        defaults={"name": "Can view case"},
    )
    return permission


def grant_to_the_reviewer(world: World, case: Case) -> CaseUserAccess:
    return CaseUserAccess.objects.create(
        content_object=case, user=world.reviewer, permission=_view_permission(), reason="Knows it"
    )


def grant_to_a_team(case: Case) -> CaseGroupAccess:
    return CaseGroupAccess.objects.create(
        content_object=case,
        group=Group.objects.create(name="Elections"),
        permission=_view_permission(),
        reason="Know it",
    )


def team_with_a_member() -> Group:
    team = Group.objects.create(name="Night shift")
    team.user_set.add(person("A member", Role.MODERATOR))
    return team


def _fill_the_accounts(world: World) -> None:
    now = timezone.now()
    for who, user in {**world.cast, "somebody else": world.reviewer}.items():
        world.tokens[who] = ApiToken.objects.create(
            user=user,
            name="A program",
            prefix="hf_",
            digest=digest_of(who),
            scopes=["cases.view_case"],
            expires_at=now + timedelta(days=1),
        )


def _fill_the_reports(world: World, reports: list[Report]) -> None:
    coordinator = world.cast[Role.INTAKE_COORDINATOR]
    other = person("Lev Baran", Role.INTAKE_COORDINATOR)
    world.reports = dict(zip(REPORTS, reports, strict=True))
    for name in ("held", "closed"):
        access.claim(actor=coordinator, report=world.reports[name])
    access.claim(actor=other, report=world.reports["held by another"])
    reading.close(actor=coordinator, report=world.reports["closed"], outcome=Report.Outcome.ACTED)
    others = [person(name, Role.CUSTODIAN) for name in ("Bo Lind", "Cem Aydin")]
    world.custodians = [world.cast[Role.CUSTODIAN], *others]
    vault.enrol(world.custodians)
    vault.make_hold_epoch()


def waiting_grant(world: World, *, asked_by: User) -> GrantProposal:
    """A sensitive role that one administrator asked for, and a second has to agree to."""
    return grants.propose(
        actor=asked_by, user=world.cast[STRANGER], role=Role.CUSTODIAN, reason="Late shift"
    )


def open_invitation(world: World) -> tuple[Invitation, str]:
    return people.invite(actor=world.administrator, email="new@desk.example", name="New")


def pause_of_a_platform(world: World, *, is_asked: bool) -> OutboundPause:
    """A pause in force. To resume it, somebody has to have asked."""
    pause = outbound.pause_outbound(
        actor=world.administrator, platform=make_platform(), reason="A test of the pause"
    )
    return outbound.ask_to_resume(actor=world.administrator, pause=pause) if is_asked else pause


def colleague_with_a_role() -> User:
    """Somebody whose account can be closed, and whose role and sessions can be ended."""
    colleague = person("A colleague", Role.MODERATOR)
    Client().force_login(colleague)
    return colleague


def colleague_with_a_second_factor(name: str = "A colleague with an app") -> User:
    colleague = person(name)
    Authenticator.objects.create(user=colleague, type=Authenticator.Type.TOTP, data={})
    return colleague


def waiting_reset(*, asked_by: User, name: str = "Somebody forgetful") -> SecondFactorReset:
    """A reset that one administrator asked for, and a second has to agree to."""
    user = colleague_with_a_second_factor(name)
    return resets.ask(actor=asked_by, user=user, reason="Lost the key")


def list_version_kwargs() -> dict[str, Any]:
    version = make_source().versions.order_by("pk").first()
    assert version is not None
    return {"slug": version.source.slug, "number": version.number}
