"""The reports' side: a process of its own, which can seal reports and open none.

It extends no other settings: whatever the desk's process holds is absent here unless named. It
refuses to start where a private key could be reached. On a host other than `intake.localhost`
nothing has a default.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import embedded

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

DEMO_HOST = "intake.localhost"
INTAKE_HOST = env("INTAKE_HOST", default=DEMO_HOST)
IS_DEMO = INTAKE_HOST == DEMO_HOST
STATE_DIR = Path(env("HOLDFAST_STATE_DIR", default=str(BASE_DIR / ".holdfast")))

if env("INTAKE_PRIVATE_KEYS", default=""):
    raise ImproperlyConfigured(
        "INTAKE_PRIVATE_KEYS is set. The intake process must not know where private keys are."
    )
if not IS_DEMO:
    for name in ("INTAKE_SECRET_KEY", "INTAKE_DATABASE_URL", "INTAKE_PUBLIC_KEYS", "INTAKE_MEDIA"):
        if not env(name, default=""):
            raise ImproperlyConfigured(f"Set {name} (docs/intake.md).")

DEBUG = False
SECRET_KEY = env("INTAKE_SECRET_KEY", default="for-the-demo-only-refused-on-a-real-host")
ALLOWED_HOSTS = [INTAKE_HOST]
INTAKE_PUBLIC_KEYS = Path(
    env("INTAKE_PUBLIC_KEYS", default=str(STATE_DIR / "intake" / "public-keys"))
)
# Sealed files. The desk's worker reads and removes them there.
INTAKE_MEDIA = Path(env("INTAKE_MEDIA", default=str(STATE_DIR / "intake" / "files")))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "intake.apps.PeopleOfTheZone",
    "intake",
]
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "intake.middleware.LeaveNothingBehind",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "intake.middleware.VisitMiddleware",
    "intake.middleware.KeepNoStrayFile",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.intake_urls"
WSGI_APPLICATION = "config.intake_wsgi.application"
CSRF_FAILURE_VIEW = "intake.views.errors.not_from_here"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "intake.views.context.page",
            ],
            "builtins": ["config.templatetags.holdfast"],
        },
    }
]

DATABASES = {
    "default": env.db_url_config(
        env("INTAKE_DATABASE_URL", default=embedded.addresses().intake_url)
    )
    | {"ENGINE": "django.db.backends.postgresql"}
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

# Cookies of this host alone. Browsers take `Secure` cookies over plain HTTP from localhost.
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None
X_FRAME_OPTIONS = "DENY"
# Not `no-referrer`: Chromium would post `Origin: null`, which Django refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if not IS_DEMO:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    CSRF_TRUSTED_ORIGINS = [f"https://{INTAKE_HOST}"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# A text of 200,000 characters of four bytes each, percent-encoded, fits. Files do not count.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60
FILE_UPLOAD_HANDLERS = ["intake.uploads.SealFiles"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "intake" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = None if IS_DEMO else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# The demo serves the stylesheets as they lie in the project.
WHITENOISE_USE_FINDERS = IS_DEMO
WHITENOISE_ALLOW_ALL_ORIGINS = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"faults": {"()": "intake.logs.FaultFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "faults", "level": "ERROR"}
    },
    "loggers": {"django": {"handlers": [], "propagate": True}},
    "root": {"handlers": ["console"], "level": "ERROR"},
}
