from django.apps import AppConfig


class HoldfastConfig(AppConfig):
    """Settings, URLs and the commands that run the whole house; also the database roles."""

    name = "config"

    def ready(self) -> None:
        # shared_task binds to the current application: make it ours in every process.
        from config import celery  # noqa: F401  imported for that effect
