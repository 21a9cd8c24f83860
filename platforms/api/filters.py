"""What the lists of this room can be narrowed to."""

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters

from platforms.models import Hold, Incident, ObservedState, Profile


class KeyFilter(filters.NumberFilter):
    """The key of a row: a whole number, where a plain number filter would cut 1.5 to 1."""

    field_class = forms.IntegerField


class ProfileFilter(filters.FilterSet):
    platform = filters.CharFilter(field_name="platform__slug", help_text="Its slug")
    external_id = filters.CharFilter(help_text="The platform's own id")
    handle = filters.CharFilter(help_text="As it is written, without @")
    held = filters.BooleanFilter(field_name="is_held", help_text="Whether a hold stands")
    state = filters.ChoiceFilter(
        field_name="observed_state",
        choices=ObservedState.choices,
        help_text="As it was last read",
    )

    class Meta:
        model = Profile
        fields: list[str] = []


class HoldFilter(filters.FilterSet):
    profile = KeyFilter(field_name="profile_id")
    standing = filters.BooleanFilter(
        method="narrow_to_standing", help_text="False: the ones that were released"
    )
    kind = filters.ChoiceFilter(choices=Hold.Kind.choices)
    source = filters.CharFilter(help_text="Which list, court or policy")
    entry_key = filters.CharFilter(help_text="Which entry, order or case there")

    class Meta:
        model = Hold
        fields: list[str] = []

    def narrow_to_standing(
        self, queryset: QuerySet[Hold], name: str, value: bool
    ) -> QuerySet[Hold]:
        return queryset.filter(released_at__isnull=value)


class IncidentFilter(filters.FilterSet):
    profile = KeyFilter(field_name="profile_id")
    state = filters.ChoiceFilter(choices=Incident.State.choices)
    kind = filters.ChoiceFilter(choices=Incident.Kind.choices)
    needs_people = filters.BooleanFilter(help_text="Standing approval is used up")

    class Meta:
        model = Incident
        fields: list[str] = []
