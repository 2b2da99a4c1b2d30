"""The worked examples of CONTRIBUTING.md: each is complete, and does what the text beside it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
_EXAMPLE = re.compile(r"^```python\n# ([\w/]+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = dict(_EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8")))

CHECKS = {
    "vectorstore/reading/gzipped.py": """
import gzip
from vectorstore.reading.base import Source
found, = GzipReader().read(Source(gzip.compress("青山县".encode()), "a.gz", "a.gz"), print)
assert (found.name, found.text) == ("a.gz", "青山县")
""",
    "vectorstore/embeddings/hashed.py": """
rows = load("", None).encode(["财政收入", ""], "passage")
assert rows.shape == (2, 384) and rows.dtype == np.float32
assert np.allclose(np.linalg.norm(rows, axis=1), 1)
""",
    "qa/ranking/cosine.py": "CosineRanker(None)",
    "qa/answering/briefest.py": """
from qa.question.analysis import analyse
from qa.ranking.base import Ranked
assert list(BriefestAnswerer().draft(Request(analyse("多少？"), Ranked()))) == []
""",
    "qa/ranking/features.py": """
from types import SimpleNamespace
assert FEATURES["many_digits"].compute(SimpleNamespace(text="12个县")) == 0.5
""",
    "vectorstore/storage/history/versions/r0006_notes.py": """
from alembic.migration import MigrationContext
from alembic.operations import Operations
with sa.create_engine("sqlite://").connect() as connection:
    with Operations.context(MigrationContext.configure(connection)):
        upgrade()
    assert connection.execute(sa.text("SELECT count(*) FROM notes")).all() == [(0,)]
""",
}
"""By example: what runs behind it, in a process of its own, since some add to registries."""


def test_every_example_is_checked() -> None:
    assert EXAMPLES.keys() == CHECKS.keys()


@pytest.mark.parametrize("path", CHECKS)
def test_an_example_does_what_is_said(path: str) -> None:
    """A new file by itself; an addition to a file behind what stands in it."""
    before = (ROOT / path).read_text("utf-8") if (ROOT / path).exists() else ""
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\n{EXAMPLES[path]}\n{CHECKS[path]}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
