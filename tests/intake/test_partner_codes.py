"""A partner's code puts a report first, counts once, and says nothing of who used it."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from accounts.actors import COMMAND_LINE
from accounts.models import AuditEvent, User
from intake import partners
from intake.models import PartnerCode, Report
from tests.conftest import sign_in
from tests.intake.attacker import dump, found
from tests.intake.conftest import send
from tests.intake.zone import Reporter, Zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NAME = "Vermilion Watch"


@pytest.fixture
def codes(keys: object) -> list[str]:
    partners.vet(actor=COMMAND_LINE, name=NAME, reason="Met in person, two references")
    return partners.issue(actor=COMMAND_LINE, name=NAME, count=3)


def send_with(reporter: Reporter, code: str) -> int:
    reporter.answer_questions()
    answer = reporter.sum()
    response = reporter.post("/en/form/", step="check", script="words", answer=answer, code=code)
    return reporter.follow(response).status_code


def test_a_code_is_used_once_and_the_answers_stay(codes: list[str], zone: Zone) -> None:
    """Shown to fail by looking for the code in `intake_spend_code` without deleting it."""
    assert send_with(zone.reporter(), codes[0].lower()) == 200
    assert Report.objects.get().from_partner
    second = zone.reporter()
    assert send_with(second, codes[0]) == 422
    assert "not valid or was used" in second.page
    assert "I saw it." in second.page
    assert Report.objects.count() == 1
    assert PartnerCode.objects.count() == 2


@pytest.mark.parametrize("typed", ["A" * 32, "nonsense", "ЯЯЯЯ", "=", "A" * 80])
def test_what_was_never_issued_is_refused(codes: list[str], reporter: Reporter, typed: str) -> None:
    assert send_with(reporter, typed) == 422
    assert not Report.objects.exists()


def test_a_report_without_a_code_is_as_welcome(codes: list[str], reporter: Reporter) -> None:
    assert send_with(reporter, "") == 200
    assert not Report.objects.get().from_partner


def test_one_code_sent_by_four_at_once_counts_for_one(codes: list[str], zone: Zone) -> None:
    senders = [zone.reporter() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda sender: send_with(sender, codes[0]), senders))
    assert sorted(answers) == [200, 422, 422, 422]


def test_a_dump_shows_neither_codes_nor_which_partner_sent_what(
    codes: list[str], reporter: Reporter
) -> None:
    send_with(reporter, codes[0])
    stolen = dump()
    for code in codes:
        assert not found(code, stolen)
        assert not found(code.replace("-", ""), stolen)
    named = {field.name for field in Report._meta.get_fields()}
    assert not named & {"partner", "organisation", "code"}


def test_codes_of_a_partner_that_was_ended_are_void(codes: list[str], reporter: Reporter) -> None:
    assert partners.end(actor=COMMAND_LINE, name=NAME, reason="Codes were sold") == 3
    assert send_with(reporter, codes[0]) == 422


def test_a_vouched_report_is_listed_first(
    codes: list[str], reporter: Reporter, coordinator: User, client: Client
) -> None:
    for _ in range(4):
        send()
    send_with(reporter, codes[0])
    listed = list(Report.objects.waiting().partners_first())
    assert [report.from_partner for report in listed] == [True, False, False, False, False]
    sign_in(client, coordinator)
    assert "A partner vouches for it" in client.get(reverse("intake:reports")).content.decode()


def test_the_command_vets_issues_and_ends(keys: object) -> None:
    said = StringIO()
    call_command("intake_partners", "vet", NAME, "--reason", "Met in person", stdout=said)
    call_command("intake_partners", "issue", NAME, "--count", "2", stdout=said)
    call_command("intake_partners", "end", NAME, "--reason", "Closed down", stdout=said)
    assert "2 codes are void" in said.getvalue()
    verbs = AuditEvent.objects.filter(object_type="partnerorganisation").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "vet_partner",
        "issue_codes",
        "end_partner",
    ]
    with pytest.raises(CommandError, match="Vet it first"):
        call_command("intake_partners", "issue", NAME)
