import os
import signal
from pathlib import Path

import redis

from config import embedded
from config.embedded import processes


def test_stopping_leaves_no_process_and_no_socket(state, pids):
    addresses = embedded.ensure_running()
    ran = pids()
    embedded.stop()
    assert pids() == (None, None)
    assert not any(processes.runs(pid, program="", mark="") for pid in ran)
    assert not Path(addresses.redis_url.removeprefix("unix://")).parent.exists()


def test_stopping_clears_up_after_killed_servers(state, pids):
    addresses = embedded.ensure_running()
    for pid in pids():
        os.kill(pid, signal.SIGKILL)
    embedded.stop()
    assert pids() == (None, None)
    assert not Path(addresses.redis_url.removeprefix("unix://")).parent.exists()


def test_stopping_twice_is_no_error(state, pids):
    embedded.ensure_running()
    embedded.stop()
    embedded.stop()
    assert pids() == (None, None)


def test_data_and_queue_outlive_a_stop(state, query):
    addresses = embedded.ensure_running()
    query(addresses.owner_url, "CREATE TABLE kept AS SELECT 23343 AS uid")
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.lpush("sync", "hint")
    embedded.stop()

    embedded.ensure_running()
    assert query(addresses.owner_url, "SELECT uid FROM kept") == (23343,)
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert client.lrange("sync", 0, -1) == [b"hint"]


def test_the_command_tells_what_runs(state, command):
    stopped = command("status")
    assert stopped.returncode == 1
    assert stopped.stdout.count("is stopped") == 2

    started = command("start")
    assert started.returncode == 0
    assert started.stdout.count("runs as process") == 2
    assert command("status").stdout == started.stdout

    assert command("stop").returncode == 0
    assert command("status").returncode == 1


def test_the_command_gives_a_refusal_as_a_sentence(state, command, monkeypatch):
    monkeypatch.setenv("HOLDFAST_SOCKET_DIR", f"/tmp/{'long' * 30}")
    refused = command("start")
    assert refused.returncode == 1
    assert "HOLDFAST_SOCKET_DIR" in refused.stderr
    assert "Traceback" not in refused.stderr
