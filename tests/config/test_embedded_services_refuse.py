import os
import pwd
import socket
from pathlib import Path

import pytest

from config import embedded
from config.embedded import EmbeddedServiceError, programs


def test_a_path_too_long_for_a_socket_is_named(empty_state, monkeypatch):
    monkeypatch.setenv("HOLDFAST_SOCKET_DIR", f"/tmp/{'long' * 30}")
    for call in (embedded.addresses, embedded.ensure_running):
        with pytest.raises(EmbeddedServiceError, match=r"\d+ bytes long.*HOLDFAST_SOCKET_DIR"):
            call()
    assert list(empty_state.iterdir()) == []


def test_a_long_state_directory_does_not_lengthen_the_socket_path(empty_state, monkeypatch):
    deep = empty_state / ("deep" * 40)
    monkeypatch.setenv("HOLDFAST_STATE_DIR", str(deep))
    assert len(embedded.addresses().redis_url) < 60


def test_another_users_directory_is_refused(empty_state, monkeypatch):
    if os.geteuid() == 0:
        os.chown(empty_state, pwd.getpwnam("nobody").pw_uid, -1)
    else:
        monkeypatch.setenv("HOLDFAST_STATE_DIR", "/usr")
    with pytest.raises(EmbeddedServiceError, match="does not belong to you"):
        embedded.ensure_running()
    os.chown(empty_state, os.geteuid(), -1)


def test_data_of_another_major_version_is_kept_and_named(state):
    embedded.ensure_running()
    embedded.stop()
    data = embedded.status()[0].directory
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedServiceError) as refusal:
        embedded.ensure_running()
    assert str(data) in str(refusal.value)
    assert "PostgreSQL 9" in str(refusal.value)
    assert (data / "global" / "pg_control").exists()


def test_missing_programs_are_named(empty_state, monkeypatch):
    monkeypatch.setattr(programs, "_package_directory", lambda name: None)
    monkeypatch.setattr(programs, "DEBIAN_POSTGRES", empty_state / "none")
    monkeypatch.setenv("PATH", str(empty_state))
    with pytest.raises(EmbeddedServiceError, match="No PostgreSQL 15 or newer was found"):
        embedded.ensure_running()
    with pytest.raises(EmbeddedServiceError, match="No redis-server or valkey-server was found"):
        programs.redis_program()


def test_a_start_that_fails_shows_the_log_of_postgresql(state, query):
    addresses = embedded.ensure_running()
    superuser_url = addresses.owner_url.replace("//owner@", "//postgres@")
    query(superuser_url, "ALTER SYSTEM SET shared_preload_libraries = 'no_such_library'")
    embedded.stop()
    with pytest.raises(EmbeddedServiceError, match='could not access file "no_such_library"'):
        embedded.ensure_running()


def test_a_start_that_fails_shows_the_log_of_redis(state):
    embedded.ensure_running()
    embedded.stop()
    queue = state / "redis" / "appendonly.aof"
    queue.write_text("not an append only file\n")
    with pytest.raises(EmbeddedServiceError, match="Bad file format reading the append only file"):
        embedded.ensure_running()


def test_a_moved_socket_directory_is_refused_while_the_servers_run(state, monkeypatch, pids):
    embedded.ensure_running()
    began = pids()
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HOLDFAST_SOCKET_DIR", str(state / "s"))
        with pytest.raises(EmbeddedServiceError, match=r"already runs .* Stop it with"):
            embedded.ensure_running()
    assert pids() == began


def test_something_else_on_the_redis_socket_is_left_alone(state):
    path = Path(embedded.addresses().redis_url.removeprefix("unix://"))
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen()
        with pytest.raises(EmbeddedServiceError, match="does not answer as Redis does"):
            embedded.ensure_running()
        assert path.exists()
