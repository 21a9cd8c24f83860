"""A legal hold takes two people, ends, and binds us: never the reporter."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.actors import COMMAND_LINE
from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from intake import access, holds, inbox, reading, retention, rotation, terms
from intake.columns import today
from intake.models import KeyEpoch, KeyWrap, LegalHold, Report
from intake.receipts import Receipt
from intake.refusals import HoldRefused, NotYours
from intake.rotation import EpochInUse, Folders, NoHoldEpoch
from tests.conftest import sign_in
from tests.intake.conftest import NARRATIVE
from tests.intake.zone import Reporter, as_the_zone, url_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

Sent = tuple[Receipt, Report]
State = LegalHold.State
REASON = "Preservation order 12"


@pytest.fixture
def hold_epoch(keys: Folders) -> str:
    return rotation.begin_hold(actor=COMMAND_LINE, folders=keys)


@pytest.fixture
def claimed(sent: Sent, coordinator: User) -> Report:
    access.claim(actor=coordinator, report=sent[1])
    return sent[1]


@pytest.fixture
def proposed(claimed: Report, coordinator: User) -> LegalHold:
    return holds.propose(
        actor=coordinator, report=claimed, reason=REASON, ends_on=today() + timedelta(days=300)
    )


@pytest.fixture
def hold(proposed: LegalHold, counsel: User, hold_epoch: str) -> LegalHold:
    return holds.agree(actor=counsel, hold=proposed)


def move_into_the_past(report: Report, days: int) -> None:
    """Close a report so many days ago, and move its hold as far."""
    then = today() - timedelta(days=days)
    Report.objects.using("owner").filter(pk=report.pk).update(closed_on=then)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE intake_legalhold DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE intake_legalhold SET proposed_on = proposed_on - %s, ends_on = ends_on - %s",
            [days, days],
        )
        cursor.execute("ALTER TABLE intake_legalhold ENABLE TRIGGER USER")


def test_retention_leaves_a_held_report_and_takes_it_when_the_hold_ends(
    hold: LegalHold, coordinator: User
) -> None:
    """Shown to fail by leaving the holds out of `retention._due_reports`."""
    report = hold.report
    reading.close(actor=coordinator, report=report, outcome=Report.Outcome.ACTED)
    move_into_the_past(report, terms.CLOSED_DAYS + 1)
    assert retention.due().reports == 0
    assert retention.expire(actor=COMMAND_LINE).reports == 0
    move_into_the_past(report, 300)
    assert retention.expire(actor=COMMAND_LINE).reports == 1
    assert not Report.objects.exists()
    assert AuditEvent.objects.filter(verb="expire_hold").count() == 1


def test_a_proposal_alone_holds_nothing(
    proposed: LegalHold, claimed: Report, coordinator: User
) -> None:
    reading.close(actor=coordinator, report=claimed, outcome=Report.Outcome.ACTED)
    Report.objects.using("owner").update(closed_on=today() - timedelta(days=terms.CLOSED_DAYS + 1))
    assert retention.due().reports == 1


def test_the_key_moves_to_the_hold_epoch_and_stays_through_rotations(
    hold: LegalHold, hold_epoch: str, keys: Folders, coordinator: User
) -> None:
    """Shown to fail by leaving the holds out of `rotation._rewrap_batch`."""
    rotation.begin_next(actor=COMMAND_LINE, folders=keys)
    assert rotation.rewrap_all(actor=COMMAND_LINE, folders=keys) == 0
    assert KeyWrap.objects.get(holder="desk").kid == hold_epoch
    opened = reading.read(actor=coordinator, report=hold.report, reason="To check")
    assert opened.narrative == NARRATIVE

    holds.end(actor=coordinator, hold=hold, reason="The order was lifted")
    assert rotation.rewrap_all(actor=COMMAND_LINE, folders=keys) == 1
    opened = reading.read(actor=coordinator, report=hold.report, reason="To check")
    assert opened.narrative == NARRATIVE


def test_the_hold_epoch_is_not_destroyed_while_it_is_needed(
    hold: LegalHold, hold_epoch: str, keys: Folders, coordinator: User
) -> None:
    """Not even where the report is named. Shown to fail by leaving the check out of `destroy`."""
    named = {hold.report_id}
    with pytest.raises(EpochInUse, match="legal hold"):
        rotation.destroy(actor=COMMAND_LINE, folders=keys, kid=hold_epoch, may_be_lost=named)
    holds.end(actor=coordinator, hold=hold, reason="The order was lifted")
    rotation.rewrap_all(actor=COMMAND_LINE, folders=keys)
    rotation.destroy(actor=COMMAND_LINE, folders=keys, kid=hold_epoch, may_be_lost=set())
    assert not list(keys.private.rglob("hold-*"))
    assert not list(keys.public.rglob("hold-*"))


def test_nothing_new_is_sealed_for_a_hold_epoch(hold_epoch: str, sent: Sent) -> None:
    assert not KeyWrap.objects.filter(kid=hold_epoch).exists()
    states = {line.kid: line.state for line in rotation.status()}
    assert states.pop(hold_epoch) == "for holds"
    assert list(states.values()) == ["in use"]


def test_without_a_hold_epoch_nothing_is_agreed_to(proposed: LegalHold, counsel: User) -> None:
    with pytest.raises(NoHoldEpoch, match="intake_keys hold"):
        holds.agree(actor=counsel, hold=proposed)
    proposed.refresh_from_db()
    assert proposed.state == State.PROPOSED


def test_the_reporter_reads_of_it_and_deletes_all_the_same(
    hold: LegalHold, sent: Sent, reporter: Reporter
) -> None:
    """The form promised that they can, at any time. Shown to fail by refusing `intake_erase`."""
    reporter.open_inbox(str(sent[0]))
    assert "The law makes us keep your report" in reporter.page
    assert "You can delete it all the same" in reporter.page
    reporter.post("/en/inbox/", act="delete")
    reporter.post("/en/inbox/", act="delete", sure="yes")
    assert not Report.objects.exists()
    assert not LegalHold.objects.exists()


def test_without_a_hold_the_inbox_says_nothing_of_one(sent: Sent, keys: Folders) -> None:
    with as_the_zone():
        assert inbox.read(inbox.open_with(sent[0])).held_until is None


def test_it_ends_within_a_year(claimed: Report, coordinator: User) -> None:
    for days in (-1, 0, terms.HOLD_DAYS_AT_MOST + 1):
        with pytest.raises(HoldRefused):
            holds.propose(
                actor=coordinator,
                report=claimed,
                reason=REASON,
                ends_on=today() + timedelta(days=days),
            )


def test_only_who_holds_the_report_proposes_and_only_counsel_agrees(
    proposed: LegalHold, coordinator: User, other_coordinator: User, senior: User, hold_epoch: str
) -> None:
    with pytest.raises(NotYours):
        holds.propose(
            actor=other_coordinator,
            report=proposed.report,
            reason=REASON,
            ends_on=today() + timedelta(days=9),
        )
    for who in (coordinator, senior):
        with pytest.raises(NotAllowed):
            holds.agree(actor=who, hold=proposed)


def refused(statement: str) -> str:
    with psycopg.connect(url_of("desk")) as connected:
        try:
            connected.execute(statement)
        except psycopg.Error as error:
            return error.sqlstate or ""
    return "done"


IN_FORCE = "UPDATE intake_legalhold SET state = 'in_force', agreed_by_id = {0}"


def test_by_sql_no_hold_begins_with_one_person_or_without_counsel(
    proposed: LegalHold, coordinator: User, senior: User
) -> None:
    """Shown to fail by dropping the trigger `legal_hold_guard` and the CHECK beside it."""
    assert refused(IN_FORCE.format(coordinator.pk)) == "HF023"
    assert refused(IN_FORCE.format(senior.pk)) == "HF023"
    assert refused("UPDATE intake_legalhold SET state = 'in_force'") == "HF023"
    assert refused("UPDATE intake_legalhold SET ends_on = ends_on + 1") == "42501"
    assert refused("DELETE FROM intake_legalhold") == "42501"


def test_by_sql_an_ended_hold_does_not_come_back(hold: LegalHold, counsel: User) -> None:
    holds.end(actor=counsel, hold=hold, reason="The order was lifted")
    assert refused("UPDATE intake_legalhold SET state = 'in_force'") == "HF023"


def test_by_the_pages(
    claimed: Report, coordinator: User, counsel: User, hold_epoch: str, client: Client
) -> None:
    sign_in(client, coordinator)
    here = reverse("intake:hold", args=[claimed.pk])
    propose = reverse("intake:propose_hold", args=[claimed.pk])
    assert client.post(propose, {"reason": REASON, "ends_on": "2020-01-01"}).status_code == 422
    until = today() + timedelta(days=30)
    client.post(propose, {"reason": REASON, "ends_on": until.isoformat()})
    assert "Nothing is held before legal counsel agrees" in client.get(here).content.decode()

    hold = LegalHold.objects.get()
    sign_in(client, counsel)
    listed = client.get(reverse("intake:holds")).content.decode()
    assert REASON in listed
    assert str(claimed.pk) not in listed
    assert client.get(here).status_code == 404
    client.post(reverse("intake:agree_hold", args=[hold.pk]))
    hold.refresh_from_db()
    assert hold.state == State.IN_FORCE
    refuse = reverse("intake:refuse_hold", args=[hold.pk])
    assert "End the hold" in client.get(refuse).content.decode()

    sign_in(client, coordinator)
    end = reverse("intake:end_hold", args=[claimed.pk, hold.pk])
    assert client.post(end, {"reason": ""}).status_code == 422
    client.post(end, {"reason": "The order was lifted"})
    hold.refresh_from_db()
    assert hold.state == State.ENDED
    assert not KeyEpoch.objects.filter(destroyed_on__isnull=False).exists()


def test_counsel_refuses_with_a_reason(proposed: LegalHold, counsel: User, client: Client) -> None:
    sign_in(client, counsel)
    refuse = reverse("intake:refuse_hold", args=[proposed.pk])
    assert client.post(refuse, {"reason": ""}).status_code == 422
    client.post(refuse, {"reason": "No such order"})
    proposed.refresh_from_db()
    assert proposed.state == State.REFUSED
    assert client.get(refuse).status_code == 404


def test_to_everybody_else_there_are_no_holds(
    proposed: LegalHold, moderator: User, senior: User, client: Client
) -> None:
    for who in (moderator, senior):
        sign_in(client, who)
        assert client.get(reverse("intake:holds")).status_code == 404
        assert client.post(reverse("intake:agree_hold", args=[proposed.pk])).status_code == 404
