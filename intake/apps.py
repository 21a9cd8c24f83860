from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The people who report: sealed reports, receipts, and what the desk may do with them."""

    name = "intake"
    default = True


class PeopleOfTheZone(AppConfig):
    """The accounts room as the reports' side needs it: its tables, and nobody who signs in."""

    name = "accounts"
