"""What the lists of this room can be narrowed to."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from platforms.api.filters import KeyFilter
from sanctions.models import Designation, ListVersion, Match


class MatchFilter(filters.FilterSet):
    profile = KeyFilter(field_name="profile_id")
    designation = KeyFilter(field_name="designation_id")
    adjudication = filters.ChoiceFilter(choices=Match.Adjudication.choices)

    class Meta:
        model = Match
        fields: list[str] = []


class DesignationFilter(filters.FilterSet):
    source = filters.CharFilter(field_name="source__slug", help_text="Its slug")
    entry_key = filters.CharFilter(help_text="The publisher's own number")
    kind = filters.ChoiceFilter(choices=Designation.Kind.choices)
    listed = filters.BooleanFilter(
        method="narrow_to_listed", help_text="False: the ones that were delisted"
    )

    class Meta:
        model = Designation
        fields: list[str] = []

    def narrow_to_listed(
        self, queryset: QuerySet[Designation], name: str, value: bool
    ) -> QuerySet[Designation]:
        return queryset.filter(delisted_at__isnull=value)


class ListVersionFilter(filters.FilterSet):
    source = filters.CharFilter(field_name="source__slug", help_text="Its slug")
    state = filters.ChoiceFilter(choices=ListVersion.State.choices)

    class Meta:
        model = ListVersion
        fields: list[str] = []
