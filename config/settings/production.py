"""Production: nothing embedded, nothing by default, nothing over plain HTTP."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.services import uses_embedded_services
from config.settings.base import *  # noqa: F403  a settings module extends another this way
from config.settings.base import env

if uses_embedded_services():
    raise ImproperlyConfigured(
        "Production does not run on the embedded services. Set DATABASE_URL and "
        "CELERY_BROKER_URL (docs/operations.md)."
    )
if not env("DATABASE_OWNER_URL", default=""):
    raise ImproperlyConfigured(
        "Set DATABASE_OWNER_URL to the role that owns the tables. The application's own role "
        "must not own them: the guards on holds and on the audit trail rest on that."
    )
for name in ("INTAKE_PUBLIC_KEYS", "INTAKE_PRIVATE_KEYS"):
    if not env(name, default=""):
        raise ImproperlyConfigured(
            f"Set {name} to a directory outside the project. Without it the keys of confidential "
            "reports would lie beside the code and go into its backups (docs/intake.md)."
        )
if Path(env("INTAKE_PUBLIC_KEYS")).resolve() == Path(env("INTAKE_PRIVATE_KEYS")).resolve():
    raise ImproperlyConfigured(
        "INTAKE_PUBLIC_KEYS and INTAKE_PRIVATE_KEYS are one directory. The reports' side reads "
        "the first, and must not be able to read the second (docs/intake.md)."
    )
if env.bool("DEBUG", default=False):
    raise ImproperlyConfigured("DEBUG must be off in production.")

SECRET_KEY = env("SECRET_KEY")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("for-development-only"):
    raise ImproperlyConfigured("SECRET_KEY must be your own, of at least 50 characters.")
if OIDC_SERVER_URL and not OIDC_SERVER_URL.startswith("https://"):  # noqa: F405
    raise ImproperlyConfigured("OIDC_SERVER_URL must begin with https://.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING["handlers"]["console"]["formatter"] = "json"  # noqa: F405
