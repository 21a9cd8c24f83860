"""The inventory of sealed columns is complete, and everything beside it is harmless."""

from django.apps import apps

from intake.columns import SealedField
from intake.inventory import SEALED_COLUMNS
from intake.models import Attachment, Identity, IdentityShare, KeyWrap, Message, Report

# What may be read in a dump of a report, column by column.
PLAIN = {
    Report: {
        "id",
        "lookup_digest",
        "day",
        "waiting_since",
        "state",
        "outcome",
        "closed_on",
        "from_partner",
    },
    KeyWrap: {"id", "report_id", "holder", "kid", "day"},
    Attachment: {
        "id",
        "report_id",
        "session_id",
        "state",
        "tries",
        "original",
        "cleaned",
        "is_recorded",
    },
    Message: {"id", "report_id", "number", "from_desk", "day"},
    Identity: {"id", "report_id"},
    IdentityShare: {"id", "identity_id", "key", "partner", "part"},
}


def test_every_sealed_column_is_in_the_inventory() -> None:
    declared = {(column.table, column.column) for column in SEALED_COLUMNS}
    in_models = {
        (model._meta.db_table, field.column)
        for model in apps.get_app_config("intake").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedField)
    }
    assert declared == in_models


def test_nothing_of_a_report_is_kept_in_the_clear_but_what_is_named_here() -> None:
    for model, plain in PLAIN.items():
        clear = {
            field.column
            for field in model._meta.concrete_fields
            if not isinstance(field, SealedField)
        }
        assert clear == plain
