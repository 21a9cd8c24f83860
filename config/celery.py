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
    "sync the lists that are due": {
        "task": "sanctions.tasks.sync_due_sources",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "screen, and open cases": {
        "task": "cases.tasks.sweep",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "send what is due": {
        "task": "platforms.tasks.send_due_enforcements",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "read held profiles": {
        "task": "platforms.tasks.reconcile_due",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "read the accounts of platforms": {
        "task": "platforms.tasks.pull_due_platforms",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "find what was left behind": {
        "task": "platforms.tasks.sweep",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "erase what ended of reporters' visits": {
        "task": "intake.tasks.sweep_traces",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "find files that wait for a clean copy": {
        "task": "intake.tasks.find_files_to_clean",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "end releases of identities": {
        "task": "intake.tasks.end_releases",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "give every open case a reader": {
        "task": "cases.tasks.give_keepers",
        "schedule": crontab(minute="10"),
    },
    "end what reporters were promised to end": {
        "task": "intake.tasks.end_what_is_over",
        "schedule": crontab(hour="3", minute="20"),
    },
    "export the audit anchor": {
        "task": "accounts.tasks.export_audit_anchor",
        "schedule": crontab(hour="0", minute="5"),
    },
}
