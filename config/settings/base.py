"""Settings common to every way of running Holdfast."""

from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.services import service_addresses

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
services = service_addresses()

DEBUG = False
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "accounts",
    "platforms",
    "sanctions",
    "intake",
    "cases",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "guardian",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "django_celery_beat",
    "django_structlog",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.RefusalMiddleware",
    "accounts.middleware.RefusedFormMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cases.navigation.navigation",
            ],
            "builtins": ["config.templatetags.holdfast"],
        },
    }
]

# The application connects as `desk`. `owner` is the same database seen by the role that
# owns the tables: migrations run there, and nothing else does.
DATABASES = {
    "default": env.db_url_config(services.desk_url)
    | {"ENGINE": "django.db.backends.postgresql", "TEST": {"MIRROR": "owner"}},
    "owner": env.db_url_config(services.owner_url) | {"ENGINE": "django.db.backends.postgresql"},
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # A number of its own: clearing the cache must not empty the broker.
        "LOCATION": env("CACHE_URL", default=f"{services.redis_url}?db=1"),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_DATABASE = "owner"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# guardian's backend is left out: it would answer for superusers. Reads join its tables.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
ANONYMOUS_USER_NAME = None  # guardian would otherwise create a person nobody knows
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.DeskAccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.forms.ConfirmPasswordForm",
    "change_password": "accounts.forms.NewPasswordForm",
}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Attempts are counted by account and never by address: an address of a colleague is kept nowhere.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "sso_refused": "5/5m/key",
}
# Single sign-on by OpenID Connect: off unless a provider is named (docs/operations.md).
OIDC_SERVER_URL = env("OIDC_SERVER_URL", default="")
OIDC_CLIENT_ID = env("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = environ.FileAwareEnv()("OIDC_CLIENT_SECRET", default="").strip()
OIDC_NAME = env("OIDC_NAME", default="your organisation")
if OIDC_SERVER_URL and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured(
        "OIDC_SERVER_URL is set: set OIDC_CLIENT_ID as well, and OIDC_CLIENT_SECRET or "
        "OIDC_CLIENT_SECRET_FILE (docs/operations.md)."
    )
# Every person enrols one before anything else opens. The demo and the tests do without.
HOLDFAST_REQUIRE_SECOND_FACTOR = True
MFA_ADAPTER = "accounts.adapter.DeskMFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.ConfirmSecondFactorForm",
    "activate_totp": "accounts.forms.SetUpAppForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Holdfast"
MFA_RATE_LIMITS = {"webauthn_login": None}

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env("HOLDFAST_MEDIA_ROOT", default=str(services.media_root)))

# The halves of the keys that reports are sealed for. The intake process knows the public ones
# only (config.settings.intake).
INTAKE_KEYS = Path(env("HOLDFAST_STATE_DIR", default=str(BASE_DIR / ".holdfast"))) / "intake"
INTAKE_PUBLIC_KEYS = Path(env("INTAKE_PUBLIC_KEYS", default=str(INTAKE_KEYS / "public-keys")))
INTAKE_PRIVATE_KEYS = Path(env("INTAKE_PRIVATE_KEYS", default=str(INTAKE_KEYS / "private-keys")))
# Sealed files of reports, which the zone writes and the worker cleans.
INTAKE_MEDIA = Path(env("INTAKE_MEDIA", default=str(INTAKE_KEYS / "files")))
# A clamd that scans them, as `unix:/run/clamav/clamd.ctl` or `tcp:host:port`. Empty: no scan.
INTAKE_CLAMD = env("INTAKE_CLAMD", default="")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "EXCEPTION_HANDLER": "accounts.api.errors.exception_handler",
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.RolePermission"],
    "DEFAULT_PAGINATION_CLASS": "config.rest.KeysetPagination",
    "DEFAULT_THROTTLE_CLASSES": ["config.rest.CallerThrottle"],
    "DEFAULT_THROTTLE_RATES": {"caller": "600/min"},
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.rest.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Holdfast API",
    "DESCRIPTION": "Profiles, cases, matches, holds and incidents of one Holdfast desk.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.describe_problems",
    ],
    # Several models have a kind and a state of their own.
    "ENUM_NAME_OVERRIDES": {
        "CaseKindEnum": "cases.models.Case.Kind",
        "CaseStateEnum": "cases.models.Case.State",
        "DecisionStateEnum": "cases.models.Decision.State",
        "DesignationKindEnum": "sanctions.models.Designation.Kind",
        "EvidenceKindEnum": "cases.models.Evidence.Kind",
        "HoldKindEnum": "platforms.models.Hold.Kind",
        "IncidentKindEnum": "platforms.models.Incident.Kind",
        "IncidentStateEnum": "platforms.models.Incident.State",
        "ListVersionStateEnum": "sanctions.models.ListVersion.State",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

CELERY_BROKER_URL = services.broker_url
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 14 * 60
# Above the longest task: a message that is still being worked on must not be given out again.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 30 * 60}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "sync"
# The first pattern that fits. Reading all accounts takes long and must not delay an action.
CELERY_TASK_ROUTES = {
    "platforms.tasks.pull_*": {"queue": "sync"},
    "platforms.tasks.*": {"queue": "enforcement"},
    "sanctions.tasks.*": {"queue": "sync"},
    "cases.tasks.*": {"queue": "screening"},
    "accounts.tasks.*": {"queue": "notify"},
    # Strangers' files are opened by a worker that can be one of its own.
    "intake.tasks.clean_file": {"queue": "sanitise"},
    "intake.tasks.*": {"queue": "intake"},
}
CELERY_TIMEZONE = "UTC"

# Where the daily anchor of the audit chain is appended. Point it at another machine's disk.
HOLDFAST_ANCHOR_FILE = env("HOLDFAST_ANCHOR_FILE", default="")

DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = None
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(
                # Never the local variables: they may hold what a log must not.
                colors=False,
                exception_formatter=structlog.dev.plain_traceback,
            ),
        },
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
        },
    },
    "filters": {"hide links": {"()": "accounts.logs.HideLinks"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["hide links"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
