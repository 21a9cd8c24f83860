"""The mistaken restore, prevented: a play against the running system.

Every step goes where a person or a platform would go: the list sync, the desk's pages and
API over HTTP, the sandbox platform's own operator. Only the looking is done in the
database.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import tokens
from accounts.actors import SEEDER
from accounts.models import User
from cases import policies
from cases.models import Case
from config.demo.browser import Reviewer
from config.demo.record import DemoRecord
from config.demo.seed import FIRST_LIST, SAMPLES, sample_source
from platforms.connectors.registry import open_connector
from platforms.models import Enforcement, Incident, ObservedState, Platform, Profile
from platforms.profiles import pull
from sanctions.sync import sync

LISTED = SAMPLES / "ofac_sdn_2_kadyrov_listed.xml"
DELISTED = SAMPLES / "ofac_sdn_3_kadyrov_delisted.xml"
KADYROV_UID = "23343"

# What the product promises: drift seen and undone within a minute.
DRIFT_SECONDS_AT_MOST = 60
PATIENCE_SECONDS = 90

Found = TypeVar("Found")


class StoryFailed(Exception):
    """A step that did not hold. The text says what was expected."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline.

    `seconds` is what the step itself took; `at_seconds` is counted from the beginning.
    """

    key: str
    text: str
    seconds: float
    at_seconds: float


@dataclass
class Story:
    """Plays the steps in order. `play` yields each one when it has held."""

    record: DemoRecord
    steps: list[Step] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def play(self) -> Iterator[Step]:
        platform = Platform.objects.get(slug="lumen")
        account_id = self._new_account()
        self._sync(FIRST_LIST)
        pull(actor=SEEDER, platform=platform)
        profile = Profile.objects.select_related("platform").get(
            platform=platform, external_id=account_id
        )
        moderator = self._sign_in("mira@desk.example")
        senior = self._sign_in("tola@desk.example")

        began = time.monotonic()
        self._sync(LISTED)
        yield self._step("listed", "The list names Kadyrov (uid 23343)", began)

        began = time.monotonic()
        case = self._wait(
            "a case for the account",
            lambda: Case.objects.filter(
                kind=Case.Kind.MATCH, profiles=profile, state=Case.State.OPEN
            ).first(),
        )
        yield self._step("case_opened", f"{case.label} opens for {profile}", began)

        began = time.monotonic()
        moderator.take_lease(case.number)
        moderator.propose(
            case.number,
            {
                "outcome": "suspend",
                "basis": moderator.policy_titled(case.number, "E.O. 13818"),
                "designations": str(case.designations.get(entry_key=KADYROV_UID).pk),
                "reason": "Same name in Cyrillic and the same birth date as the listed person.",
            },
        )
        self._expect_state(case, Case.State.PROPOSED)
        yield self._step("proposed", "A moderator proposes to take it down", began)

        began = time.monotonic()
        senior.answer(case.number, "yes")
        self._expect_state(case, Case.State.CLOSED)
        yield self._step("approved", "A senior reviewer approves: a hold is placed", began)

        began = time.monotonic()
        self._wait_until_down(profile)
        self._expect_platform_says(platform, account_id, "suspended")
        yield self._step("suspended", "The platform suspended it, and was read back", began)

        began = time.monotonic()
        self._restore_on_the_platform(account_id)
        self._expect_platform_says(platform, account_id, "active")
        yield self._step("restored_outside", "Somebody restores it on the platform itself", began)

        drift_began = time.monotonic()
        incident = self._wait(
            "an incident",
            lambda: Incident.objects.filter(profile=profile, kind=Incident.Kind.DRIFT).first(),
        )
        yield self._step("incident_opened", f"{incident} is opened", drift_began)

        self._wait(
            "the account to be down again",
            lambda: Incident.objects.filter(pk=incident.pk, contained_at__isnull=False).first(),
        )
        self._expect_platform_says(platform, account_id, "suspended")
        step = self._step("suspended_again", "It is down again, by standing approval", drift_began)
        if step.seconds > DRIFT_SECONDS_AT_MOST:
            raise StoryFailed(f"It was up for {step.seconds:.0f} s, more than a minute.")
        yield step

        incident_case = self._wait(
            "a case about the incident",
            lambda: Case.objects.filter(incidents=incident).first(),
        )
        hold = profile.holds.standing().get()
        for key, text, attempt in (
            ("refused_in_page", "in the page", self._restore_in_page),
            ("refused_by_api", "by API", self._restore_by_api),
            ("refused_by_sql", "by SQL", self._restore_by_sql),
        ):
            began = time.monotonic()
            answer = attempt(moderator, incident_case, profile)
            if hold.title not in answer:
                raise StoryFailed(f"The refusal {text} should name the hold: {answer[:300]}")
            yield self._step(key, f"A restore {text} is refused: {hold}", began)

        began = time.monotonic()
        self._sync(DELISTED)
        delisting = self._wait(
            "a case about the delisting",
            lambda: Case.objects.filter(
                kind=Case.Kind.DELISTING, profiles=profile, state=Case.State.OPEN
            ).first(),
        )
        if Enforcement.objects.filter(profile=profile, action="restore").exists():
            raise StoryFailed("A delisting must restore nothing.")
        self._expect_platform_says(platform, account_id, "suspended")
        yield self._step(
            "delisted", f"Delisted: {delisting.label} asks people. Nothing is restored", began
        )

    def _step(self, key: str, text: str, began: float) -> Step:
        now = time.monotonic()
        step = Step(key, text, round(now - began, 2), round(now - self.began, 2))
        self.steps.append(step)
        return step

    def _new_account(self) -> str:
        """Open an account for the play, so that it can be played again on the same desk."""
        account_id = f"story-{uuid.uuid4().hex[:8]}"
        self._operator(
            "POST",
            "accounts",
            {
                "accounts": [
                    {
                        "id": account_id,
                        "handle": f"kadyrov_{account_id[-4:]}",
                        "display_name": "Рамзан Кадыров",
                        "bio": "Глава Чеченской Республики. Родился 5 октября 1976 года.",
                        "country": "RU",
                        "followers": 3_200_000,
                        "verified": True,
                        "links": [],
                        "image_fingerprints": [],
                    }
                ]
            },
        )
        return account_id

    def _restore_on_the_platform(self, account_id: str) -> None:
        self._operator("POST", f"accounts/{account_id}/restore", {})

    def _operator(self, method: str, path: str, body: object) -> None:
        httpx.request(
            method,
            f"{self.record.sandbox_url}/operator/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.record.operator_token()}"},
            timeout=10,
        ).raise_for_status()

    def _sync(self, path: object) -> None:
        result = sync(actor=SEEDER, source=sample_source(), origins=[str(path)])
        if result.quarantined:
            raise StoryFailed(f"The sample list was quarantined: {result.reason}")

    def _sign_in(self, email: str) -> Reviewer:
        return Reviewer(web_url=self.record.web_url, email=email, password=self.record.password)

    def _restore_in_page(self, moderator: Reviewer, case: Case, profile: Profile) -> str:
        moderator.take_lease(case.number)
        answer = moderator.propose(
            case.number,
            {
                "outcome": "restore",
                "basis": moderator.policy_titled(case.number, "E.O. 13818"),
                "reason": "The owner asks for it.",
            },
        )
        if answer.status_code != httpx.codes.CONFLICT:
            raise StoryFailed(f"The page answered {answer.status_code} instead of 409.")
        return answer.text

    def _restore_by_api(self, moderator: Reviewer, case: Case, profile: Profile) -> str:
        person = User.objects.get(email=moderator.email)
        token, secret = tokens.create(
            actor=person,
            user=person,
            name=f"Story of {timezone.now():%H:%M:%S}",
            scopes=["cases.view_case", "cases.work_case", "cases.propose_decision"],
            days=1,
        )
        case.refresh_from_db()
        answer = httpx.post(
            f"{self.record.web_url}/api/v1/cases/{case.number}/decisions/",
            json={
                "outcome": "restore",
                "reasons": "The owner asks for it.",
                "policy": policies.applicable(["GLOMAG"]).get(code="glomag").pk,
                "based_on": case.version,
            },
            headers={"Authorization": f"Bearer {secret}"},
            timeout=30,
        )
        tokens.revoke(actor=person, token=token)
        if answer.status_code != httpx.codes.CONFLICT:
            raise StoryFailed(f"The API answered {answer.status_code}: {answer.text[:300]}")
        return answer.text

    def _restore_by_sql(self, moderator: Reviewer, case: Case, profile: Profile) -> str:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    """
                    INSERT INTO platforms_enforcement (profile_id, action, territory, state,
                        cause, reference, idempotency_key, created_at, next_attempt_at, attempts,
                        platform_reply, problem)
                    VALUES (%s, 'restore', '', 'approved', 'decision', 'by hand',
                        gen_random_uuid(), now(), now(), 0, '{}', '')
                    """,
                    [profile.pk],
                )
        except DatabaseError as error:
            return str(error)
        raise StoryFailed("The database took a restore while a hold stands.")

    def _wait_until_down(self, profile: Profile) -> None:
        def down() -> bool:
            profile.refresh_from_db()
            return profile.observed_state == ObservedState.SUSPENDED

        self._wait("the account to be read as down", down)
        confirmed = Enforcement.objects.filter(
            profile=profile, action="suspend", state=Enforcement.State.CONFIRMED
        )
        self._wait("the suspension to be confirmed", confirmed.exists)

    def _expect_platform_says(self, platform: Platform, account_id: str, state: str) -> None:
        """Ask the platform itself, whatever we believe."""
        with open_connector(
            platform.connector, base_url=platform.base_url, token_reference=platform.token_reference
        ) as connector:
            said = connector.read(external_id=account_id).state
        if said != state:
            raise StoryFailed(f"The platform says {said}, not {state}.")

    def _expect_state(self, case: Case, state: Case.State) -> None:
        case.refresh_from_db()
        if case.state != state:
            raise StoryFailed(f"{case.label} is “{case.get_state_display()}”, not “{state.label}”.")

    def _wait(self, what: str, look: Callable[[], Found | None]) -> Found:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.2)
        raise StoryFailed(f"Waited {PATIENCE_SECONDS} s for {what}.")
