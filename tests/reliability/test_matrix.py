"""The table of the matrix: each module has a row, and each file that it points to exists."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TEXT = (HERE / "README.md").read_text("utf-8")


def test_each_module_has_a_row() -> None:
    assert set(re.findall(r"^\| `(test_\w+)` \|", TEXT, re.M)) == {path.stem for path in HERE.glob("test_*.py")}


def test_what_the_table_points_to_exists() -> None:
    pointed = re.findall(r"`((?:tests/)?[\w/]+\.py)`", TEXT)
    assert len(pointed) > 10
    for name in pointed:
        assert (HERE.parents[1] / name if "/" in name else HERE / name).is_file(), name
