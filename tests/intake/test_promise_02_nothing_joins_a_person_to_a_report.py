"""Promise 2: no key, row, log or session in the database joins a person to a report they sent."""

import uuid

import pytest
from django.apps import apps
from django.db import connections, models

from intake.models import (
    Attachment,
    Identity,
    IdentityShare,
    KeyWrap,
    Message,
    Report,
    SpentChallenge,
)
from tests.intake.attacker import dump, every_value
from tests.intake.zone import Reporter

# Who of the desk may open a report is recorded, who asked who sent it, and who agreed. Nobody of
# the desk sent it.
STAFF_KEYS = {
    ("intake_reportgrant", "user_id"),
    ("intake_reportgrant", "granted_by_id"),
    ("intake_custodiankey", "user_id"),
    ("intake_custodiankey", "first_resealer_id"),
    ("intake_custodiankey", "second_resealer_id"),
    ("intake_identityrequest", "requester_id"),
    ("intake_identityrequest", "first_approver_id"),
    ("intake_identityrequest", "second_approver_id"),
    ("intake_identityrequest", "refused_by_id"),
    ("intake_legalhold", "proposed_by_id"),
    ("intake_legalhold", "agreed_by_id"),
}


def test_no_key_leads_from_a_report_to_a_person() -> None:
    """Shown to fail by giving `Report` a foreign key `created_by`."""
    outward = {
        (model._meta.db_table, field.column)
        for model in apps.get_app_config("intake").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.model._meta.app_label != "intake"
    }
    assert outward == STAFF_KEYS


def test_nothing_of_a_report_knows_more_than_a_day() -> None:
    """Shown to fail by making `Message.day` a `DateTimeField`."""
    models_of_reports = (
        Report,
        KeyWrap,
        Message,
        Attachment,
        Identity,
        IdentityShare,
        SpentChallenge,
    )
    for model in models_of_reports:
        for field in model._meta.concrete_fields:
            assert not isinstance(field, models.DateTimeField), f"{model.__name__}.{field.name}"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_keys_are_random_and_nothing_counts_up(reporter: Reporter) -> None:
    reporter.report()
    for model in (Report, KeyWrap):
        for row in model.objects.all():
            assert row.pk.version == 4
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_name IN "
            "('intake_report', 'intake_keywrap', 'intake_message', 'intake_attachment') AND "
            "(is_identity = 'YES' OR column_default LIKE 'nextval%')"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_reporters_visit_leaves_no_row_outside_this_room(reporter: Reporter) -> None:
    """Shown to fail by recording an audit event in `submission.submit`.

    The record of the desk holds full times: an event of the reporter's would tell when they came.
    """
    before = _rows_elsewhere()
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    reporter.post("/en/inbox/", act="write", text="One more thing")
    reporter.get("/leave/")
    assert _rows_elsewhere() == before


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_receipt_and_the_cookie_are_in_no_dump(reporter: Reporter) -> None:
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    stolen = dump()
    assert receipt.encode() not in stolen
    assert reporter.cookies["__Host-form"].encode() not in stolen
    kept = [value for _, _, value in every_value("intake") if isinstance(value, uuid.UUID)]
    assert kept


def _rows_elsewhere() -> dict[str, int]:
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label != "intake" and model._meta.managed
    }
