"""The Celery application: queues and the beat schedule. The work is in the rooms."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("holdfast")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "seal audit events": {
        "task": "accounts.tasks.seal_audit_events",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "export the audit anchor": {
        "task": "accounts.tasks.export_audit_anchor",
        "schedule": crontab(hour="0", minute="5"),
    },
}
