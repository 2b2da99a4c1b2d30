"""However many questions are asked, a server's memory stays what it was.

The slope is that of a straight line through the memory after each part of the last half of the questions. Each question
is another one: nothing is answered from a cache. Some are answered and some are not. The linear model judges, since the
reader would take an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.reliability.conftest import LONG, REPORTS
from tests.reliability.measuring import Measure
from tests.support.processes import memory
from tests.support.served import Served, serving

QUESTIONS = 20_000
SAMPLES = 40
"""Of the memory, in the last half."""
BAR = 1.0
"""Percent that it may grow over the last half."""
TURNS = 6
"""Questions of a conversation."""
SHAPES = (
    "云溪县2023年粮食总产量是多少？（第{n}问）",
    "What was the revenue of Harbour Foods in 2023? Ticket {n}",
    "第{n}号村的茶园有多少亩，比小学多吗？",
    "What happened to the {n} whales of the northern sea?",
    "云溪县和中江县{n}月各新增多少个学位？",
    "Compare the revenue of 2023 with that of year {n}.",
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / name).write_text(text, "utf-8")
    with serving(tmp_path / "data", "--seeds", str(folder), QA_RANKER="linear") as one:
        yield one


@pytest.mark.skipif(not LONG, reason="20,000 questions take half an hour: python -m tests.reliability --long")
def test_memory_does_not_grow_with_questions(served: Served, measure: Measure) -> None:
    sizes: list[int] = []
    conversation, answered = "", 0
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
        for number in range(QUESTIONS):
            if number % TURNS == 0:
                conversation = client.post("/conversations", json={}).json()["id"]
            question = SHAPES[number * 5 // 7 % len(SHAPES)].format(n=number)
            body = {"question": question, "stream": number % 4 == 0, "conversation_id": conversation}
            response = client.post("/chat", json=body)
            assert response.status_code == 200, response.text
            answered += '"abstained":false' in response.text
            if number >= QUESTIONS // 2 and number % (QUESTIONS // 2 // SAMPLES) == 0:
                sizes.append(memory(served.process.pid))
    assert QUESTIONS / 4 < answered < QUESTIONS
    slope, start = np.polyfit(np.linspace(0, 1, len(sizes)), sizes, 1)
    growth = 100 * slope / start
    measure(
        f"{QUESTIONS:,} questions: growth of memory over the last half",
        f"{BAR:g} %",
        f"{growth:.2f} % of {start / 1e6:.0f} MB",
        bool(growth <= BAR),
    )
