"""The database keeps what a list said, whoever asks it to forget."""

import pytest
from django.db import DatabaseError, transaction

from accounts.actors import LIST_SYNC
from sanctions.models import Designation, DesignationVersion, ListVersion, Source
from sanctions.sync import sync
from tests.sanctions.files import BEFORE


@pytest.fixture
def synced(sdn: Source) -> Source:
    sync(actor=LIST_SYNC, source=sdn, origins=[str(BEFORE)])
    return sdn


@pytest.mark.parametrize("model", [Designation, DesignationVersion, ListVersion])
def test_nothing_of_a_list_can_be_deleted(synced: Source, model: type) -> None:
    count = model.objects.count()

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")
    assert model.objects.count() == count


def test_what_a_version_says_cannot_be_rewritten(synced: Source) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        DesignationVersion.objects.update(content={"primary_name": "SOMEBODY ELSE"})


def test_a_version_that_ended_cannot_be_opened_again(synced: Source) -> None:
    version = DesignationVersion.objects.first()
    DesignationVersion.objects.filter(pk=version.pk).update(valid_to=version.valid_from)

    with pytest.raises(DatabaseError), transaction.atomic():
        DesignationVersion.objects.filter(pk=version.pk).update(valid_to=None)


def test_a_quarantine_cannot_be_turned_into_an_acceptance(synced: Source) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        ListVersion.objects.update(state=ListVersion.State.QUARANTINED, reason_code="shrunk")
