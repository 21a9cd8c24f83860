"""Settings of a measurement: as on a developer's machine, with nothing shared but the servers."""

from config.settings.dev import *  # noqa: F403  a settings module extends another this way

# A hint that is sent while something is measured must reach no worker of a running demo.
CELERY_BROKER_URL = "memory://"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# The pages are asked as fast as they answer. The limit on callers is no part of their cost.
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}  # noqa: F405
# A refusal that is measured on purpose is no news.
LOGGING["handlers"]["console"]["level"] = "ERROR"  # noqa: F405
