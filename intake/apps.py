from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The people who report: sealed reports, receipts, and what the desk may do with them."""

    name = "intake"
