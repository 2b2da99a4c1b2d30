"""Runs whose texts are not to be trusted, and a comparison that is worse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eval.gate.compare import compare, side
from eval.gate.comparison import Comparison
from eval.runs.run_file import Run

MakeRun = Callable[..., Run]
HOSTILE = "<script>alert('x')</script> | [1] & \"quoted\" \x0b"


@pytest.fixture
def hostile(make_run: MakeRun) -> Run:
    """A run whose texts are not to be trusted."""
    run = make_run(2, 1, abstained=1)
    item = run.items[0].model_copy(update={"answer": HOSTILE, "question": HOSTILE, "warnings": [HOSTILE]})
    broken = run.items[1].model_copy(update={"error": HOSTILE})
    return run.model_copy(update={"items": [item, broken, *run.items[2:]]})


@pytest.fixture
def worse(make_run: MakeRun) -> Comparison:
    return compare(side("before", make_run(20)), side("after", make_run(10, 2, abstained=8)))
