"""A small library on disk, to be served by a process of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.reliability.measuring import measure
from tests.support.served import ingest

__all__ = ["measure"]

REPORTS = {
    "yunxi.txt": "# 云溪县2023年工作总结\n\n## 农业\n\n2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。"
    "全县茶园面积4200亩。\n\n## 教育\n\n云溪县新建小学3所，新增学位1800个。\n",
    "harbour.md": "# Harbour Foods annual report 2023\n\nRevenue rose to $41 million in 2023.\n\n## People\n\n"
    "The company employs 380 people in two plants. It opened a training centre in March 2023.\n",
}
LONG = os.environ.get("RELIABILITY_LONG") == "1"
"""Whether the matrix is run whole, as ``python -m tests.reliability --long`` does."""
CHINESE = "云溪县2023年粮食总产量是多少？"
ENGLISH = "How many people does Harbour Foods employ?"


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that holds ``REPORTS``; not to be changed."""
    folder = tmp_path_factory.mktemp("reports")
    for name, text in REPORTS.items():
        (folder / name).write_text(text, "utf-8")
    data = tmp_path_factory.mktemp("library") / "data"
    ingest(data, folder)
    return data


@pytest.fixture
def data(ingested: Path, tmp_path: Path) -> Path:
    """A copy of that library for one test."""
    copied = tmp_path / "data"
    shutil.copytree(ingested, copied)
    return copied


@pytest.fixture
def questions() -> tuple[str, str]:
    """One that the Chinese report answers, and one that the English report does."""
    return CHINESE, ENGLISH
