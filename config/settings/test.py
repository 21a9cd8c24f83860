"""Settings under pytest: real PostgreSQL and Redis, quick password hashing."""

from config.settings.dev import *  # noqa: F403  a settings module extends another this way

# Argon2 is slow on purpose. Tests sign in hundreds of people.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A test's data need not survive a power cut.
for database in DATABASES.values():  # noqa: F405
    database["OPTIONS"] = {**database["OPTIONS"], "options": "-c synchronous_commit=off"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
