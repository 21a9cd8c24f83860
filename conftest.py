"""Start PostgreSQL and Redis before pytest-django reads the settings."""

from config.services import ensure_services

ensure_services()
