"""Rule 15: what may be seen starts from nothing, and is_superuser adds nothing to it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.utils import timezone

from accounts.models import User
from accounts.refusals import NotAllowed
from cases import evidence, leases, notes
from cases.models import Case, CaseGroupAccess, CaseUserAccess, Recusal
from tests.cases.builders import open_match_case
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden(db: None) -> Case:
    """A restricted case."""
    case = open_match_case()
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    case.refresh_from_db()
    return case


def sees(user: User, case: Case) -> bool:
    again = User.objects.get(pk=user.pk)
    return Case.objects.visible_to(again).filter(pk=case.pk).exists()


def view_permission() -> Permission:
    return Permission.objects.get(content_type__app_label="cases", codename="view_case")


def let_in(user: User, case: Case, **fields: object) -> CaseUserAccess:
    return CaseUserAccess.objects.create(
        content_object=case, user=user, permission=view_permission(), **fields
    )


def test_nobody_sees_a_restricted_case_without_a_grant(
    hidden: Case, moderator: User, senior: User, counsel: User, auditor: User, administrator: User
) -> None:
    for user in (moderator, senior, counsel, auditor, administrator):
        assert not sees(user, hidden)


@pytest.mark.parametrize("restricted", [True, False])
def test_a_superuser_without_a_role_sees_none(stranger: User, restricted: bool) -> None:
    case = open_match_case()
    Case.objects.filter(pk=case.pk).update(is_restricted=restricted)
    User.objects.filter(pk=stranger.pk).update(is_superuser=True, is_active=True)

    assert not sees(stranger, case)


def test_a_superuser_with_a_role_sees_no_restricted_case(hidden: Case, moderator: User) -> None:
    User.objects.filter(pk=moderator.pk).update(is_superuser=True)

    assert not sees(moderator, hidden)


def test_signed_out_sees_none() -> None:
    open_match_case()

    assert not Case.objects.visible_to(AnonymousUser()).exists()


def test_a_grant_opens_one_case_to_one_person(
    hidden: Case, moderator: User, other_moderator: User
) -> None:
    let_in(moderator, hidden)

    assert sees(moderator, hidden)
    assert not sees(other_moderator, hidden)


def test_a_grant_that_ended_is_none(hidden: Case, moderator: User) -> None:
    grant = let_in(moderator, hidden, ends_at=timezone.now() + timedelta(hours=1))
    assert sees(moderator, hidden)

    CaseUserAccess.objects.filter(pk=grant.pk).update(ends_at=timezone.now())

    assert not sees(moderator, hidden)


def test_a_grant_gives_no_role(hidden: Case, stranger: User, administrator: User) -> None:
    for user in (stranger, administrator):
        let_in(user, hidden)
        assert not sees(user, hidden)


def test_a_team_is_let_in_until_its_grant_ends(hidden: Case, moderator: User) -> None:
    team = Group.objects.create(name="Case team")
    moderator.groups.add(team)
    grant = CaseGroupAccess.objects.create(
        content_object=hidden, group=team, permission=view_permission()
    )
    assert sees(moderator, hidden)

    CaseGroupAccess.objects.filter(pk=grant.pk).update(ends_at=timezone.now())

    assert not sees(moderator, hidden)


def test_a_recusal_closes_any_case_whatever_else_was_given(hidden: Case, moderator: User) -> None:
    plain = open_match_case()
    let_in(moderator, hidden)
    for case in (plain, hidden):
        assert sees(moderator, case)
        Recusal.objects.create(case=case, user=moderator, reason="A relative")
        assert not sees(moderator, case)


def test_a_recusal_is_not_undone_by_sql(moderator: User) -> None:
    Recusal.objects.create(case=open_match_case(), user=moderator, reason="A relative")

    with refused_with("42501"):
        run_sql("DELETE FROM cases_recusal")


def test_every_verb_refuses_a_case_that_is_closed_to_the_person(
    hidden: Case, moderator: User
) -> None:
    kept = hidden.evidence.first()

    with pytest.raises(NotAllowed):
        leases.take_lease(actor=moderator, case=hidden)
    with pytest.raises(NotAllowed):
        notes.add_note(actor=moderator, case=hidden, text="Seen elsewhere")
    with pytest.raises(NotAllowed):
        evidence.view(actor=moderator, evidence=kept)
    assert not hidden.notes.exists()


def test_who_left_sees_none(moderator: User) -> None:
    case = open_match_case()
    assert sees(moderator, case)

    User.objects.filter(pk=moderator.pk).update(is_active=False)

    assert not sees(moderator, case)
