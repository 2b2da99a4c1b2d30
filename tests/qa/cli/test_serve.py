"""qa serve: ready, alone on its library, and gone without leaving anything behind."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from qa.api.server import url_of
from qa.client import Client
from qa.settings import is_loopback
from vectorstore.storage.lock import read_owner


def test_empty_library_is_filled_once_and_signals_end_it_cleanly(
    run: Any, serve: Any, tmp_path: Path, reports: Path
) -> None:
    data = tmp_path / "data"
    with serve(data, "--seeds", str(reports)) as served:
        assert Client(served.url).ready()["documents"] == 2
        _ended_cleanly(served, signal.SIGTERM)
        assert f"ready at {served.url} (2 documents in {data})" in served.log.read_text("utf-8")
    assert run("documents", "remove", "yunxi.txt", data=data).status == 0
    with serve(data, "--seeds", str(reports)) as served:
        assert Client(served.url).ready()["documents"] == 1
        _ended_cleanly(served, signal.SIGINT)


def _ended_cleanly(served: Any, number: int) -> None:
    owner = read_owner(served.data)
    assert owner is not None
    assert (owner.pid, owner.url) == (served.process.pid, served.url)
    status, err = served.stop(number)
    assert status == 0
    assert err.endswith("stopped\n")
    assert "Traceback" not in err
    assert read_owner(served.data) is None


def test_killed_server_is_not_waited_for(run: Any, serve: Any, data: Path) -> None:
    with serve(data) as served:
        served.stop(signal.SIGKILL)
    assert read_owner(data) is None
    assert "12.6万吨" in run("ask", "云溪县2023年粮食总产量是多少？", data=data).out


def test_second_server_on_one_library_names_the_first(run: Any, served: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = run("serve", "--port", str(port), data=served.data)
    assert ran.status == 1
    assert served.url in ran.err
    assert f"process {served.process.pid}" in ran.err
    assert Client(served.url).ready()["status"] == "ready"


def test_port_in_use_is_named_with_the_way_out(run: Any, data: Path, served: Any) -> None:
    ran = run("serve", "--port", str(served.port), data=data)
    assert ran.status == 1
    assert f"port {served.port} of 127.0.0.1 is in use" in ran.err
    assert "QA_PORT=" in ran.err
    assert read_owner(data) is None


def test_address_of_another_machine_is_refused(run: Any, data: Path) -> None:
    assert "QA_HOST=192.0.2.1" in run("serve", "--host", "192.0.2.1", data=data).err
    assert "no address" in run("serve", "--host", "no such host", data=data).err


def test_broken_library_ends_the_server(run: Any, data: Path) -> None:
    (data / "library.sqlite3").write_bytes(b"no database " * 100)
    ran = run("serve", "--port", "0", data=data)
    assert ran.status == 1
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = run("serve", "--port", str(port), data=data)
    assert ran.status == 1
    assert "library.sqlite3" in ran.err


def test_seeds_that_are_not_there_end_the_server(run: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = run("serve", "--port", str(port), "--seeds", str(tmp_path / "nowhere"), data=tmp_path / "data")
    assert ran.status == 1
    assert "nowhere" in ran.err


@pytest.mark.parametrize(
    ("host", "loopback", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:80"),
        ("127.9.9.9", True, "http://127.9.9.9:80"),
        ("localhost", True, "http://localhost:80"),
        ("::1", True, "http://[::1]:80"),
        ("0.0.0.0", False, "http://127.0.0.1:80"),
        ("::", False, "http://[::1]:80"),
        ("192.0.2.1", False, "http://192.0.2.1:80"),
        ("reports.example", False, "http://reports.example:80"),
    ],
)
def test_addresses(host: str, loopback: bool, url: str) -> None:
    assert is_loopback(host) is loopback
    assert url_of(host, 80) == url
