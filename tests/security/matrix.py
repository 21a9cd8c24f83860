"""The one table of who gets what: a row for each method of each address.

A request is judged in this order. `door`: who lacks it gets 403 and learns nothing of objects.
`sees`: who lacks it gets 404. An object that is hidden or not there: 404. `may`: who lacks it
gets 403. Whoever passes gets `then`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.roles import Role
from cases.models import Case
from intake.columns import today
from tests.security import vault
from tests.security.objects import OBJECTS, Keys
from tests.security.world import HIDDEN, STRANGER, Kind, World

Body = Callable[[World, str, Keys], dict[str, Any]]
GET, POST, PATCH, PUT, DELETE = METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")

PAGE, MOVED = frozenset({200}), frozenset({302})
MADE, EMPTY = frozenset({201}), frozenset({204})
NOT_THERE, REFUSED = frozenset({404}), frozenset({422})
PAGE_OR_MOVED, FORM_OR_MOVED = PAGE | MOVED, PAGE | MOVED | REFUSED

VIEW_CASE, WORK_CASE = "cases.view_case", "cases.work_case"
MANAGE_ACCESS = "cases.manage_access"
PROPOSE, APPROVE = "cases.propose_decision", "cases.approve_decision"
TRIAGE = "intake.triage_report"
RELEASE, AGREE_HOLD = "intake.approve_identity_release", "intake.agree_legal_hold"
VIEW_INCIDENT, VIEW_PROFILE = "platforms.view_incident", "platforms.view_profile"
VIEW_LIST, VIEW_MATCH = "sanctions.view_list", "sanctions.view_match"
GRANT, PEOPLE = "accounts.grant_role", "accounts.manage_people"
VIEW_ROLES, VIEW_AUDIT = "accounts.view_roles", "accounts.view_audit"
PAUSE, RESUME = "platforms.pause_outbound", "platforms.resume_outbound"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method of one address, who may use it, and what they get."""

    name: str
    method: str = GET
    about: str = ""
    door: str = ""
    sees: str = ""
    may: str = ""
    then: frozenset[int] = PAGE
    body: Body | None = None
    ready: Body | None = None
    """What has to be so before, for whoever asks."""
    visitor: frozenset[int] | None = None
    """What somebody gets who has not signed in. None: they are sent to sign in."""
    wrong: frozenset[int] = NOT_THERE
    is_recorded: bool = False
    """A read that stands in the record."""

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api:")

    @property
    def is_of_allauth(self) -> bool:
        return self.name.startswith(("account_", "mfa_"))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return OBJECTS[self.about].kinds

    def kinds_for(self, permissions: frozenset[str]) -> tuple[Kind, ...]:
        """The kinds worth asking for. To whoever may see none, there is one, and there is none."""
        if {self.door, self.sees} - {""} <= permissions:
            return self.kinds
        return tuple(dict.fromkeys((self.kinds[0], self.kinds[-1])))

    def expects(self, permissions: frozenset[str], kind: Kind) -> frozenset[int]:
        """The statuses that somebody who signed in may get."""
        if self.door and self.door not in permissions:
            return frozenset({403})
        if self.sees and self.sees not in permissions:
            return NOT_THERE
        if kind in HIDDEN:
            return NOT_THERE
        if kind == Kind.WRONG:
            return self.wrong
        if self.may and self.may not in permissions:
            return frozenset({403})
        return self.then

    def expects_of_visitor(self, *, by_htmx: bool) -> frozenset[int]:
        """The statuses that somebody may get who has not signed in."""
        if self.visitor is not None:
            return self.visitor
        if self.is_api or (by_htmx and not self.is_of_allauth):
            return frozenset({401})
        return MOVED


def _lease(world: World, who: str, keys: Keys) -> dict[str, Any]:
    """Let this person hold the case, whatever their role."""
    Case.objects.filter(pk=keys["number"]).update(
        lease_holder=world.cast[who], lease_ends_at=timezone.now() + timedelta(minutes=5)
    )
    return {}


def _version(keys: Keys) -> int:
    case = Case.objects.filter(pk=keys["number"]).first()
    return case.version if case else 1


def _proposal(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"outcome": "need_more", "reason": "Same name.", "based_on": _version(keys)}


def _api_proposal(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"outcome": "need_more", "reasons": "Same name.", "based_on": _version(keys)}


def _yes(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"answer": "yes", "based_on": _version(keys)}


def _api_yes(world: World, who: str, keys: Keys) -> dict[str, Any]:
    case = Case.objects.filter(decisions=keys["pk"]).first()
    return {"is_approved": True, "based_on": case.version if case else 1}


def _api_withdrawal(world: World, who: str, keys: Keys) -> dict[str, Any]:
    case = Case.objects.filter(decisions=keys["pk"]).first()
    return {"based_on": case.version if case else 1}


def _based_on(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"based_on": _version(keys)}


def _batch(world: World, who: str, keys: Keys) -> dict[str, Any]:
    platform = world.cases[Kind.OPEN].profiles.get().platform
    rows = [{"external_id": "a-new-one", "handle": "somebody_new"}]
    return {"platform": platform.slug, "profiles": rows}


def _open_case(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"case": world.cases[Kind.OPEN].pk}


def _ordinary_role(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"email": world.cast[STRANGER].email, "role": Role.MODERATOR, "reason": "Joins"}


def _colleague(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"email": world.reviewer.email, "reason": "A second pair of eyes"}


def _keeper(world: World, who: str, keys: Keys) -> dict[str, Any]:
    case = world.cases[Kind.RESTRICTED]
    return {"case": case.pk, "keeper": world.reviewer.pk, "reason": "The last one left"}


def _kept_grant(world: World, who: str, keys: Keys) -> dict[str, Any]:
    grant = world.reviewer.role_grants.get()
    return {"grant": grant.pk, "outcome": "keep", "reason": "Still needed"}


def _scopes(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"name": "An export", "days": 1, "scopes": sorted(world.permissions[who])[:1]}


def _fixed(**fields: Any) -> Body:
    return lambda world, who, keys: dict(fields)


REASON = _fixed(reason="It has to be so.")
FIRST_PASSWORD = _fixed(password="a-long-enough-word-9", again="a-long-enough-word-9")


def _read_only(name: str, about: str, door: str) -> list[Row]:
    """A list of the API and one of its rows."""
    return [
        Row(name=f"api:{name}-list", door=door),
        Row(name=f"api:{name}-detail", about=about, door=door),
    ]


API = [
    *_read_only("profile", "api profile", VIEW_PROFILE),
    Row(name="api:profile-list", method=POST, door="platforms.record_profiles", body=_batch),
    *_read_only("hold", "api hold", VIEW_PROFILE),
    *_read_only("incident", "api incident", VIEW_INCIDENT),
    *_read_only("list-version", "api list version", VIEW_LIST),
    *_read_only("designation", "api designation", VIEW_LIST),
    *_read_only("match", "api match", VIEW_MATCH),
    *_read_only("case", "case", VIEW_CASE),
    Row(name="api:case-take-lease", method=POST, about="case", door=WORK_CASE),
    Row(
        name="api:case-take-lease",
        method=DELETE,
        about="case",
        door=WORK_CASE,
        then=EMPTY,
        ready=_lease,
    ),
    Row(
        name="api:case-propose",
        method=POST,
        about="case",
        door=PROPOSE,
        then=MADE,
        body=_api_proposal,
        ready=_lease,
    ),
    Row(
        name="api:case-add-note",
        method=POST,
        about="case",
        door=WORK_CASE,
        then=MADE,
        body=_fixed(text="See the entry."),
    ),
    *_read_only("decision", "api decision", VIEW_CASE),
    Row(
        name="api:decision-answer",
        method=POST,
        about="api decision",
        door=VIEW_CASE,
        may=APPROVE,
        body=_api_yes,
    ),
    Row(
        name="api:decision-withdraw",
        method=POST,
        about="own api decision",
        door=VIEW_CASE,
        may=PROPOSE,
        body=_api_withdrawal,
    ),
    *_read_only("policy", "api policy", VIEW_CASE),
    Row(name="api:schema", visitor=PAGE),
    Row(name="api:docs", visitor=PAGE),
    *[
        Row(
            name="api:no_such_address",
            method=method,
            about="unknown address",
            then=NOT_THERE,
            visitor=NOT_THERE,
        )
        for method in METHODS
    ],
]

ACCOUNTS = [
    Row(name="accounts:me"),
    Row(name="accounts:end_session", method=POST, about="second session", then=MOVED),
    Row(name="accounts:create_token"),
    # Whoever has no permission has no scope to give, and is told so in the form.
    Row(name="accounts:create_token", method=POST, body=_scopes, then=PAGE | REFUSED),
    Row(name="accounts:revoke_token", method=POST, about="own token", then=MOVED),
    Row(name="accounts:roles", door=VIEW_ROLES),
    Row(name="accounts:roles_record", door=VIEW_ROLES, is_recorded=True),
    Row(name="accounts:review", door=VIEW_ROLES),
    Row(
        name="accounts:review",
        method=POST,
        door=VIEW_ROLES,
        may=GRANT,
        then=MOVED,
        body=_kept_grant,
    ),
    Row(name="accounts:propose_grant", door=GRANT),
    Row(name="accounts:propose_grant", method=POST, door=GRANT, then=MOVED, body=_ordinary_role),
    Row(name="accounts:approve_grant", method=POST, about="waiting grant", door=GRANT, then=MOVED),
    Row(name="accounts:refuse_grant", about="waiting grant", door=GRANT),
    Row(
        name="accounts:refuse_grant",
        method=POST,
        about="waiting grant",
        door=GRANT,
        then=MOVED,
        body=REASON,
    ),
    Row(
        name="accounts:withdraw_grant",
        method=POST,
        about="own waiting grant",
        door=GRANT,
        then=MOVED,
    ),
    Row(name="accounts:end_grant", about="grant", door=GRANT),
    Row(
        name="accounts:end_grant",
        method=POST,
        about="grant",
        door=GRANT,
        then=MOVED,
        body=REASON,
    ),
    Row(name="accounts:people", door=PEOPLE),
    Row(
        name="accounts:people",
        method=POST,
        door=PEOPLE,
        body=_fixed(name="Somebody", email="somebody@desk.example"),
    ),
    Row(name="accounts:teams", door=PEOPLE),
    Row(
        name="accounts:teams",
        method=POST,
        door=PEOPLE,
        then=MOVED,
        body=_fixed(name="Elections"),
    ),
    Row(name="accounts:add_team_member", about="team", door=PEOPLE),
    Row(
        name="accounts:add_team_member",
        method=POST,
        about="team",
        door=PEOPLE,
        then=MOVED,
        body=_colleague,
    ),
    Row(name="accounts:remove_team_member", about="team member", door=PEOPLE),
    Row(
        name="accounts:remove_team_member",
        method=POST,
        about="team member",
        door=PEOPLE,
        then=MOVED,
        body=REASON,
    ),
    Row(name="close_account", about="colleague", door=PEOPLE),
    Row(
        name="close_account",
        method=POST,
        about="colleague",
        door=PEOPLE,
        then=MOVED,
        body=REASON,
    ),
    Row(name="accounts:end_sessions", method=POST, about="colleague", door=PEOPLE, then=MOVED),
    Row(
        name="accounts:revoke_invitation",
        method=POST,
        about="invitation",
        door=PEOPLE,
        then=MOVED,
    ),
    Row(name="accounts:ask_reset", about="second factor", door=PEOPLE),
    Row(
        name="accounts:ask_reset",
        method=POST,
        about="second factor",
        door=PEOPLE,
        then=MOVED,
        body=REASON,
    ),
    Row(name="accounts:approve_reset", method=POST, about="waiting reset", door=PEOPLE),
    Row(name="accounts:refuse_reset", about="waiting reset", door=PEOPLE),
    Row(
        name="accounts:refuse_reset",
        method=POST,
        about="waiting reset",
        door=PEOPLE,
        then=MOVED,
        body=REASON,
    ),
    Row(
        name="accounts:withdraw_reset",
        method=POST,
        about="own waiting reset",
        door=PEOPLE,
        then=MOVED,
    ),
    Row(name="accounts:enrol_anew", about="reset link", visitor=PAGE, wrong=frozenset({410})),
    Row(
        name="accounts:enrol_anew",
        method=POST,
        about="reset link",
        then=MOVED,
        visitor=MOVED,
        wrong=frozenset({410}),
    ),
    Row(
        name="accounts:accept_invitation",
        about="invitation link",
        visitor=PAGE,
        wrong=frozenset({410}),
    ),
    Row(
        name="accounts:accept_invitation",
        method=POST,
        about="invitation link",
        then=MOVED,
        visitor=MOVED,
        wrong=frozenset({410}),
        body=FIRST_PASSWORD,
    ),
    Row(name="accounts:record", door=VIEW_AUDIT),
    Row(name="accounts:export_record", door=VIEW_AUDIT, is_recorded=True),
]


def _of_access(name: str, about: str, body: Body, may: str = "") -> Row:
    """What changes who may open a case."""
    return Row(
        name=f"cases:{name}",
        method=POST,
        about=about,
        sees=VIEW_CASE,
        may=may,
        then=MOVED,
        body=body,
    )


DESK = [
    Row(name="cases:landing", then=PAGE_OR_MOVED),
    Row(name="cases:queue", door=VIEW_CASE),
    Row(name="cases:claim_next", method=POST, door=WORK_CASE, then=MOVED),
    Row(
        name="cases:take_leases",
        method=POST,
        door="cases.bulk_work",
        then=MOVED,
        body=_open_case,
    ),
    Row(name="cases:coverage", door="cases.view_coverage"),
    Row(name="cases:incidents", door=VIEW_INCIDENT),
    Row(name="cases:incident", about="incident", door=VIEW_INCIDENT),
    Row(
        name="cases:close_incident",
        method=POST,
        about="incident",
        sees=VIEW_INCIDENT,
        may="platforms.close_incident",
        then=MOVED,
        body=_fixed(cause="A tool of the platform"),
    ),
    Row(
        name="cases:end_action",
        method=POST,
        about="action",
        sees=VIEW_CASE,
        may="platforms.end_action",
        then=MOVED,
        body=_fixed(reason="The account was moved"),
    ),
    Row(name="cases:platforms", door=PAUSE),
    Row(name="cases:pause", method=POST, door=PAUSE, then=MOVED, body=_fixed(reason="An outage")),
    Row(name="cases:ask_to_resume", method=POST, about="pause", door=RESUME, then=MOVED),
    Row(name="cases:resume", method=POST, about="pause to end", door=RESUME, then=MOVED),
    Row(name="cases:lists", door=VIEW_LIST),
    Row(name="cases:list", about="list version", door=VIEW_LIST),
    Row(name="cases:case", about="case", sees=VIEW_CASE),
    Row(
        name="cases:take_lease",
        method=POST,
        about="case",
        sees=VIEW_CASE,
        may=WORK_CASE,
        then=MOVED,
    ),
    Row(
        name="cases:release_lease",
        method=POST,
        about="case",
        sees=VIEW_CASE,
        then=MOVED,
        ready=_lease,
    ),
    Row(
        name="cases:propose_decision",
        method=POST,
        about="case",
        sees=VIEW_CASE,
        may=PROPOSE,
        then=MOVED,
        body=_proposal,
        ready=_lease,
    ),
    Row(
        name="cases:answer_decision",
        method=POST,
        about="proposal",
        sees=VIEW_CASE,
        may=APPROVE,
        then=MOVED,
        body=_yes,
    ),
    Row(
        name="cases:withdraw_decision",
        method=POST,
        about="own proposal",
        sees=VIEW_CASE,
        may=PROPOSE,
        then=MOVED,
        body=_based_on,
    ),
    Row(
        name="cases:ask_for_review",
        method=POST,
        about="held case",
        sees=VIEW_CASE,
        may=PROPOSE,
        then=MOVED,
        body=REASON,
    ),
    Row(
        name="cases:add_note",
        method=POST,
        about="case",
        sees=VIEW_CASE,
        may=WORK_CASE,
        then=MOVED,
        body=_fixed(text="See the entry."),
    ),
    _of_access("restrict", "plain case", REASON, may=MANAGE_ACCESS),
    _of_access("lift_restriction", "restricted case", REASON, may=MANAGE_ACCESS),
    _of_access("grant_access", "case", _colleague, may=MANAGE_ACCESS),
    _of_access("end_access", "case grant", REASON, may=MANAGE_ACCESS),
    _of_access("end_team_access", "case team grant", REASON, may=MANAGE_ACCESS),
    _of_access("recuse", "plain case", REASON),
    _of_access("end_recusal", "recusal", REASON, may=MANAGE_ACCESS),
    Row(name="cases:why", door=VIEW_ROLES),
    Row(name="cases:keepers", door=GRANT),
    Row(name="cases:keepers", method=POST, door=GRANT, then=MOVED, body=_keeper),
    Row(name="cases:view_evidence", about="evidence", sees=VIEW_CASE, is_recorded=True),
]


def _of_report(name: str, about: str, body: Body | None = None, **fields: Any) -> Row:
    """What a coordinator does with a report. To anybody else there is none."""
    asked = {"method": POST, "then": MOVED} | fields
    return Row(name=f"intake:{name}", about=about, sees=TRIAGE, body=body, **asked)


REPORTS = [
    Row(name="intake:reports", sees=TRIAGE),
    Row(name="intake:report", about="held report", sees=TRIAGE),
    _of_report("claim", "waiting report"),
    _of_report("read", "held report", REASON, then=PAGE),
    _of_report("open_file", "report file", REASON, then=PAGE),
    Row(
        name="intake:open_original",
        method=POST,
        about="kept original",
        sees="intake.open_original",
        body=REASON,
    ),
    _of_report("reply", "held report", _fixed(text="When was it?")),
    _of_report("summarise", "held report", _fixed(text="A successor.")),
    _of_report("share", "held report", _colleague),
    _of_report("end_share", "report share"),
    _of_report("close", "held report", _fixed(outcome="acted")),
    _of_report("reopen", "closed report"),
    _of_report("hand_back", "held report", REASON),
]


def _words(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"words": world.words.get(keys["request_id"], "no words")}


def _second_custodian(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"second": world.custodians[1].pk}


def _hold(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"reason": "An order", "ends_on": (today() + timedelta(days=30)).isoformat()}


def _of_custodian(name: str, about: str = "", body: Body | None = None, **fields: Any) -> Row:
    """What custodians do. To anybody else there is none of it."""
    asked = {"method": POST, "then": MOVED} | fields
    return Row(name=f"intake:{name}", about=about, sees=RELEASE, body=body, **asked)


def _of_counsel(name: str, about: str = "", body: Body | None = None, **fields: Any) -> Row:
    """What legal counsel does about holds on reports. To anybody else there is none."""
    asked = {"method": POST, "then": MOVED} | fields
    return Row(name=f"intake:{name}", about=about, sees=AGREE_HOLD, body=body, **asked)


PASSPHRASE = _fixed(passphrase=vault.PASSPHRASE)
VAULT = [
    _of_report("identity", "held report", method=GET, then=PAGE),
    _of_report(
        "ask_identity",
        "held report",
        _fixed(reason="A court asks", message="A court asks us."),
        then=PAGE,
    ),
    _of_report("withdraw_identity", "own request"),
    _of_report("open_identity", "own release", _words, then=PAGE),
    _of_report("hold", "held report", method=GET, then=PAGE),
    _of_report("propose_hold", "held report", _hold),
    _of_report("end_hold", "own hold", REASON),
    _of_counsel("holds", method=GET, then=PAGE),
    _of_counsel("agree_hold", "proposed hold"),
    _of_counsel("refuse_hold", "proposed hold", method=GET, then=PAGE),
    _of_counsel("refuse_hold", "proposed hold", REASON),
    _of_custodian("custodians", method=GET, then=PAGE),
    _of_custodian(
        "enrol_custodian", body=_fixed(passphrase=vault.PASSPHRASE, again=vault.PASSPHRASE)
    ),
    _of_custodian("begin_admission", "waiting key", _second_custodian),
    _of_custodian("reseal", "begun key", PASSPHRASE),
    _of_custodian("remove_custodian", "waiting key", method=GET, then=PAGE),
    _of_custodian("remove_custodian", "waiting key", REASON),
    _of_custodian("identity_request", "identity request", method=GET, then=PAGE),
    _of_custodian("approve_identity", "identity request", PASSPHRASE),
    _of_custodian("refuse_identity", "identity request", REASON),
]


def _to_a_case(name: str, about: str, body: Body | None = None, **fields: Any) -> Row:
    """What leads from a report to a case. To anybody but the coordinator who holds it: nothing."""
    asked = {"method": POST, "then": MOVED} | fields
    return Row(name=f"cases:{name}", about=about, sees="cases.open_from_report", body=body, **asked)


def _handle(world: World, who: str, keys: Keys) -> dict[str, Any]:
    return {"account": world.cases[Kind.OPEN].profiles.get().handle}


FROM_REPORT_TO_CASE = [
    _to_a_case("report_case", "held report", method=GET, then=PAGE),
    _to_a_case("link_account", "held report", _handle),
    _to_a_case("unlink_account", "reported account"),
    _to_a_case("open_from_report", "reported account", REASON),
    _to_a_case("hand_over_report_case", "reported case", _colleague),
    Row(
        name="cases:read_summary",
        method=POST,
        about="report summary",
        sees=VIEW_CASE,
        body=REASON,
    ),
]


def _own_account(
    name: str, *methods: str, about: str = "", then: frozenset[int] = FORM_OR_MOVED
) -> list[Row]:
    """A page of allauth about one's own way in. It shows something, refuses it, or sends on."""
    return [
        Row(name=name, method=method, about=about, then=then) for method in methods or (GET, POST)
    ]


# What is NOT_THERE below: nobody of the cast has an authenticator app to end or to show, and this
# desk has no provider of single sign-on. `tests/accounts/test_single_sign_on.py` has one.
SIGN_IN = [
    Row(name="account_sso", method=POST, then=NOT_THERE, visitor=NOT_THERE),
    Row(name="account_sso_callback", then=NOT_THERE, visitor=NOT_THERE),
    Row(name="account_login", then=MOVED, visitor=PAGE),
    Row(name="account_login", method=POST, then=MOVED, visitor=REFUSED),
    Row(name="account_logout", then=PAGE),
    Row(name="account_logout", method=POST, then=MOVED),
    Row(name="account_inactive", visitor=PAGE),
    *_own_account("account_reauthenticate"),
    *_own_account("account_change_password"),
    *_own_account("mfa_index", GET),
    *_own_account("mfa_authenticate"),
    *_own_account("mfa_reauthenticate"),
    *_own_account("mfa_activate_totp"),
    *_own_account("mfa_deactivate_totp", then=NOT_THERE),
    *_own_account("mfa_view_recovery_codes", GET, then=NOT_THERE),
    *_own_account("mfa_generate_recovery_codes"),
    *_own_account("mfa_download_recovery_codes", GET, then=NOT_THERE),
    *_own_account("mfa_list_webauthn", GET),
    *_own_account("mfa_add_webauthn"),
    *_own_account("mfa_reauthenticate_webauthn"),
    *_own_account("mfa_remove_webauthn", about="passkey"),
    *_own_account("mfa_edit_webauthn", about="passkey"),
    *_own_account("mfa_login_webauthn"),
]

ROWS: list[Row] = [
    *API,
    *ACCOUNTS,
    *DESK,
    *REPORTS,
    *VAULT,
    *FROM_REPORT_TO_CASE,
    *SIGN_IN,
]
