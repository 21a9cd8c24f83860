"""Take in profiles: a batch in, what became of each row out, the screening on its way.

Reading profiles belongs to `platforms`. Taking them lives here, because what follows from
them (screening, cases) is composed by this room.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import caller
from accounts.models import User
from cases import tasks
from cases.api.requests import ProfileBatchRequest
from platforms.api.views import ProfileViewSet
from platforms.models import Platform, Profile
from platforms.profiles import FIELD_NAMES, upsert_profiles

# What this API calls a field, and what a row of `platforms.profiles` calls it.
ROW_NAMES = {"external_id": "id"} | {ours: theirs for theirs, ours in FIELD_NAMES.items()}
API_NAMES = {theirs: ours for ours, theirs in ROW_NAMES.items()}

HINT_EXPIRES_SECONDS = 60

Result = Literal["created", "changed", "unchanged", "refused"]


@dataclass(frozen=True)
class RowReport:
    """What became of one row."""

    index: int
    external_id: str
    result: Result
    profile: int | None = None
    version: int | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


class RowReportSerializer(serializers.Serializer[RowReport]):
    index = serializers.IntegerField(help_text="Its place in the batch, from 0")
    external_id = serializers.CharField(help_text="Empty where the row gave none")
    result = serializers.ChoiceField(choices=["created", "changed", "unchanged", "refused"])
    profile = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField(  # type: ignore[assignment]  # of the row that is shown
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Why it was refused, by field",
    )


class BatchReportSerializer(serializers.Serializer[Any]):
    """What a batch did, and what became of each row, in the order they came."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = RowReportSerializer(many=True)


class ProfileBatchViewSet(ProfileViewSet):
    """Accounts on the platforms, as they were last seen."""

    permissions = ProfileViewSet.permissions | {"create": "platforms.record_profiles"}

    @extend_schema(request=ProfileBatchRequest, responses={200: BatchReportSerializer})
    def create(self, request: Request) -> Response:
        """Take a batch of at most 1,000 accounts of one platform.

        The answer is 200 even where rows were refused: each is reported with its index and
        its errors by field, and the others are taken. Sending a batch twice changes nothing.
        New and changed profiles are screened in the background.
        """
        asked = ProfileBatchRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = take_batch(actor=caller(request), **asked.validated_data)
        counts = {
            result: sum(row.result == result for row in rows)
            for result in ("created", "changed", "unchanged", "refused")
        }
        return Response(BatchReportSerializer({**counts, "rows": rows}).data)


@transaction.atomic
def take_batch(*, actor: User, platform: Platform, profiles: list[Any]) -> list[RowReport]:
    """Take the rows that can be taken and have them screened. The queries do not grow with them."""
    reports: list[RowReport] = []
    places: list[int] = []
    readable: list[Mapping[str, Any]] = []
    for index, row in enumerate(profiles):
        if unknown := _unknown_names(row):
            errors = {name: ["There is no such field."] for name in unknown}
            reports.append(RowReport(index, _id_of(row), "refused", errors=errors))
        else:
            places.append(index)
            readable.append(_as_row(row))
    taken = upsert_profiles(actor=actor, platform=platform, rows=readable)
    refused = {places[error.index]: error for error in taken.errors}
    reports += [
        RowReport(index, error.external_id, "refused", errors=_by_field(error.message))
        for index, error in refused.items()
    ]
    renewed = set(taken.profile_ids)
    kept = _profiles_of(platform, (_id_of(profiles[n]) for n in places if n not in refused))
    for index in places:
        if index not in refused:
            profile = kept[_id_of(profiles[index])]
            result: Result = "unchanged"
            if profile.pk in renewed:
                result = "created" if profile.version_number == 1 else "changed"
            reports.append(
                RowReport(index, profile.external_id, result, profile.pk, profile.version_number)
            )
    if renewed:
        hint = partial(tasks.sweep.apply_async, expires=HINT_EXPIRES_SECONDS)
        # Robust: a broker that is away must not fail what was committed. Beat sweeps as well.
        transaction.on_commit(hint, robust=True)
    return sorted(reports, key=lambda report: report.index)


def _profiles_of(platform: Platform, external_ids: Iterable[str]) -> dict[str, Profile]:
    found = Profile.objects.filter(platform=platform, external_id__in=list(external_ids))
    return {profile.external_id: profile for profile in found.only("external_id", "version_number")}


def _unknown_names(row: Any) -> list[str]:
    return sorted(set(row) - ROW_NAMES.keys()) if isinstance(row, Mapping) else []


def _as_row(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {ROW_NAMES[name]: value for name, value in row.items()}


def _id_of(row: Mapping[str, Any]) -> str:
    external_id = row.get("external_id")
    return external_id[:255] if isinstance(external_id, str) else ""


def _by_field(message: str) -> dict[str, list[str]]:
    """A refused row says `field: why`, or only why where it is no row at all."""
    name, separator, text = message.partition(": ")
    if separator and name in API_NAMES:
        return {API_NAMES[name]: [text[:1].upper() + text[1:]]}
    return {"row": [message]}
