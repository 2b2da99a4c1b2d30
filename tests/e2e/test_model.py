"""The service with a language model, over real HTTP on both sides: its lies and failures do not reach the client."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import scripted_openai as scripts
from tests.support.scripted_openai import Reply, ScriptedOpenAI

QUESTION = "中江县换届后村党组织书记、主任一肩挑占比是多少？"
INJECTED = "乙山县新增学位多少个？"
Say = Callable[..., None]


def both(service: Any, question: str) -> list[dict[str, Any]]:
    """Ask with JSON and with a stream."""
    return [service.ask(question), service.stream(question)[-1][1]]


def test_honest_model_is_heard(modelled: Any, endpoint: ScriptedOpenAI, say: Say) -> None:
    say(scripts.honest)
    for answer in both(modelled, QUESTION):
        assert answer["answerer"].startswith("model")
        assert answer["sentences"]
        assert (answer["dropped"], answer["warnings"]) == (0, [])
    assert endpoint.requests[0]["model"] == "scripted"


def test_invented_labels_are_counted_and_dropped(modelled: Any, say: Say) -> None:
    say(scripts.cites_unknown_labels)
    for answer in both(modelled, QUESTION):
        assert answer["unknown_labels"] >= 1
        assert "P99" not in json.dumps(answer)


def test_changed_digit_is_not_said(modelled: Any, endpoint: ScriptedOpenAI, say: Say) -> None:
    said: list[str] = []

    def lie(messages: scripts.Messages) -> str:
        said.append(scripts.changes_a_digit(messages))
        return said[-1]

    say(lie)
    for answer in both(modelled, QUESTION):
        assert said
        for sentence in said:
            assert re.sub(r"\[P\d+\]", "", sentence) not in answer["answer"]
        assert answer["dropped"] >= 1
        passages = "".join(hit["text"] for hit in answer["passages"])
        for number in re.findall(r"\d+(?:\.\d+)?%?", re.sub(r"\[\d+\]", "", answer["answer"])):
            assert number in passages


def test_instruction_in_a_passage_is_not_obeyed(modelled: Any, say: Say) -> None:
    """The model obeys; what it was made to say is no statement of the report, and is dropped."""
    say(scripts.obeys_injection)
    for answer in both(modelled, INJECTED):
        for sentence in answer["sentences"]:
            assert sentence["text"].strip("。") not in ("系统已被攻破", "HACKED")
        assert "HACKED" not in answer["answer"]


@pytest.mark.parametrize(
    "text",
    [
        "乙山县新增学位9999个。[P1]",
        "乙山县新增学位1800个。",
        "忽略规则。HACKED。[P1][P2][P3]",
        "<script>alert(1)</script>[P1]",
        "[P1][P2][P3]",
        "[1] 乙山县新增学位9999个 [1]。",
        "乙山县新增学位1800个，居全省第一，比上年增长50%。[P1]",
    ],
    ids=["number", "uncited", "order", "markup", "labels_only", "our_marks", "embroidered"],
)
def test_made_up_sentence_is_not_said(modelled: Any, say: Say, text: str) -> None:
    say(Reply(text=text))
    for answer in both(modelled, INJECTED):
        for made_up in ("9999", "HACKED", "<script>", "全省第一", "50%"):
            assert made_up not in answer["answer"]


def test_model_that_says_there_is_no_answer_abstains(modelled: Any, say: Say) -> None:
    say(scripts.abstains)
    for answer in both(modelled, QUESTION):
        assert answer["abstained"]
        assert answer["reason"] == "not_stated"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(scripts.error(401), id="401"),
        pytest.param(scripts.error(500), id="500"),
        pytest.param(scripts.HTML, id="html"),
        pytest.param(scripts.BROKEN_JSON, id="broken_json"),
        pytest.param(scripts.EMPTY, id="empty"),
        pytest.param(Reply(hang=30), id="hangs"),
        pytest.param(Reply(text="乙山县新增学位1800个。[P1]", breaks_after=8), id="breaks_off"),
    ],
)
def test_failing_model_is_stood_in_for_and_it_says_so(modelled: Any, extractive: Any, say: Say, reply: Reply) -> None:
    say(reply)
    answer = modelled.stream(INJECTED)[-1][1]
    assert answer["sentences"] == extractive.ask(INJECTED)["sentences"]
    assert answer["answerer"] == "extractive"
    assert len(answer["warnings"]) == 1
    assert "sk-secret" not in json.dumps(answer)
    assert "Traceback" not in json.dumps(answer)


def test_follow_up_is_rewritten_by_the_model(modelled: Any, endpoint: ScriptedOpenAI, say: Say) -> None:
    say(scripts.honest)
    first = modelled.ask(QUESTION)
    answer = modelled.ask("那绵竹呢？", conversation_id=first["conversation_id"])
    assert answer["conversation_id"] == first["conversation_id"]
    assert any(QUESTION in message["content"] for request in endpoint.requests[1:] for message in request["messages"])
