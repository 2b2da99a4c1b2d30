"""qa watch: a process that keeps a served library in step with a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from qa.client import Client
from tests.support.served import command, environment

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


def test_what_is_no_folder_is_named(run: Any, tmp_path: Path) -> None:
    ran = run("watch", str(tmp_path / "nowhere"), data=tmp_path / "data")
    assert ran.status == 1
    assert str(tmp_path / "nowhere") in ran.err
