"""`python -m config.embedded start|stop|status`."""

import argparse
import sys

from config import embedded


def main() -> int:
    """Run one command. Returns 0, or 1 for `status` when a service is stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m config.embedded",
        description="The PostgreSQL and Redis that Holdfast starts itself.",
    )
    parser.add_argument("command", choices=["start", "stop", "status"])
    command = parser.parse_args().command
    try:
        if command == "start":
            embedded.ensure_running()
        elif command == "stop":
            embedded.stop()
        services = embedded.status()
    except embedded.EmbeddedServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for service in services:
        if service.pid is None:
            sys.stdout.write(f"{service.name} is stopped. Its files: {service.directory}\n")
        else:
            sys.stdout.write(
                f"{service.name} runs as process {service.pid}. Its log: {service.log}\n"
            )
    stopped = any(service.pid is None for service in services)
    return 1 if command == "status" and stopped else 0


if __name__ == "__main__":
    sys.exit(main())
