"""Whatever a model's endpoint does: one answer or one end of a stream, little memory, and the next one is answered.

Each fault meets a stream and a whole answer, with a question that quotations answer in the model's place and with one
that they don't. In short, a fault meets one of these four, in turn.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.reliability.conftest import CHINESE, LONG
from tests.reliability.measuring import Measure
from tests.support.faulty_model import FAULTS, FaultyModel
from tests.support.processes import peak_memory, reset_peak
from tests.support.served import Served, serving

TIMEOUT = 1.5
MEMORY = 100_000_000
UNKNOWN = "What does Harbour Foods pay for a licence of its trade mark?"
"""No quotation answers it."""


class Serving(NamedTuple):
    model: FaultyModel
    served: Served
    client: httpx.Client
    idle: int
    """Memory of the process before the first fault."""
    most: dict[str, int]
    """What each fault took beyond that."""


@pytest.fixture(scope="module")
def service(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    data = tmp_path_factory.mktemp("faults") / "data"
    shutil.copytree(ingested, data)
    settings = {"QA_LLM_MODEL": "scripted", "QA_LLM_TIMEOUT": str(TIMEOUT), "QA_RANKER": "linear"}
    with (
        FaultyModel() as model,
        serving(data, QA_LLM_BASE_URL=model.url, **settings) as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client,
    ):
        for fault in ("", "500"):  # what is loaded when it is first needed is no fault's
            for question in (CHINESE, UNKNOWN):
                with model.doing(fault):
                    ask(client, question, stream=True)
        reset_peak(served.process.pid)
        yield Serving(model, served, client, peak_memory(served.process.pid), {})


def ask(client: httpx.Client, question: str, stream: bool) -> dict[str, Any]:
    """Return the one answer; of a stream, after a look at its events."""
    response = client.post("/chat", json={"question": question, "stream": stream})
    assert response.status_code == 200, response.text
    if not stream:
        whole: dict[str, Any] = response.json()
        return whole
    names = re.findall(r"^event: (\w+)$", response.text, re.M)
    assert [name for name in names if name in ("done", "error")] == ["done"]
    assert names[-1] == "done"
    answer: dict[str, Any] = json.loads(response.text.strip().rpartition("data: ")[2])
    assert names.count("sentence") == len(answer["sentences"])
    return answer


def cases() -> Iterator[tuple[str, bool, bool]]:
    for number, fault in enumerate(FAULTS):
        for stream in (False, True):
            for fallback in (False, True):
                if LONG or (stream, fallback) == (number % 2 == 1, number % 4 > 1):
                    yield fault, stream, fallback


@pytest.mark.parametrize(("fault", "stream", "fallback"), list(cases()))
def test_a_fault_ends_in_one_answer(service: Serving, fault: str, stream: bool, fallback: bool) -> None:
    model, served, client, idle, _ = service
    question = CHINESE if fallback else UNKNOWN
    outcome = FAULTS[fault][1]
    reset_peak(served.process.pid)
    with model.doing(fault):
        answer = ask(client, question, stream)
    taken = peak_memory(served.process.pid) - idle
    service.most[fault] = max(service.most.get(fault, 0), taken)
    assert taken < MEMORY
    if outcome == "stands":
        assert (answer["answerer"], answer["warnings"], answer["abstained"]) == ("model", [], False)
    else:
        assert answer["warnings"]
        assert model.url not in json.dumps(answer)
    if outcome in ("fails", "unverified"):
        assert answer["answerer"] != "model"
        assert answer["abstained"] is (outcome == "fails" and not fallback)
    if outcome == "breaks off":
        assert not any(word in answer["warnings"][0] for word in ("quotations", "摘录"))  # none stands in
        assert (answer["answerer"], len(answer["sentences"])) == ("model", 1)
    after = ask(client, question, not stream)
    assert (after["answerer"], after["warnings"], after["abstained"]) == ("model", [], False)


def test_memory_stays_near_what_it_was(service: Serving, measure: Measure) -> None:
    worst = max(service.most, key=lambda fault: service.most[fault])
    taken = service.most[worst]
    measure("memory above idle, worst fault", "100 MB", f"{taken / 1e6:.0f} MB ({worst})", taken < MEMORY)


def test_the_log_knows_of_no_surprise(service: Serving) -> None:
    assert "Traceback" not in service.served.log.read_text("utf-8")
