"""The command run as a person runs it: in this process for speed, as a process of its own where that matters."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qa.cli import main
from tests.support.served import Served, ingest, serving

REPORTS = {
    "yunxi.txt": "# 云溪县2023年工作总结\n\n## 农业\n\n2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。"
    "全县茶园面积4200亩。\n",
    "shiqiao.txt": "# 石桥县2023年工作总结\n\n## 交通\n\n石桥县新修农村公路126公里，改造危桥7座。\n",
}


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run ``qa`` with arguments, from an empty directory: ``run("ask", "...", data=dir, stdin="", QA_PORT="1")``."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    for name in list(os.environ):
        if name.startswith(("QA_", "OPENAI_")):
            monkeypatch.delenv(name)

    def run(*arguments: str, data: Path | None = None, stdin: str = "", **environment: str) -> Ran:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["qa", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            if data is not None:
                patch.setenv("QA_DATA_DIR", str(data))
            for name, value in environment.items():
                patch.setenv(name, value)
            capsys.readouterr()
            status = 0
            try:
                main()
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else int(end.code is not None)
            printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Ran(status, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of two reports."""
    directory = tmp_path_factory.mktemp("reports")
    for name, text in REPORTS.items():
        (directory / name).write_text(text, "utf-8")
    return directory


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, reports: Path) -> Path:
    """A library with the two reports, for tests that don't change it."""
    data = tmp_path_factory.mktemp("filled") / "data"
    ingest(data, reports)
    return data


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    """A copy of that library, for tests that change it."""
    copy = tmp_path / "data"
    shutil.copytree(filled, copy)
    return copy


@pytest.fixture
def serve() -> Callable[..., Any]:
    """``with serve(data) as served``."""
    return serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> Iterator[Served]:
    """A server over a copy of the library, for tests that don't stop it."""
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(filled, data)
    with serving(data) as served:
        yield served
