from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The people who work here: roles, sign-in, the record."""

    name = "accounts"

    def ready(self) -> None:
        # drf-spectacular finds an extension by its import.
        from accounts.api import schema  # noqa: F401  imported for that effect
        from accounts.sign_in_events import connect

        connect()
