#!/usr/bin/env python
"""Run a Holdfast management command.

Where no database address is given, the embedded PostgreSQL and Redis are started first and
an empty database gets its tables, so that any command works alone on a fresh clone.
"""

import os
import sys

# These answer without a database, and must not start one.
NEEDS_NO_SERVICES = {"help", "version", "--help", "--version", "collectstatic", "check"}
# These bring the tables themselves, or only look at them.
NEEDS_NO_TABLES = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "demo", "dbshell"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in NEEDS_NO_SERVICES and "--help" not in sys.argv:
        from config.services import database_is_empty, ensure_services

        ensure_services()
        if command not in NEEDS_NO_TABLES and database_is_empty():
            execute_from_command_line([sys.argv[0], "migrate", "--verbosity", "0"])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
