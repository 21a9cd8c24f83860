"""The desk as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from config.collector import spare_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

application = get_wsgi_application()
spare_what_is_loaded()
