"""A developer's machine, and `make demo`: embedded services, plain HTTP on localhost."""

from config.settings.base import *  # noqa: F403  a settings module extends another this way

DEBUG = env.bool("DEBUG", default=False)  # noqa: F405
SECRET_KEY = "for-development-only-refused-in-production"  # noqa: S105  not a secret
# Static files are found where they are written: nothing is collected.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
ALLOWED_HOSTS = ["localhost", "intake.localhost", "127.0.0.1", "testserver"]
# The demo's sign-ins are a name and a password. Production asks for a second factor.
HOLDFAST_REQUIRE_SECOND_FACTOR = False
# Browsers allow passkeys on http://localhost only, and allauth asks to be told so.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
