"""Let a desk hold more of everything that a page or a list shows."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts import grants, people
from accounts.actors import PIPELINE
from accounts.models import AccessReview, ApiToken, RoleGrant, User
from accounts.roles import Role
from accounts.tokens import digest_of
from cases import evidence, notes, opening
from cases.models import Case, CaseIncident
from intake import access
from intake.models import Report
from intake.vault import custodians
from platforms import outbound
from platforms.models import Incident
from sanctions.models import Designation, DesignationVersion, ListVersion
from tests.cases.builders import (
    held_profile,
    make_designation,
    make_match,
    make_platform,
    make_profile,
    make_source,
    open_match_case,
    suspend,
)
from tests.conftest import person
from tests.security import vault
from tests.security.world import HIGH_REACH, Kind, World, waiting_reset


def grow(world: World, number: int, report: Report) -> None:
    """Add one more of each thing. `number` tells this one from the others."""
    _grow_the_desk(world)
    _grow_a_case(world.cases[Kind.OPEN], world.reviewer, number)
    _grow_the_lists(number)
    _grow_the_accounts(world, number)
    access.claim(actor=world.cast[Role.INTAKE_COORDINATOR], report=report)
    access.share(
        actor=world.cast[Role.INTAKE_COORDINATOR],
        report=world.reports["held"],
        user=person(f"Reader {number}", Role.MODERATOR),
        reason="Reads it too",
    )
    vault.request_of(world.cast[Role.INTAKE_COORDINATOR], report)
    vault.proposed_hold(world.cast[Role.INTAKE_COORDINATOR], report)
    custodians.enrol(
        actor=person(f"Newcomer {number}", Role.CUSTODIAN), passphrase=vault.PASSPHRASE
    )


def _grow_the_desk(world: World) -> None:
    suspend(world.reviewer, open_match_case(make_profile(reach=HIGH_REACH)))
    case = open_match_case()
    profile = held_profile(world.reviewer)
    now = timezone.now()
    for kind in (Incident.Kind.DRIFT, Incident.Kind.SILENCE):
        incident = Incident.objects.create(profile=profile, kind=kind, began_at=now)
    CaseIncident.objects.create(case=case, incident=incident)
    outbound.pause_outbound(
        actor=world.reviewer, platform=profile.platform, reason="More of everything"
    )
    make_platform(name="Relay")


def _grow_a_case(case: Case, reader: User, number: int) -> None:
    profile = case.profiles.get()
    match = make_match(profile, make_designation(f"PERSON, Number {number}"))
    opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[match])
    notes.add_note(actor=reader, case=case, text=f"Note {number}")
    kept = case.evidence.order_by("pk").last()
    assert kept is not None
    evidence.view(actor=reader, evidence=kept)


def _grow_the_lists(number: int) -> None:
    """A list more, and an entry more in the version that the list's page shows."""
    make_designation(source=make_source(f"list-{number}", f"L{number}"))
    version = ListVersion.objects.filter(source__slug="ofac-sdn").earliest("pk")
    designation = Designation.objects.create(
        source=version.source, entry_key=f"more-{number}", primary_name=f"PERSON, More {number}"
    )
    designation.current_version = DesignationVersion.objects.create(
        designation=designation,
        list_version=version,
        number=1,
        change=DesignationVersion.Change.ADDED,
        content={},
        content_hash=f"{number:064x}",
        valid_from=version.fetched_at,
    )
    designation.save(update_fields=["current_version"])


def _grow_the_accounts(world: World, number: int) -> None:
    now = timezone.now()
    colleague = person(f"Colleague {number}")
    for role in (Role.MODERATOR, Role.AUDITOR):
        grant = RoleGrant.objects.create(
            user=colleague, role=role, reason="Long ago", starts_at=now - timedelta(days=100)
        )
    grants.review(
        actor=world.administrator, grant=grant, outcome=AccessReview.Outcome.KEEP, reason="Needed"
    )
    grants.propose(
        actor=world.administrator, user=colleague, role=Role.SENIOR_REVIEWER, reason="Late shift"
    )
    waiting_reset(asked_by=world.administrator, name=f"Forgetful {number}")
    people.invite(
        actor=world.administrator, email=f"invited-{number}@desk.example", name="Somebody new"
    )
    for who, user in world.cast.items():
        Client().force_login(user)
        ApiToken.objects.create(
            user=user,
            name=f"Program {number}",
            prefix="hf_",
            digest=digest_of(f"{who} {number}"),
            scopes=["cases.view_case"],
            expires_at=now + timedelta(days=1),
        )
