"""What an address is about: the keys that go into it, for each way an object can stand."""

import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts import resets
from accounts.roles import Role
from cases import reports
from cases.models import Case, Decision, Recusal, ReportedProfile
from intake import access
from platforms.models import Enforcement, Hold
from sanctions.models import ListVersion
from tests.cases.builders import make_profile
from tests.security import vault
from tests.security import world as desk
from tests.security.world import CASE_KINDS, Kind, World

Keys = dict[str, Any]
NOT_THERE = 99_999_999
ONE_OR_WRONG = (Kind.OPEN, Kind.WRONG)


class Object:
    """The kinds in which an object comes, and the keys of each."""

    def __init__(
        self, keys_of: Callable[[World, str, Kind], Keys], kinds: tuple[Kind, ...] = ONE_OR_WRONG
    ) -> None:
        self.keys_of = keys_of
        self.kinds = kinds


def _nothing(world: World, who: str, kind: Kind) -> Keys:
    return {}


def _case(world: World, who: str, kind: Kind) -> Keys:
    return {"number": NOT_THERE if kind == Kind.WRONG else world.cases[kind].pk}


def _held_case(world: World, who: str, kind: Kind) -> Keys:
    """A decided case whose profile is held."""
    return {"number": NOT_THERE if kind == Kind.WRONG else world.held_cases[kind].pk}


def _action(world: World, who: str, kind: Kind) -> Keys:
    """An action that is still to be sent. The wrong one is about the account of another case."""
    case = world.held_cases[Kind.OPEN if kind == Kind.WRONG else kind]
    meant = world.held_cases[Kind.GRANTED if kind == Kind.WRONG else kind]
    action = Enforcement.objects.unsettled().get(profile__in=meant.profiles.all())
    return {"number": case.pk, "enforcement_id": action.pk}


def _proposal(world: World, who: str, kind: Kind) -> Keys:
    """A proposal by somebody else. The wrong one belongs to another case."""
    if kind == Kind.WRONG:
        other = world.proposals[Kind.GRANTED]
        return {"number": world.cases[Kind.OPEN].pk, "decision_id": other.pk}
    proposal = world.proposals[kind]
    return {"number": proposal.case_id, "decision_id": proposal.pk}


def own_proposal_of(world: World, who: str) -> Decision:
    """One's own proposal; for whoever cannot propose, a moderator's."""
    return world.own_proposals.get(who, world.own_proposals[Role.MODERATOR])


def _own_proposal(world: World, who: str, kind: Kind) -> Keys:
    own = own_proposal_of(world, who)
    number = world.cases[Kind.OPEN].pk if kind == Kind.WRONG else own.case_id
    return {"number": number, "decision_id": own.pk}


def _own_api_proposal(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(own_proposal_of(world, who).pk, kind)}


def _restricted_case(world: World, who: str, kind: Kind) -> Keys:
    """A restricted case. The open one is open by a grant."""
    return _case(world, who, Kind.GRANTED if kind == Kind.OPEN else kind)


def _case_grant(world: World, who: str, kind: Kind) -> Keys:
    """A colleague's grant to a case. The wrong one belongs to another case."""
    shown, granted = _shown_and_meant(world, kind)
    return {"number": shown.pk, "grant_id": desk.grant_to_the_reviewer(world, granted).pk}


def _case_team_grant(world: World, who: str, kind: Kind) -> Keys:
    shown, granted = _shown_and_meant(world, kind)
    return {"number": shown.pk, "grant_id": desk.grant_to_a_team(granted).pk}


def _recusal(world: World, who: str, kind: Kind) -> Keys:
    """A colleague's recusal. The wrong one belongs to another case."""
    shown, meant = _shown_and_meant(world, kind)
    recusal = Recusal.objects.create(case=meant, user=world.reviewer, reason="A cousin")
    return {"number": shown.pk, "recusal_id": recusal.pk}


def _shown_and_meant(world: World, kind: Kind) -> tuple[Case, Case]:
    shown = world.cases[Kind.OPEN if kind == Kind.WRONG else kind]
    return shown, world.cases[Kind.GRANTED] if kind == Kind.WRONG else shown


def _team(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(desk.team_with_a_member().pk, kind)}


def _team_member(world: World, who: str, kind: Kind) -> Keys:
    """A member of a team. The wrong one is in none."""
    team = desk.team_with_a_member()
    member = world.reviewer if kind == Kind.WRONG else team.user_set.get()
    return {"pk": team.pk, "user_pk": member.pk}


def _evidence(world: World, who: str, kind: Kind) -> Keys:
    """A piece of evidence. The wrong one belongs to another case."""
    case = world.cases[Kind.OPEN if kind == Kind.WRONG else kind]
    kept = world.cases[Kind.GRANTED if kind == Kind.WRONG else kind].evidence.first()
    assert kept is not None
    return {"number": case.pk, "evidence_id": kept.pk}


def _incident(world: World, who: str, kind: Kind) -> Keys:
    return {"incident_id": NOT_THERE if kind == Kind.WRONG else world.incidents[kind].pk}


def _list(world: World, who: str, kind: Kind) -> Keys:
    keys = desk.list_version_kwargs()
    return keys | {"slug": "another-list"} if kind == Kind.WRONG else keys


def _pause(world: World, who: str, kind: Kind) -> Keys:
    return {"pause_id": _key(desk.pause_of_a_platform(world, is_asked=False).pk, kind)}


def _asked_pause(world: World, who: str, kind: Kind) -> Keys:
    return {"pause_id": _key(desk.pause_of_a_platform(world, is_asked=True).pk, kind)}


def _key(pk: int, kind: Kind) -> int:
    return NOT_THERE if kind == Kind.WRONG else pk


def _own_token(world: World, who: str, kind: Kind) -> Keys:
    """One's own API token. The wrong one is a colleague's."""
    return {"pk": world.tokens["somebody else" if kind == Kind.WRONG else who].pk}


def _second_session(world: World, who: str, kind: Kind) -> Keys:
    Client().force_login(world.cast[who])
    return {}


def _colleague(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(desk.colleague_with_a_role().pk, kind)}


def _grant(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(desk.colleague_with_a_role().role_grants.get().pk, kind)}


def _waiting_grant(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(desk.waiting_grant(world, asked_by=world.administrator).pk, kind)}


def _own_waiting_grant(world: World, who: str, kind: Kind) -> Keys:
    asked_by = world.cast[Role.ADMINISTRATOR]
    return {"pk": _key(desk.waiting_grant(world, asked_by=asked_by).pk, kind)}


def _waiting_reset(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(desk.waiting_reset(asked_by=world.administrator).pk, kind)}


def _own_waiting_reset(world: World, who: str, kind: Kind) -> Keys:
    asked_by = world.cast[Role.ADMINISTRATOR]
    return {"pk": _key(desk.waiting_reset(asked_by=asked_by).pk, kind)}


def _reset_link(world: World, who: str, kind: Kind) -> Keys:
    reset = desk.waiting_reset(asked_by=world.cast[Role.ADMINISTRATOR])
    _, token = resets.approve(actor=world.administrator, reset=reset)
    return {"token": f"{token}x" if kind == Kind.WRONG else token}


def _second_factor(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(desk.colleague_with_a_second_factor().pk, kind)}


def _invitation(world: World, who: str, kind: Kind) -> Keys:
    return {"pk": _key(desk.open_invitation(world)[0].pk, kind)}


def _invitation_link(world: World, who: str, kind: Kind) -> Keys:
    _, token = desk.open_invitation(world)
    return {"token": f"{token}x" if kind == Kind.WRONG else token}


def _report(name: str) -> Callable[[World, str, Kind], Keys]:
    """A report, which is hidden where another coordinator holds it."""

    def keys_of(world: World, who: str, kind: Kind) -> Keys:
        if kind == Kind.WRONG:
            return {"report_id": uuid.UUID(int=0)}
        return {"report_id": world.reports["held by another" if kind != Kind.OPEN else name].pk}

    return keys_of


def _report_share(world: World, who: str, kind: Kind) -> Keys:
    report = world.reports["held"]
    grant = access.share(
        actor=world.cast[Role.INTAKE_COORDINATOR],
        report=report,
        user=world.reviewer,
        reason="A second pair of eyes",
    )
    return {"report_id": report.pk, "grant_id": _key(grant.pk, kind)}


def _report_file(world: World, who: str, kind: Kind) -> Keys:
    """The file of a held report. The hidden one is asked for by another's report."""
    held, other = world.reports["held"], world.reports["held by another"]
    file = held.attachments.get().pk
    report = other if kind == Kind.RESTRICTED else held
    return {"report_id": report.pk, "file_id": uuid.UUID(int=0) if kind == Kind.WRONG else file}


def _kept_original(world: World, who: str, kind: Kind) -> Keys:
    """The original of a file whose report is shared with counsel."""
    report = world.reports["held by another"]
    counsel = world.cast[Role.LEGAL_COUNSEL]
    holder = access.holder(report)
    if kind != Kind.RESTRICTED and holder and not report.grants.filter(user=counsel).exists():
        access.share(actor=holder, report=report, user=counsel, reason="To be proven genuine")
    file = report.attachments.get().pk
    return {"report_id": report.pk, "file_id": uuid.UUID(int=0) if kind == Kind.WRONG else file}


def _own_request(*, is_released: bool) -> Callable[[World, str, Kind], Keys]:
    """A request of the coordinator. The hidden one is asked for by another's report."""

    def keys_of(world: World, who: str, kind: Kind) -> Keys:
        of = (world.cast[Role.INTAKE_COORDINATOR], world.reports["held"])
        agreeing = world.custodians[:2] if is_released else []
        request, words = vault.release_of(*of, agreeing)
        world.words[request.pk] = words
        report = world.reports["held by another"] if kind == Kind.RESTRICTED else request.report
        wrong = uuid.UUID(int=0)
        return {"report_id": report.pk, "request_id": wrong if kind == Kind.WRONG else request.pk}

    return keys_of


def _identity_request(world: World, who: str, kind: Kind) -> Keys:
    """A request that waits for custodians. The wrong one has ended."""
    of = (world.cast[Role.INTAKE_COORDINATOR], world.reports["held"])
    agreeing = world.custodians[:2] if kind == Kind.WRONG else []
    return {"request_id": vault.release_of(*of, agreeing)[0].pk}


def _custodian_key(*, has_begun: bool) -> Callable[[World, str, Kind], Keys]:
    def keys_of(world: World, who: str, kind: Kind) -> Keys:
        if kind == Kind.WRONG:
            return {"key_id": uuid.UUID(int=0)}
        key = vault.begun_key(*world.custodians[:2]) if has_begun else vault.waiting_key()
        return {"key_id": key.pk}

    return keys_of


def _own_hold(world: World, who: str, kind: Kind) -> Keys:
    """A hold in force. The hidden one is asked for by another's report."""
    of = (world.cast[Role.INTAKE_COORDINATOR], world.reports["held"])
    hold = vault.hold_in_force(*of, world.cast[Role.LEGAL_COUNSEL])
    report = world.reports["held by another"] if kind == Kind.RESTRICTED else hold.report
    return {
        "report_id": report.pk,
        "hold_id": uuid.UUID(int=0) if kind == Kind.WRONG else hold.pk,
    }


def _proposed_hold(world: World, who: str, kind: Kind) -> Keys:
    hold = vault.proposed_hold(world.cast[Role.INTAKE_COORDINATOR], world.reports["held"])
    return {"hold_id": uuid.UUID(int=0) if kind == Kind.WRONG else hold.pk}


def _report_link(*, with_case: bool) -> Callable[[World, str, Kind], Keys]:
    """An account of a held report. The hidden one is asked for by another's report."""

    def keys_of(world: World, who: str, kind: Kind) -> Keys:
        link = _link(world, with_case=with_case)
        report = world.reports["held by another"] if kind == Kind.RESTRICTED else link.report
        return {"report_id": report.pk, "link_id": _key(link.pk, kind)}

    return keys_of


def _report_summary(world: World, who: str, kind: Kind) -> Keys:
    """The report behind a case: to whom it was handed over, and to the others."""
    link = _link(world, with_case=True)
    assert link.case is not None
    if kind in (Kind.OPEN, Kind.GRANT_ENDED, Kind.WRONG):
        desk.let_in(world.cast[who], link.case, has_ended=kind == Kind.GRANT_ENDED)
    return {"number": link.case.pk, "link_id": _key(link.pk, kind)}


def _link(world: World, *, with_case: bool) -> ReportedProfile:
    of = {"actor": world.cast[Role.INTAKE_COORDINATOR], "report": world.reports["held"]}
    link = reports.link_profile(profile=make_profile(), **of)
    if with_case:
        reports.open_from_report(profile=link.profile, reason="The same handle", **of)
        link.refresh_from_db()
    return link


def _api(keys_of: Callable[[World, str, Kind], int]) -> Callable[[World, str, Kind], Keys]:
    def resolve(world: World, who: str, kind: Kind) -> Keys:
        return {"pk": _key(keys_of(world, who, Kind.OPEN if kind == Kind.WRONG else kind), kind)}

    return resolve


def _match_key(world: World, who: str, kind: Kind) -> int:
    return world.cases[kind].matches.earliest("pk").pk


def _designation_key(world: World, who: str, kind: Kind) -> int:
    return world.cases[kind].designations.earliest("pk").pk


def _profile_key(world: World, who: str, kind: Kind) -> int:
    return world.cases[kind].profiles.get().pk


def _policy_key(world: World, who: str, kind: Kind) -> int:
    policy = world.proposals[kind].policy
    assert policy is not None
    return policy.pk


CASE_OR_WRONG = (*CASE_KINDS, Kind.WRONG)
# What changes who may open a case is not the same for a restricted one.
PLAIN_OR_WRONG = tuple(kind for kind in CASE_OR_WRONG if kind != Kind.GRANTED)
REPORT_KINDS = (Kind.OPEN, Kind.RESTRICTED, Kind.WRONG)

OBJECTS: dict[str, Object] = {
    "": Object(_nothing, (Kind.OPEN,)),
    "case": Object(_case, CASE_OR_WRONG),
    "plain case": Object(_case, PLAIN_OR_WRONG),
    "restricted case": Object(_restricted_case, PLAIN_OR_WRONG),
    "case grant": Object(_case_grant, PLAIN_OR_WRONG),
    "case team grant": Object(_case_team_grant, PLAIN_OR_WRONG),
    "recusal": Object(_recusal, PLAIN_OR_WRONG),
    "team": Object(_team),
    "team member": Object(_team_member),
    "held case": Object(_held_case, CASE_OR_WRONG),
    "proposal": Object(_proposal, CASE_OR_WRONG),
    "own proposal": Object(_own_proposal),
    "own api decision": Object(_own_api_proposal),
    "action": Object(_action, CASE_OR_WRONG),
    "evidence": Object(_evidence, CASE_OR_WRONG),
    "incident": Object(_incident, CASE_OR_WRONG),
    "list version": Object(_list),
    "pause": Object(_pause),
    "pause to end": Object(_asked_pause),
    "second session": Object(_second_session, (Kind.OPEN,)),
    "own token": Object(_own_token),
    "colleague": Object(_colleague),
    "grant": Object(_grant),
    "waiting grant": Object(_waiting_grant),
    "own waiting grant": Object(_own_waiting_grant),
    "second factor": Object(_second_factor),
    "waiting reset": Object(_waiting_reset),
    "own waiting reset": Object(_own_waiting_reset),
    "reset link": Object(_reset_link),
    "invitation": Object(_invitation),
    "invitation link": Object(_invitation_link),
    "waiting report": Object(_report("waiting"), REPORT_KINDS),
    "held report": Object(_report("held"), REPORT_KINDS),
    "closed report": Object(_report("closed"), REPORT_KINDS),
    "report share": Object(_report_share),
    "report file": Object(_report_file, REPORT_KINDS),
    "kept original": Object(_kept_original, REPORT_KINDS),
    "reported account": Object(_report_link(with_case=False), REPORT_KINDS),
    "reported case": Object(_report_link(with_case=True), REPORT_KINDS),
    "report summary": Object(_report_summary, (*REPORT_KINDS, Kind.GRANT_ENDED)),
    "own request": Object(_own_request(is_released=False), REPORT_KINDS),
    "own release": Object(_own_request(is_released=True), REPORT_KINDS),
    "identity request": Object(_identity_request),
    "waiting key": Object(_custodian_key(has_begun=False)),
    "begun key": Object(_custodian_key(has_begun=True)),
    "own hold": Object(_own_hold, REPORT_KINDS),
    "proposed hold": Object(_proposed_hold),
    "api decision": Object(_api(lambda world, who, kind: world.proposals[kind].pk), CASE_OR_WRONG),
    "api incident": Object(_api(lambda world, who, kind: world.incidents[kind].pk), CASE_OR_WRONG),
    "api match": Object(_api(_match_key), CASE_OR_WRONG),
    "api designation": Object(_api(_designation_key)),
    "api profile": Object(_api(_profile_key)),
    "api policy": Object(_api(_policy_key)),
    "api hold": Object(_api(lambda world, who, kind: Hold.objects.earliest("pk").pk)),
    "api list version": Object(
        _api(lambda world, who, kind: ListVersion.objects.earliest("pk").pk)
    ),
    "unknown address": Object(lambda world, who, kind: {"unknown": "nowhere/"}, (Kind.OPEN,)),
    "passkey": Object(lambda world, who, kind: {"pk": NOT_THERE}, (Kind.OPEN,)),
}
