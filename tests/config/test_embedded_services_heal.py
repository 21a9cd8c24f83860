import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded
from config.embedded import processes


def kill(pid: int) -> None:
    """End a server as a crash or the out-of-memory killer would."""
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not processes.runs(pid, program="", mark=""), seconds=10)


@pytest.fixture
def stranger():
    """A process of PostgreSQL's user that got the pid of a dead server."""
    account = processes.postgres_account()
    process = subprocess.Popen(["sleep", "600"], **account.popen_arguments)
    yield process
    process.kill()
    process.wait()


def test_postgresql_comes_back_with_its_data_after_a_kill(state, pids, query):
    addresses = embedded.ensure_running()
    query(addresses.owner_url, "CREATE TABLE kept AS SELECT 23343 AS uid")
    killed = pids()[0]
    kill(killed)

    embedded.ensure_running()
    assert pids()[0] not in (None, killed)
    assert query(addresses.owner_url, "SELECT uid FROM kept") == (23343,)


def test_postgresql_comes_back_while_sessions_of_the_killed_server_end(state, pids, query):
    addresses = embedded.ensure_running()
    with psycopg.connect(addresses.desk_url) as session:
        session.execute("SELECT 1")
        kill(pids()[0])
        embedded.ensure_running()
        assert query(addresses.desk_url, "SELECT 1") == (1,)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")


def test_redis_comes_back_with_its_queue_after_a_kill(state, pids):
    addresses = embedded.ensure_running()
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.config_set("appendfsync", "always")
        client.lpush("sync", "hint")
    killed = pids()[1]
    kill(killed)

    embedded.ensure_running()
    assert pids()[1] not in (None, killed)
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert client.lrange("sync", 0, -1) == [b"hint"]


def test_a_stale_pid_that_a_stranger_got_is_not_taken_for_the_server(state, pids, query, stranger):
    addresses = embedded.ensure_running()
    sockets = Path(addresses.redis_url.removeprefix("unix://")).parent
    for pid in pids():
        kill(pid)
    data = embedded.status()[0].directory
    for path in (data / "postmaster.pid", sockets / "pg" / ".s.PGSQL.5432.lock"):
        _, rest = path.read_text().split("\n", 1)
        path.write_text(f"{stranger.pid}\n{rest}")
    (state / "redis" / "redis.pid").write_text(f"{stranger.pid}\n")
    assert pids() == (None, None)

    embedded.ensure_running()
    assert None not in pids()
    assert query(addresses.desk_url, "SELECT 1") == (1,)
    assert stranger.poll() is None


def test_socket_files_without_a_server_are_replaced(state, query):
    addresses = embedded.addresses()
    sockets = Path(addresses.redis_url.removeprefix("unix://")).parent
    (sockets / "pg").mkdir(parents=True)
    for path in (sockets / "redis.sock", sockets / "pg" / ".s.PGSQL.5432"):
        with socket.socket(socket.AF_UNIX) as left_over:
            left_over.bind(str(path))
    embedded.ensure_running()
    assert query(addresses.desk_url, "SELECT 1") == (1,)
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert client.ping()


def test_a_half_made_cluster_is_set_aside(empty_state, query):
    cluster = empty_state / "postgres" / "cluster"
    (cluster / "data" / "base").mkdir(parents=True)
    (cluster / "data" / "PG_VERSION").write_text("15\n")
    (cluster / "data-unfinished-1" / "base").mkdir(parents=True)

    addresses = embedded.ensure_running()
    assert query(addresses.desk_url, "SELECT 1") == (1,)
    assert len(list(cluster.glob("data-broken-*"))) == 1
    assert not (cluster / "data-unfinished-1").exists()


def test_a_start_that_was_killed_midway_is_taken_up_again(empty_state, query):
    start = subprocess.Popen(
        [sys.executable, "-m", "config.embedded", "start"], cwd=Path(__file__).parents[2]
    )
    cluster = empty_state / "postgres" / "cluster"
    began = processes.wait_until(lambda: any(cluster.glob("data-unfinished-*")), seconds=30)
    assert began
    start.kill()
    start.wait()

    addresses = embedded.ensure_running()
    assert query(addresses.desk_url, "SELECT 1") == (1,)


def test_a_deleted_state_directory_gives_a_fresh_start(state, pids, query):
    addresses = embedded.ensure_running()
    query(addresses.owner_url, "CREATE TABLE old ()")
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.lpush("sync", "old")
    orphans = pids()
    for path in list(state.iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    embedded.ensure_running()
    assert set(pids()).isdisjoint({*orphans, None})
    assert not any(processes.runs(pid, program="", mark="") for pid in orphans)
    assert query(addresses.owner_url, "SELECT to_regclass('old') IS NULL") == (True,)
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert client.exists("sync") == 0


def test_servers_whose_sockets_were_removed_are_started_again(state, pids, query):
    addresses = embedded.ensure_running()
    query(addresses.owner_url, "CREATE TABLE kept ()")
    cut_off = pids()
    shutil.rmtree(Path(addresses.redis_url.removeprefix("unix://")).parent)

    embedded.ensure_running()
    assert set(pids()).isdisjoint({*cut_off, None})
    assert not any(processes.runs(pid, program="", mark="") for pid in cut_off)
    assert query(addresses.owner_url, "SELECT to_regclass('kept') IS NULL") == (False,)


def test_a_server_still_on_its_way_out_is_waited_for(state, pids, query):
    addresses = embedded.ensure_running()
    leaving = pids()[0]
    with psycopg.connect(addresses.desk_url):
        # A smart shutdown waits for this session, a fast one ends it.
        os.kill(leaving, signal.SIGTERM)
        pid_file = embedded.status()[0].directory / "postmaster.pid"
        assert processes.wait_until(lambda: "stopping" in pid_file.read_text(), seconds=10)
        with ThreadPoolExecutor() as pool:
            start = pool.submit(embedded.ensure_running)
            assert pids()[0] == leaving
            os.kill(leaving, signal.SIGINT)
            start.result()
    assert pids()[0] not in (None, leaving)
    assert query(addresses.desk_url, "SELECT 1") == (1,)
