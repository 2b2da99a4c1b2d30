"""The model answerer over endpoints as they are: a small context, thoughts, and a prompt that can be cached."""

from __future__ import annotations

import json

import pytest

from qa import prompts
from qa.answering.builder import AnswerBuilder
from qa.answering.llm import ModelAnswerer
from qa.errors import ModelContextExceeded
from qa.types import Candidate, DraftSentence, Notice, Thinking
from tests.qa.conftest import Serve
from tests.support.passages import candidate, request
from tests.support.scripted_openai import Messages, Reply, changes_a_digit, holds, honest, passages

TOO_LONG = {"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}
ZH, EN = "各县有多少个行政村？", "How many villages does each county have?"


def many(language: str, count: int = 10) -> list[Candidate]:
    """Passages of about 300 characters each."""
    filler = "村道通畅，水渠完好。" * 28 if language == "zh" else "The roads are good and so are the canals. " * 7
    fact = "第{n}县共有{m}个行政村。" if language == "zh" else "County {n} has {m} villages. "
    return [candidate(n, fact.format(n=n, m=40 + n) + filler, f"{n}.txt") for n in range(1, count + 1)]


LANGUAGES = pytest.mark.parametrize(
    ("language", "question", "warning"),
    [
        ("zh", ZH, "放不下全部 10 段资料，只给它看了最相关的 {shown} 段"),
        ("en", EN, "can't hold all 10 passages; it saw the {shown} best"),
    ],
    ids=["zh", "en"],
)


@LANGUAGES
def test_a_context_that_is_too_small_is_shown_fewer_passages(
    serve: Serve, language: str, question: str, warning: str
) -> None:
    model, server = serve(honest)
    rules = len(prompts.load(f"answer.{language}").text)
    server.refusals = [holds(rules + 2200, TOO_LONG)]
    answerer = ModelAnswerer(model, repair=False)
    asked = request(question, *many(language))
    for calls in (4, 1):  # a few refusals; then it is known
        server.requests.clear()
        drafts = list(answerer.draft(asked))
        shown = len(passages(server.requests[-1]["messages"]))
        assert 3 <= shown < 7
        assert len(server.requests) <= calls
        notices = [draft.text for draft in drafts if isinstance(draft, Notice)]
        assert len(notices) == 1
        assert warning.format(shown=shown) in notices[0]
        assert any(draft.evidence for draft in drafts if isinstance(draft, DraftSentence))


def test_a_repair_that_is_too_long_is_asked_for_once(serve: Serve, candidates: tuple[Candidate, ...]) -> None:
    model, server = serve(changes_a_digit)
    answerer = ModelAnswerer(model)
    asked = request("青禾县换届后“一肩挑”占比是多少？", *candidates)
    server.refusals = [lambda body: Reply(status=400, body=json.dumps(TOO_LONG)) if len(body["messages"]) > 2 else None]
    assert [len(list(answerer.draft(asked))) for _ in range(3)] == [1, 1, 1]
    assert [len(request["messages"]) for request in server.requests] == [2, 4, 2, 2]


def test_a_notice_becomes_a_warning(serve: Serve) -> None:
    model, server = serve(honest)
    server.refusals = [holds(len(prompts.load("answer.zh").text) + 2200, TOO_LONG)]
    shown = many("zh")
    builder = AnswerBuilder(shown)
    assert len(list(builder.say(ModelAnswerer(model).draft(request(ZH, *shown))))) == 1
    assert len(builder.warnings) == 1


def test_a_context_that_holds_no_passage_is_an_error(serve: Serve) -> None:
    model, server = serve(honest)
    server.refusals = [holds(10, TOO_LONG)]
    with pytest.raises(ModelContextExceeded):
        list(ModelAnswerer(model).draft(request(EN, *many("en"))))
    assert len(passages(server.requests[-1]["messages"])) == 1


def test_a_context_that_is_large_enough_is_shown_all(serve: Serve) -> None:
    model, server = serve(honest)
    drafts = list(ModelAnswerer(model).draft(request(EN, *many("en"))))
    assert len(passages(server.requests[0]["messages"])) == 10
    assert not [draft for draft in drafts if isinstance(draft, Notice)]


@pytest.mark.parametrize(
    ("language", "question", "thought"),
    [("zh", ZH, "第1县共有41个行政村。[P1]"), ("en", EN, "County 1 has 41 villages. [P1]")],
    ids=["zh", "en"],
)
@pytest.mark.parametrize("tags", [None, "<think>{}</think>", "{}</think>"], ids=["field", "tags", "unopened"])
def test_thoughts_are_passed_on_and_never_said(
    serve: Serve, language: str, question: str, thought: str, tags: str | None
) -> None:
    """Even a thought that would pass verification."""

    def thinks(messages: Messages) -> Reply:
        said = honest(dict_of_last(messages))
        return Reply(text=said, thinking=thought) if tags is None else Reply(text=tags.format(thought) + said)

    def dict_of_last(messages: Messages) -> Messages:
        return [{"role": "user", "content": part} for part in [messages[-1]["content"].split("</passage>", 1)[1]]]

    model, _ = serve(thinks)
    shown = many(language, 3)
    builder = AnswerBuilder(shown)
    events = list(builder.say(ModelAnswerer(model, repair=False).draft(request(question, *shown))))
    assert "".join(event.text for event in events if isinstance(event, Thinking)) == thought
    assert thought.removesuffix("[P1]").strip() not in [sentence.text for sentence in builder.said]
    assert builder.said
    assert {citation.document for citation in builder.citations} == {"2.txt"}


def test_what_every_question_has_in_common_comes_first_byte_for_byte(serve: Serve) -> None:
    """Endpoints cache the longest prefix that they have seen before."""
    model, server = serve(honest)
    answerer = ModelAnswerer(model)
    list(answerer.draft(request("第1县有多少个行政村？", *many("zh"))))
    list(answerer.draft(request("第2县的村道怎么样？", *reversed(many("zh")))))
    first, second = (server.requests[number]["messages"] for number in (0, 1))
    assert first[0] == second[0]
    assert first[0]["role"] == "system"
    assert first[1] != second[1]


def test_a_repair_begins_with_all_that_was_sent_before(serve: Serve, candidates: tuple[Candidate, ...]) -> None:
    model, server = serve(changes_a_digit)
    list(ModelAnswerer(model).draft(request("青禾县换届后“一肩挑”占比是多少？", *candidates)))
    first, repair = (request["messages"] for request in server.requests)
    assert repair[: len(first)] == first
