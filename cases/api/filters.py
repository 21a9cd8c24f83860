"""What decisions and policies can be narrowed to. Cases have the filters of the queue."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters

from cases.models import Decision, Policy
from cases.models.policies import PolicyQuerySet
from platforms.api.filters import KeyFilter


class DecisionFilter(filters.FilterSet):
    case = KeyFilter(field_name="case_id", help_text="The case's number")
    profile = KeyFilter(field_name="profile_id")
    state = filters.ChoiceFilter(choices=Decision.State.choices)
    outcome = filters.ChoiceFilter(choices=Decision.Outcome.choices)

    class Meta:
        model = Decision
        fields: list[str] = []


class PolicyFilter(filters.FilterSet):
    in_force = filters.BooleanFilter(
        method="narrow_to_in_force", help_text="Whether it counts today"
    )

    class Meta:
        model = Policy
        fields: list[str] = []

    def narrow_to_in_force(
        self, queryset: PolicyQuerySet, name: str, value: bool
    ) -> QuerySet[Policy]:
        today = Policy.objects.in_force(timezone.localdate())
        return queryset.filter(pk__in=today) if value else queryset.exclude(pk__in=today)
