"""The list of cases says of each one what its serializer, and so the document, says."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from accounts.models import User
from cases import leases
from cases.api.listing import listed
from cases.api.serializers import CaseSerializer
from cases.models import Case, CaseProfile
from tests.cases.builders import held_profile, make_designation, make_profile, open_match_case
from tests.cases.queue_cases import add_cases

pytestmark = pytest.mark.django_db


def as_sent(data: object) -> bytes:
    sent: bytes = JSONRenderer().render(data)
    return sent


def test_it_equals_the_serializer_for_every_kind_of_row(moderator: User) -> None:
    bare = add_cases(1)[0]
    leased = open_match_case(make_profile(handle="of_a_lease", reach=12))
    leases.take_lease(actor=moderator, case=leased)
    about_two = open_match_case(held_profile(moderator), make_designation("OTHER, Name"))
    CaseProfile.objects.create(
        case=about_two, profile=make_profile(handle="second"), is_primary=False
    )
    ended = add_cases(
        1, lease_holder=moderator, lease_ends_at=timezone.now() - timedelta(minutes=1)
    )[0]
    decided = add_cases(1, state=Case.State.CLOSED, closed_at=timezone.now(), assignee=moderator)[0]
    wanted = [bare.pk, leased.pk, about_two.pk, ended.pk, decided.pk]
    cases = list(
        Case.objects.filter(pk__in=wanted)
        .select_related("assignee", "lease_holder")
        .order_by("number")
    )

    shown = listed(cases)

    assert len(shown) == 5
    assert as_sent(shown) == as_sent(CaseSerializer(cases, many=True).data)
