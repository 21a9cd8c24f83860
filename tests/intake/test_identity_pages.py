"""The desk's pages around an identity: who finds them, what they say, and what they never show."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, RoleGrant, User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from intake import access, reading
from intake.models import Report
from intake.models.vault import CustodianKey, IdentityRequest
from intake.receipts import Receipt
from intake.vault import custodians, requests
from tests.conftest import person, sign_in
from tests.intake.conftest import MARYAM, NARRATIVE, PASSPHRASE
from tests.intake.vault_builders import let_time_pass, released

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

Asked = tuple[IdentityRequest, Receipt]
WORDING = {"reason": "A court asks", "message": "A court asks us."}


def page(client: Client, name: str, *keys: object) -> str:
    return client.get(reverse(f"intake:{name}", args=keys)).content.decode()


def test_the_whole_way_by_the_pages(
    named: tuple[Receipt, Report], vault: list[User], coordinator: User, client: Client
) -> None:
    report = named[1]
    access.claim(actor=coordinator, report=report)
    sign_in(client, coordinator)
    assert reverse("intake:identity", args=[report.pk]) in page(client, "report", report.pk)
    shown = client.post(reverse("intake:ask_identity", args=[report.pk]), WORDING).content.decode()
    words = " ".join(re.findall(r'<li class="mono">(\w[\w-]*)</li>', shown))
    assert len(words.split()) == 10
    assert words.split()[0] not in page(client, "identity", report.pk)
    request = let_time_pass(IdentityRequest.objects.get(), hours=24)

    for custodian in vault[:2]:
        sign_in(client, custodian)
        assert "A court asks" in page(client, "custodians")
        assert "Agree to release it" in page(client, "identity_request", request.pk)
        address = reverse("intake:approve_identity", args=[request.pk])
        assert client.post(address, {"passphrase": PASSPHRASE}).status_code == 302

    sign_in(client, coordinator)
    assert MARYAM.name not in page(client, "identity", report.pk)
    address = reverse("intake:open_identity", args=[report.pk, request.pk])
    opened = client.post(address, {"words": words})
    assert MARYAM.name in opened.content.decode()
    assert opened["Cache-Control"] == "no-store"
    assert client.get(address).status_code == 405
    verbs = AuditEvent.objects.filter(object_id=str(report.pk)).values_list("verb", flat=True)
    assert {"request_identity", "approve_identity", "read_identity"} <= set(verbs)


def test_a_custodian_never_sees_a_word_of_the_report(
    asked: Asked, vault: list[User], client: Client
) -> None:
    sign_in(client, vault[0])
    seen = page(client, "custodians") + page(client, "identity_request", asked[0].pk)
    for secret in (NARRATIVE, "akhmat", "A court asks us.", str(asked[0].report_id), MARYAM.name):
        assert secret not in seen
    assert client.get(reverse("intake:report", args=[asked[0].report_id])).status_code == 404
    assert client.get(reverse("intake:reports")).status_code == 404


def test_no_report_is_shared_with_a_custodian(
    asked: Asked, vault: list[User], coordinator: User
) -> None:
    with pytest.raises(access.CannotShare, match="custodian"):
        access.share(
            actor=coordinator, report=asked[0].report, user=vault[0], reason="To judge better"
        )


def test_a_grant_from_before_opens_nothing_to_a_custodian(
    report: Report, coordinator: User, moderator: User, client: Client
) -> None:
    """Shown to fail by leaving custodians out of `Report.visible_to`."""
    access.claim(actor=coordinator, report=report)
    access.share(actor=coordinator, report=report, user=moderator, reason="Works on it")
    RoleGrant.objects.create(user=moderator, role=Role.CUSTODIAN, reason="Late shift")
    sign_in(client, moderator)
    assert client.get(reverse("intake:report", args=[report.pk])).status_code == 404
    read = client.post(reverse("intake:read", args=[report.pk]), {"reason": "To look"})
    assert read.status_code == 404
    with pytest.raises(NotAllowed):
        reading.read(actor=User.objects.get(pk=moderator.pk), report=report, reason="To look")
    with pytest.raises(NotAllowed):
        reading.read_summary(
            actor=User.objects.get(pk=moderator.pk), report=report, reason="To look"
        )


def test_to_everybody_else_a_request_is_not_there(
    asked: Asked, vault: list[User], other_coordinator: User, moderator: User, client: Client
) -> None:
    """Shown to fail by starting `IdentityRequest.visible_to` from every request."""
    without_a_key = person("No Key Yet", Role.CUSTODIAN)
    of_request = [
        reverse("intake:identity_request", args=[asked[0].pk]),
        reverse("intake:identity", args=[asked[0].report_id]),
    ]
    for user in (other_coordinator, moderator, without_a_key):
        sign_in(client, user)
        for address in of_request:
            assert client.get(address).status_code == 404
    sign_in(client, moderator)
    assert client.get(reverse("intake:custodians")).status_code == 404
    sign_in(client, vault[0])
    assert client.get(of_request[1]).status_code == 404


def test_a_wrong_passphrase_is_said_and_recorded(
    asked: Asked, vault: list[User], client: Client
) -> None:
    let_time_pass(asked[0], hours=24)
    sign_in(client, vault[0])
    address = reverse("intake:approve_identity", args=[asked[0].pk])
    answer = client.post(address, {"passphrase": "not this one at all"})
    assert answer.status_code == 422
    assert "does not unlock your key" in answer.content.decode()
    assert "not this one" not in answer.content.decode()
    refusals = AuditEvent.objects.filter(verb="refused", actor_user=vault[0])
    assert refusals.get().changes["rule"] == "vault_wrong_passphrase"


def test_agreeing_asks_for_a_fresh_confirmation(
    asked: Asked, vault: list[User], client: Client
) -> None:
    """Shown to fail by taking `fresh_second_factor` off `views.custodians.approve`."""
    let_time_pass(asked[0], hours=24)
    client.force_login(vault[0])
    address = reverse("intake:approve_identity", args=[asked[0].pk])
    assert client.post(address, {"passphrase": PASSPHRASE}).status_code == 302
    assert IdentityRequest.objects.get().first_approver is None


def test_a_key_whose_owner_lost_the_role_is_told(vault: list[User], client: Client) -> None:
    """A role may end at any time, and a key does not end with it."""
    sign_in(client, vault[0])
    assert "No custodian any more" not in page(client, "custodians")
    RoleGrant.objects.filter(user=vault[2]).update(ends_at=timezone.now())
    assert "No custodian any more" in page(client, "custodians")


def test_enrolling_asks_for_the_passphrase_twice(
    keys: object, quick_locks: None, client: Client
) -> None:
    sign_in(client, person("Ana Costa", Role.CUSTODIAN))
    assert "Nobody has enrolled" in page(client, "custodians")
    address = reverse("intake:enrol_custodian")
    wrong = client.post(address, {"passphrase": PASSPHRASE, "again": PASSPHRASE + "x"})
    assert wrong.status_code == 422
    assert "not the same" in wrong.content.decode()
    assert client.post(address, {"passphrase": "short", "again": "short"}).status_code == 422
    assert not CustodianKey.objects.exists()
    client.post(address, {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert CustodianKey.objects.get().state == CustodianKey.State.ACTIVE
    assert "1 in force, 3 are the least" in page(client, "custodians")


def test_the_ceremony_by_the_pages(
    named: tuple[Receipt, Report], vault: list[User], client: Client
) -> None:
    newcomer = person("Dana Ek", Role.CUSTODIAN)
    key = custodians.enrol(actor=newcomer, passphrase=PASSPHRASE)
    sign_in(client, newcomer)
    assert "Admit Dana Ek" in page(client, "custodians")
    assert "Begin as the first of two" not in page(client, "custodians")
    sign_in(client, vault[0])
    begin = reverse("intake:begin_admission", args=[key.pk])
    assert client.post(begin, {"second": newcomer.pk}).status_code == 422
    client.post(begin, {"second": vault[1].pk})
    custodians.enrol(actor=person("Eli Roth", Role.CUSTODIAN), passphrase=PASSPHRASE)
    assert "Another newcomer is being admitted first." in page(client, "custodians")
    for custodian in vault[:2]:
        sign_in(client, custodian)
        client.post(reverse("intake:reseal", args=[key.pk]), {"passphrase": PASSPHRASE})
    assert "intake_custodians publish" in page(client, "custodians")
    key.refresh_from_db()
    assert key.state == CustodianKey.State.JOINING


def test_a_refusal_ends_it_and_the_requester_reads_so(
    asked: Asked, vault: list[User], coordinator: User, client: Client
) -> None:
    sign_in(client, vault[0])
    refuse = reverse("intake:refuse_identity", args=[asked[0].pk])
    assert client.post(refuse, {"reason": ""}).status_code == 422
    client.post(refuse, {"reason": "Not enough"})
    sign_in(client, coordinator)
    said = page(client, "identity", asked[0].report_id)
    assert "Refused by a custodian" in said
    assert "Send the request" in said


def test_seeing_it_again_takes_the_words_each_time(
    asked: Asked, vault: list[User], coordinator: User, client: Client
) -> None:
    request = released(asked[0], *vault[:2])
    sign_in(client, coordinator)
    address = reverse("intake:open_identity", args=[request.report_id, request.pk])
    answer = client.post(address, {"words": "ten wrong words"})
    assert answer.status_code == 422
    assert "do not open it" in answer.content.decode()
    requests.withdraw(actor=coordinator, request=request)
    assert client.post(address, {"words": str(asked[1])}).status_code == 409
