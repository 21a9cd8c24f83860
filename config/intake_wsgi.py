"""The reports' side as a WSGI application, behind a wrapper that takes visitors' traces away.

WSGI only: Django's ASGI handler spools large bodies to the disk in the clear.
"""

import os

from django.core.wsgi import get_wsgi_application

from config.collector import spare_what_is_loaded
from intake.traces import without_traces

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.intake"

application = without_traces(get_wsgi_application())
spare_what_is_loaded()
