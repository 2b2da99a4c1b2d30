"""qa watch: a process that keeps a served library in step with a folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from qa.cli.watch import ServedLibrary
from qa.client import Client
from tests.support.served import command, environment
from vectorstore.changes import Watch
from vectorstore.errors import LibraryUnavailable

NAME = "2024/watched.md"


def wait_for(served: Any, there: bool) -> None:
    deadline = time.monotonic() + 120
    while (NAME in {document["name"] for document in Client(served.url).documents()}) is not there:
        assert time.monotonic() < deadline, f"{NAME} is {'not ' if there else ''}there"
        time.sleep(0.1)


def test_a_folder_is_followed_through_the_server(served: Any, run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    (folder / "2024").mkdir(parents=True)
    (folder / NAME).write_text("# 第四县\n\n第四县新建桥梁3座。\n", "utf-8")
    (folder / "stays.md").write_text(
        "# 第五县\n\n第五县新建隧道2座。\n", "utf-8"
    )  # an empty folder may be one that is lost
    for path in (folder / NAME, folder / "stays.md"):
        os.utime(path, (0, 0))
    with subprocess.Popen(
        command("watch", str(folder)), env=environment(served.data), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_for(served, True)
            assert Client(served.url).status(NAME)["source"] == f"watch:{folder}"
            (folder / NAME).unlink()
            wait_for(served, False)
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            process.kill()
        assert "Traceback" not in process.communicate(timeout=60)[1]
        assert process.returncode == 0


class Refusing(BaseHTTPRequestHandler):
    """A server that refuses one file, or all of them, and notes what it is sent."""

    refused: ClassVar[dict[str, str]] = {}
    sent: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        missing = self.path.endswith("/status")
        self._answer(404 if missing else 200, {"error": error("unknown_document")} if missing else {"origins": []})

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.rpartition("/")[2]
        self.sent.append(name)
        code = self.refused.get(name)
        self._answer(202 if code is None else 413, {"jobs": []} if code is None else {"error": error(code)})

    def _answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def error(code: str) -> dict[str, str]:
    return {"code": code, "message": f"refused: {code}", "request_id": "r"}


def test_a_file_that_the_server_refuses_stops_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (0, 0))
    Refusing.refused, Refusing.sent = {"a.txt": "file_too_large"}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        watched = Watch(tmp_path, ServedLibrary(Client(f"http://127.0.0.1:{server.server_port}")))
        assert not watched.look()
        assert not watched.look()
        assert Refusing.sent == ["a.txt", "b.txt"]  # neither again
        assert caplog.text.count("refused: file_too_large") == 1
        Refusing.refused = {"a.txt": "forbidden"}
        with pytest.raises(LibraryUnavailable, match="forbidden"):
            Watch(tmp_path, ServedLibrary(Client(f"http://127.0.0.1:{server.server_port}"))).look()
        server.shutdown()


def test_what_is_no_folder_is_named(run: Any, tmp_path: Path) -> None:
    ran = run("watch", str(tmp_path / "nowhere"), data=tmp_path / "data")
    assert ran.status == 1
    assert str(tmp_path / "nowhere") in ran.err
