import io
import secrets
import signal
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from rich.console import Console

from config import embedded
from config.demo.people import CAST
from config.demo.processes import Parts, PartStopped, free_port, wait_until_it_answers
from config.demo.record import DemoRecord, demo_directory
from config.demo.seed import ensure_token, seed
from config.demo.vault import vault_passphrase
from config.services import uses_embedded_services


class Command(BaseCommand):
    help = "Run everything in one terminal: web, worker, beat and the sandbox platform, seeded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8700, help="for the desk in the browser")
        parser.add_argument("--sandbox-port", type=int, default=8710)
        parser.add_argument("--intake-port", type=int, default=8720, help="for reporters")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        console = Console()
        signal.signal(signal.SIGTERM, _stop)
        try:
            with Parts(logs=demo_directory() / "logs") as parts:
                record = self._start(console, parts, options)
                _announce(console, record, seconds=time.monotonic() - started)
                while True:
                    parts.check()
                    time.sleep(0.5)
        except KeyboardInterrupt:
            _stop_services_nobody_else_uses()
            console.print("\nStopped. The data is kept: `make demo` goes on from here.")
        except PartStopped as error:
            raise CommandError(str(error)) from error

    def _start(self, console: Console, parts: Parts, options: dict[str, Any]) -> DemoRecord:
        directory = demo_directory()
        token = ensure_token(directory / "connector-token")
        operator_token = ensure_token(directory / "operator-token")
        last = DemoRecord.load()
        sandbox_port = free_port(options["sandbox_port"])
        port = free_port(options["port"])
        intake_port = free_port(options["intake_port"])
        record = DemoRecord(
            web_url=f"http://localhost:{port}",
            sandbox_url=f"http://localhost:{sandbox_port}",
            intake_url=f"http://intake.localhost:{intake_port}",
            connector_token_file=str(token),
            operator_token_file=str(operator_token),
            password=last.password if last else secrets.token_urlsafe(9),
        )

        with console.status("Tables") as status:

            def say(what: str) -> None:
                status.update(what)
                console.print(f"  {what}")

            say("Tables")
            call_command("migrate", verbosity=0)
            say("The sandbox platform")
            sandbox = parts.start("sandbox", _sandbox(record, sandbox_port))
            wait_until_it_answers(sandbox, record.sandbox_url)
            web = parts.start("web", _web("config.wsgi", port))
            say("The reports' side, a process of its own")
            call_command("intake_keys", "init", stdout=io.StringIO())
            parts.start("intake", _web("config.intake_wsgi", intake_port), "config.settings.intake")
            parts.start("worker", _WORKER)
            parts.start("beat", [*_BEAT, "--schedule", str(directory / "beat-schedule")])
            seed(
                sandbox_url=record.sandbox_url,
                token_file=token,
                password=record.password,
                say=say,
            )
            say("The desk")
            wait_until_it_answers(web, record.web_url)
        record.save()
        return record


_CELERY = ["-m", "celery", "--app", "config.celery"]
_WORKER = [
    *_CELERY,
    "worker",
    "--queues=sync,screening,enforcement,intake,sanitise,notify",
    "--concurrency=2",
    "--loglevel=warning",
    "--without-mingle",
    "--without-gossip",
]
_BEAT = [*_CELERY, "beat", "--loglevel=warning", "--pidfile="]


def _web(application: str, port: int) -> list[str]:
    return [
        "-m",
        "gunicorn",
        application,
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--threads=8",
        "--log-level=warning",
    ]


def _sandbox(record: DemoRecord, port: int) -> list[str]:
    return [
        "-m",
        "platforms.sandbox",
        f"--port={port}",
        f"--database={demo_directory() / 'sandbox.sqlite3'}",
        f"--token-file={record.connector_token_file}",
        f"--operator-token-file={record.operator_token_file}",
        "--sample",
    ]


def _announce(console: Console, record: DemoRecord, *, seconds: float) -> None:
    console.print(f"\n[bold]Holdfast is up[/bold] after {seconds:.0f} s: {record.web_url}")
    console.print(f"The sandbox platform: {record.sandbox_url}")
    console.print(f"Confidential reports: {record.intake_url}\n")
    for person in CAST:
        console.print(f"  {person.role.label:<20} {person.email:<22} {record.password}")
    console.print(f"  Passphrase of the custodians' vault: {vault_passphrase(record.password)}")
    console.print(
        "\nIn another terminal: [bold].venv/bin/python manage.py story[/bold]\nCtrl-C stops it all."
    )


def _stop_services_nobody_else_uses() -> None:
    """Stop the embedded servers, unless a test run or another command is connected."""
    if not uses_embedded_services():
        return
    connections.close_all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(numbackends) FROM pg_stat_database")
        (connected,) = cursor.fetchone()
    connection.close()
    if connected <= 1:
        embedded.stop()


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
