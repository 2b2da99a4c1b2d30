"""Structured output: answers by a JSON schema, at endpoints that have it, refuse it, ignore it or break it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from qa.answering import choose
from qa.answering.base import Request
from qa.answering.builder import AnswerBuilder
from qa.answering.llm import ModelAnswerer
from qa.errors import ModelError
from qa.llm.endpoint import Endpoint
from qa.question.analysis import analyse
from qa.ranking.base import CandidateSentence, Ranked, RankedSentences
from qa.settings import Settings
from qa.types import Answer, Candidate, Said, Thinking
from tests.qa.conftest import Serve
from tests.support.passages import candidate
from tests.support.scripted_openai import (
    Messages,
    Refusal,
    Reply,
    Script,
    ScriptedOpenAI,
    error,
    forbids_extra,
    passages,
    refuses,
)

ZH, EN = "白河市选派了多少名农技员？", "How many people does Harbour Foods employ?"
SHOWN = {
    ZH: (
        candidate(1, "白河市选派农技员54名驻村指导。", "b.txt", "白河市：农业总结"),
        candidate(2, "白河市新建蔬菜大棚800个。", "b.txt", "白河市：农业总结"),
    ),
    EN: (
        candidate(3, "Harbour Foods employs 380 people in two plants.", "c.txt", "Harbour Foods 2023"),
        candidate(4, "Revenue rose to $41 million in 2023.", "c.txt", "Harbour Foods 2023"),
    ),
}
SAID = {
    ZH: ("白河市选派农技员54名。", "白河市新建蔬菜大棚800个。"),
    EN: ("Harbour Foods employs 380 people.", "Revenue rose to $41 million in 2023."),
}
languages = pytest.mark.parametrize("question", [ZH, EN], ids=["zh", "en"])


def text_of(question: str) -> str:
    first, second = SAID[question]
    return f"{first}[P1]\n{second}[P2]"


def asked(question: str, *shown: Candidate, sure: float = 0.0) -> Request:
    query = analyse(question)
    shown = shown or SHOWN[question]
    units = tuple(CandidateSentence(one.stored, 0) for one in shown)
    scores = tuple(-float(n) for n in range(len(units)))
    return Request(query, Ranked(shown, (RankedSentences(query.parts[0], units, scores, (0.0,) * len(units), sure),)))


def answered(answerer: ModelAnswerer, request: Request) -> Answer:
    builder = AnswerBuilder(request.candidates)
    for _ in builder.say(answerer.draft(request)):
        pass
    return builder.answer(request.query.text, request.query.text, [])


def texts(answer: Answer) -> list[str]:
    return [sentence.text for sentence in answer.sentences]


@pytest.fixture
def begin(serve: Serve) -> Any:
    def start(script: Script, *refusals: Refusal, has_schemas: bool = True) -> tuple[ModelAnswerer, ScriptedOpenAI]:
        model, server = serve(script)
        server.refusals, server.has_schemas = list(refusals), has_schemas
        return ModelAnswerer(model, structured=True), server

    return start


def schemas_of(server: ScriptedOpenAI) -> list[bool]:
    """Say of each request whether it brought a schema; its rules speak of JSON exactly then."""
    brought = ["response_format" in request for request in server.requests]
    assert brought == ["JSON" in request["messages"][0]["content"] for request in server.requests]
    return brought


@languages
def test_the_labels_are_an_enum_of_the_passages_shown(begin: Any, question: str) -> None:
    answerer, server = begin(Reply(text=text_of(question)))
    answer = answered(answerer, asked(question))
    (request,) = server.requests
    wanted = request["response_format"]
    assert (wanted["type"], wanted["json_schema"]["strict"]) == ("json_schema", True)
    schema = wanted["json_schema"]["schema"]
    sentence = schema["properties"]["sentences"]["items"]
    assert sentence["properties"]["labels"]["items"]["enum"] == list(passages(request["messages"])) == ["P1", "P2"]
    for part in (schema, sentence):  # what strict endpoints require
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False
    assert texts(answer) == list(SAID[question])
    assert [sentence.citations for sentence in answer.sentences] == [[1], [2]]
    assert (answer.dropped, answer.unknown_labels) == (0, 0)


@languages
def test_the_enum_grows_with_what_a_search_finds(begin: Any, question: str) -> None:
    found = replace(SHOWN[question][0])
    request = asked(question, SHOWN[question][1])
    wanted: list[str] = []

    def search(text: str) -> list[Candidate]:
        wanted.append(text)
        return [found]

    def script(messages: Messages) -> str:
        return "SEARCH: 54 380" if len(messages) == 2 else f"{SAID[question][0]}[P2]"

    answerer, server = begin(script)
    answer = answered(answerer, replace(request, search=search))
    assert wanted == ["54 380"]
    assert texts(answer) == [SAID[question][0]]
    enums = [json.dumps(request["response_format"]) for request in server.requests]
    assert ['"P2"' in enum for enum in enums] == [False, True]


@languages
def test_sentences_appear_while_the_answer_is_written(begin: Any, question: str) -> None:
    first, second = SAID[question]
    written = json.dumps({"sentences": [{"text": first, "labels": ["P1"]}, {"text": second, "labels": ["P2"]}]})
    answerer, _ = begin(Reply(text=written, breaks_after=written.index("}") + 1), has_schemas=False)
    said = AnswerBuilder(SHOWN[question]).say(answerer.draft(asked(question)))
    one = next(said)
    assert isinstance(one, Said)
    assert one.sentence.text == first
    with pytest.raises(ModelError):  # the rest never came
        next(said)


def test_thoughts_come_before_it(begin: Any) -> None:
    answerer, _ = begin(Reply(text=text_of(ZH), thinking="先看资料。"))
    drafts = list(answerer.draft(asked(ZH)))
    assert isinstance(drafts[0], Thinking)
    assert sum(isinstance(draft, Thinking) for draft in drafts) < len(drafts)


def in_the_stream(request: dict[str, Any]) -> Reply | None:
    """As gateways refuse what the server behind them has refused: with 200, and an event in place of a piece."""
    body = 'data: {"error": {"message": "Failed to generate JSON", "code": "json_validate_failed"}}\n\n'
    return Reply(body=body, content_type="text/event-stream") if "response_format" in request else None


def refuses_schemas(status: int, message: str) -> Refusal:
    return lambda request: error(status, message) if "response_format" in request else None


REFUSALS = [
    pytest.param(refuses("response_format"), 1, id="openai"),
    pytest.param(forbids_extra("response_format"), 1, id="fastapi"),
    pytest.param(refuses_schemas(400, "This response_format type is unavailable now"), 1, id="type"),
    pytest.param(refuses_schemas(400, "failed to parse grammar"), 1, id="grammar"),
    pytest.param(refuses_schemas(404, "No endpoints found that support the parameters"), 1, id="router"),
    pytest.param(refuses_schemas(501, "not implemented"), 3, id="501"),
    pytest.param(in_the_stream, 1, id="in-the-stream"),
]


@languages
@pytest.mark.parametrize(("refusal", "calls"), REFUSALS)
def test_where_a_schema_is_refused_the_answer_comes_in_text(
    begin: Any, question: str, refusal: Refusal, calls: int
) -> None:
    answerer, server = begin(Reply(text=text_of(question)), refusal)
    for _ in range(2):
        assert texts(answered(answerer, asked(question))) == list(SAID[question])
    assert schemas_of(server) == [*[True] * calls, False, False]  # asked once, and remembered


@languages
def test_a_schema_beside_another_option_that_is_refused(begin: Any, question: str) -> None:
    answerer, server = begin(Reply(text=text_of(question)), refuses("temperature"))
    for _ in range(2):
        assert texts(answered(answerer, asked(question))) == list(SAID[question])
    assert schemas_of(server) == [True, True, True]
    assert ["temperature" in request for request in server.requests] == [True, False, False]


@languages
def test_text_in_place_of_json_is_read_as_it_is(begin: Any, question: str) -> None:
    answerer, server = begin(Reply(text=text_of(question)), has_schemas=False)
    for _ in range(2):
        assert texts(answered(answerer, asked(question))) == list(SAID[question])
    assert schemas_of(server) == [True, False]  # no call more


@languages
@pytest.mark.parametrize("broken", ["{}", '{"sentences": [{"te', "{" + " \n" * 400, "[]", "", '{"a": 1}', "``"])
def test_what_is_no_such_json_is_asked_for_in_text(begin: Any, question: str, broken: str) -> None:
    answerer, server = begin([Reply(text=broken), Reply(text=text_of(question))], has_schemas=False)
    for _ in range(2):
        assert texts(answered(answerer, asked(question))) == list(SAID[question])
    assert schemas_of(server) == [True, False, False]


@languages
@pytest.mark.parametrize(
    "nothing", ['{"sentences": []}', '{"sentences": [{"text": "NO_ANSWER", "labels": []}]}', "NO_ANSWER"]
)
def test_no_answer_by_a_schema_is_no_answer(begin: Any, question: str, nothing: str) -> None:
    answerer, server = begin(Reply(text=nothing), has_schemas=False)
    for _ in range(2):
        answer = answered(answerer, asked(question))
        assert (answer.abstained, answer.dropped) == (True, 0)
    assert schemas_of(server) == [True, True]


@languages
def test_it_is_asked_about_once_more_as_in_text(begin: Any, question: str) -> None:
    answerer, server = begin([Reply(text="NO_ANSWER"), Reply(text=text_of(question))])
    assert texts(answered(answerer, asked(question, sure=0.9))) == list(SAID[question])
    assert schemas_of(server) == [True, True]


@languages
@pytest.mark.parametrize(("status", "calls"), [(401, 1), (403, 1), (429, 3), (503, 3)])
def test_another_fault_is_no_refusal_of_the_schema(begin: Any, question: str, status: int, calls: int) -> None:
    answerer, server = begin([*[error(status)] * calls, Reply(text=text_of(question))])
    with pytest.raises(ModelError):
        answered(answerer, asked(question))
    assert texts(answered(answerer, asked(question))) == list(SAID[question])
    assert schemas_of(server) == [True] * (calls + 1)


@languages
def test_an_endpoint_that_fails_in_text_too_has_refused_no_schema(begin: Any, question: str) -> None:
    answerer, server = begin([error(400, "no such model"), error(400, "no such model"), Reply(text=text_of(question))])
    with pytest.raises(ModelError, match="no such model"):
        answered(answerer, asked(question))
    assert texts(answered(answerer, asked(question))) == list(SAID[question])
    assert schemas_of(server) == [True, False, True]


@languages
def test_what_failed_is_reworded_by_a_schema_too(begin: Any, question: str) -> None:
    first, second = SAID[question]
    wrong = first.replace("54", "59").replace("380", "390")
    answerer, server = begin([Reply(text=f"{wrong}[P1]\n{second}[P2]"), Reply(text=f"{first}[P1]")])
    answer = answered(answerer, asked(question))
    assert texts(answer) == [first, second]
    assert schemas_of(server) == [True, True]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_paragraphs_and_lists_of_two_levels_survive(begin: Any, size: int) -> None:
    lines = [
        "具体如下：",
        "- 白河市选派农技员54名。",
        "    - 白河市新建蔬菜大棚800个。",
        "\n\n白河市选派农技员54名驻村指导。",
    ]
    labels = [[], ["P1"], ["P2"], ["P1"]]
    entries = [{"text": text, "labels": names} for text, names in zip(lines, labels, strict=True)]
    written = json.dumps({"sentences": entries}, ensure_ascii=False)
    answerer, _ = begin(Reply(text=written, chunk=size), has_schemas=False)
    answer = answered(answerer, asked(ZH))
    assert [(s.block, s.item, s.lead_in) for s in answer.sentences] == [
        (1, "- ", "具体如下："),
        (1, "    - ", ""),
        (2, "", ""),
    ]


def test_it_is_asked_for_by_the_settings() -> None:
    with ScriptedOpenAI(Reply(text=text_of(ZH))) as server:
        server.has_schemas = True
        for wanted in (True, False):
            answerer = choose(Settings(llm_model="m", llm_base_url=server.url, llm_structured=wanted))
            assert answerer is not None
            assert isinstance(answerer.model, Endpoint)
            assert texts(answered(answerer, asked(ZH))) == list(SAID[ZH])
            answerer.model.close()
        assert schemas_of(server) == [True, False]
