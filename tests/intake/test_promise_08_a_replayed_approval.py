"""Promise 8: an approval counts for one request and once, whoever replays it and however."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from intake import access, envelopes
from intake.models import Report
from intake.models.vault import IdentityRequest
from intake.receipts import Receipt
from intake.refusals import NotReadable
from intake.vault import requests, sealing
from intake.vault.refusals import CannotApprove
from tests.conftest import sign_in
from tests.intake.conftest import MARYAM, PASSPHRASE, send
from tests.intake.vault_builders import let_time_pass, released, unguarded

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

Asked = tuple[IdentityRequest, Receipt]


def transplant(source: IdentityRequest, target: IdentityRequest, **also: object) -> None:
    """Copy the approvals of one request into another, with every guard taken off."""
    copied = {
        name: getattr(source, name)
        for name in ("first_approver", "first_half", "second_approver", "second_half")
    }
    with unguarded():
        IdentityRequest.objects.using("owner").filter(pk=target.pk).update(
            **copied, state="released", visible_until=source.visible_until, **also
        )


def another_request(coordinator: User) -> Asked:
    _, report = send(identity=MARYAM)
    access.claim(actor=coordinator, report=report)
    return requests.ask(actor=coordinator, report=report, reason="Another", message="Another")


def test_approvals_of_one_report_open_no_other(
    asked: Asked, vault: list[User], coordinator: User
) -> None:
    """It holds three times: by the one-time key, by the binding, and by the identity's own key."""
    agreed = released(asked[0], *vault[:2])
    other, words = another_request(coordinator)
    transplant(agreed, other)
    with pytest.raises(NotReadable):
        requests.open_identity(actor=coordinator, request=other, words=str(words))


def test_not_even_with_the_first_requests_one_time_key(
    asked: Asked, vault: list[User], coordinator: User
) -> None:
    """The words of the first request lock the first one's key, bound to its id."""
    agreed = released(asked[0], *vault[:2])
    other, _ = another_request(coordinator)
    transplant(
        agreed,
        other,
        one_time_private=agreed.one_time_private,
        one_time_public=agreed.one_time_public,
    )
    with pytest.raises(requests.WrongWords):
        requests.open_identity(actor=coordinator, request=other, words=str(asked[1]))


def test_approvals_of_an_ended_request_count_for_no_later_one(
    named: tuple[Receipt, Report], asked: Asked, vault: list[User], coordinator: User
) -> None:
    """The requester kept the halves and the first key, and locks that key with their new words.

    It is the same report and the same one-time key: only the request's id is another. Shown to
    fail by leaving the request out of `requests._place`.
    """
    agreed = released(asked[0], *vault[:2])
    private = requests._one_time_private(agreed, str(asked[1]))
    requests.withdraw(actor=coordinator, request=agreed)
    later, words = requests.ask(actor=coordinator, report=named[1], reason="Again", message="Again")
    relocked = envelopes.seal_bytes(
        sealing.words_key(str(words), later.pk),
        private,
        requests._place(later, "one_time_private").binding(),
    )
    transplant(agreed, later, one_time_private=relocked, one_time_public=agreed.one_time_public)
    with pytest.raises(NotReadable):
        requests.open_identity(actor=coordinator, request=later, words=str(words))


def test_the_first_half_does_not_serve_as_the_second(
    asked: Asked, vault: list[User], coordinator: User
) -> None:
    """Shown to fail by leaving the column out of `requests._place`."""
    agreed = released(asked[0], *vault[:2])
    with unguarded():
        IdentityRequest.objects.using("owner").update(
            first_half=agreed.second_half, second_half=agreed.first_half
        )
    with pytest.raises(NotReadable):
        requests.open_identity(actor=coordinator, request=agreed, words=str(asked[1]))


def test_the_same_form_sent_twice_counts_once(
    asked: Asked, vault: list[User], client: Client
) -> None:
    """Shown to fail by leaving `first_approver == actor` and its CHECK out."""
    let_time_pass(asked[0], hours=24)
    sign_in(client, vault[0])
    address = reverse("intake:approve_identity", args=[asked[0].pk])
    answers = [client.post(address, {"passphrase": PASSPHRASE}).status_code for _ in range(2)]
    assert answers == [302, 409]
    request = IdentityRequest.objects.get()
    assert (request.state, request.approvals) == (IdentityRequest.State.PENDING, 1)
    assert AuditEvent.objects.filter(verb="approve_identity").count() == 1


def test_nothing_is_approved_again_once_released(asked: Asked, vault: list[User]) -> None:
    released(asked[0], *vault[:2])
    with pytest.raises(CannotApprove):
        requests.approve(actor=vault[2], request=asked[0], passphrase=PASSPHRASE)
