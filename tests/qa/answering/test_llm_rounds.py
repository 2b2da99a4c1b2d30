"""What a model is shown and asked, round by round: the conversation, passages, another search, a doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from qa.answering.base import Request
from qa.answering.builder import AnswerBuilder
from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from qa.pipeline import QA, build
from qa.question.analysis import analyse
from qa.ranking.base import CandidateSentence, Ranked, RankedSentences
from qa.settings import Settings
from qa.types import Answer, Candidate, Turn
from tests.qa.conftest import Serve
from tests.support.passages import candidate
from tests.support.scripted_openai import Messages, Reply, Script, ScriptedOpenAI, error, passages
from vectorstore.library import Library

ZH, EN = "白河市选派了多少名农技员？", "How many people does Harbour Foods employ?"
FACTS = {
    ZH: candidate(1, "白河市选派农技员54名驻村指导。", "b.txt", "白河市：农业总结"),
    EN: candidate(2, "Harbour Foods employs 380 people in two plants.", "c.txt", "Harbour Foods 2023"),
}
ANSWERS = {ZH: "白河市选派农技员54名。", EN: "Harbour Foods employs 380 people."}
FILLER = tuple(
    candidate(n, f"第{n}段讲的是村道。Paragraph {n} is about roads.", f"{n}.txt", f"文件{n}") for n in range(3, 40)
)
languages = pytest.mark.parametrize("question", [ZH, EN], ids=["zh", "en"])


def asked(question: str, *shown: Candidate, sure: float = 0.0, **more: object) -> Request:
    """A request in whose ranking the first sentence of the first passage answers, with a probability of ``sure``."""
    query = replace(analyse(question), **more)
    units = tuple(CandidateSentence(one.stored, 0) for one in shown)
    part = RankedSentences(
        query.parts[0], units, tuple(-float(n) for n in range(len(units))), (0.0,) * len(units), sure
    )
    return Request(query, Ranked(shown, (part,)))


def answered(serve: Serve, request: Request, script: Script, passages: int = 10) -> tuple[Answer, ScriptedOpenAI]:
    model, server = serve(script)
    builder = AnswerBuilder(request.candidates)
    for _ in builder.say(ModelAnswerer(model, passages=passages, repair=False).draft(request)):
        pass
    return builder.answer(request.query.text, request.query.text, []), server


def label_of(messages: Messages, text: str) -> str:
    return next(label for label, passage in passages(messages).items() if text in passage)


@pytest.mark.parametrize(
    ("question", "heading", "turns"),
    [
        (ZH, "## 此前的对话", ["用户：青山县呢？", "助手：选派&lt;b&gt;86名。"]),
        (EN, "## Conversation so far", ["User: And Alderley?", "Assistant: It employs &lt;b&gt;900."]),
    ],
    ids=["zh", "en"],
)
def test_the_last_turns_are_shown_before_the_passages(
    serve: Serve, question: str, heading: str, turns: list[str]
) -> None:
    words = [turn.partition(":" if question == EN else "：")[2].strip().replace("&lt;b&gt;", "<b>") for turn in turns]
    history = (Turn(role="user", content=words[0]), Turn(role="assistant", content=f"{words[1]}[1]"))
    answer, server = answered(
        serve, asked(question, FACTS[question], history=history), Reply(text=f"{ANSWERS[question]}[P1]")
    )
    content = server.requests[0]["messages"][1]["content"]
    assert content.startswith(f"{heading}\n\n{turns[0]}\n{turns[1]}\n\n")
    assert content.endswith(question)
    assert passages(server.requests[0]["messages"]).keys() == {"P1"}
    assert answer.sentences


@languages
def test_what_only_the_conversation_says_is_not_said(serve: Serve, question: str) -> None:
    said = "农技员每人补贴900元。" if question == ZH else "Each of them earns £900."
    history = (Turn(role="user", content=question), Turn(role="assistant", content=said))
    answer, _ = answered(serve, asked(question, FACTS[question], history=history), Reply(text=f"{said}[P1]"))
    assert answer.sentences == []


@languages
def test_prompts_are_in_the_language_of_the_question(serve: Serve, question: str) -> None:
    _, server = answered(serve, asked(question, FACTS[question]), Reply(text="NO_ANSWER"))
    system, user = (message["content"] for message in server.requests[0]["messages"])
    assert system.startswith("你是一名" if question == ZH else "You answer questions")
    assert ("## 资料" if question == ZH else "## Passages") in user


@pytest.mark.parametrize(
    ("question", "count"),
    [
        (ZH, 10),
        (EN, 10),
        ("白河市采取了哪些措施？", 20),
        ("Which measures did Harbour Foods take?", 20),
        ("总结一下白河市的农业工作。", 20),
        ("白河市和青山县哪个的农技员更多？", 20),
        ("What are the main points of the year?", 20),
    ],
)
def test_lists_summaries_and_comparisons_are_shown_more_passages(serve: Serve, question: str, count: int) -> None:
    _, server = answered(serve, asked(question, *FILLER), Reply(text="NO_ANSWER"))
    assert len(passages(server.requests[0]["messages"])) == count


@languages
def test_no_passage_is_only_a_heading(serve: Serve, question: str) -> None:
    heading, title = ("产业发展", "文件3") if question == ZH else ("People", "Harbour Foods 2023")
    headings = [candidate(50, heading, section=f"2023 / {heading}"), candidate(51, title, title=title)]
    _, server = answered(serve, asked(question, *headings, FACTS[question]), Reply(text="NO_ANSWER"))
    assert list(passages(server.requests[0]["messages"]).values()) == [FACTS[question].stored.passage.text]
    _, server = answered(serve, asked(question, *headings), Reply(text="NO_ANSWER"))
    assert len(passages(server.requests[0]["messages"])) == 2  # better than nothing


SEARCHES = {ZH: "SEARCH: 白河市 农技员", EN: "`SEARCH: Harbour Foods staff`\nSEARCH: plants"}


@languages
def test_a_model_may_ask_for_another_search(serve: Serve, question: str) -> None:
    wanted: list[str] = []

    def search(text: str) -> list[Candidate]:
        wanted.append(text)
        return [FILLER[0], FACTS[question]]

    def script(messages: Messages) -> str:
        if len(messages) == 2:
            return SEARCHES[question]
        return f"{ANSWERS[question]}[{label_of(messages, FACTS[question].stored.passage.text)}]"

    request = replace(asked(question, *FILLER[:4]), search=search)
    answer, server = answered(serve, request, script)
    assert wanted == (["白河市 农技员"] if question == ZH else ["Harbour Foods staff", "plants"])
    assert [citation.document for citation in answer.citations] == [FACTS[question].stored.document]
    assert "SEARCH" not in answer.answer
    last = server.requests[1]["messages"]
    assert list(passages(last[-1:])) == ["P5"]  # those shown already are not shown again
    assert last[:2] == server.requests[0]["messages"]


@languages
def test_it_searches_twice_at_most(serve: Serve, question: str) -> None:
    request = replace(asked(question, *FILLER[:2]), search=lambda text: [])
    answer, server = answered(serve, request, Reply(text=SEARCHES[question]))
    assert len(server.requests) == 3
    assert answer.abstained
    assert answer.dropped == 0
    assert ("没有查到别的资料" if question == ZH else "nothing else was found") in str(
        server.requests[1]["messages"][-1]
    )


@languages
def test_a_request_in_mid_answer_is_not_said(serve: Serve, question: str) -> None:
    text = f"{ANSWERS[question]}[P1]\n\n{SEARCHES[question]}"
    answer, server = answered(serve, asked(question, FACTS[question]), Reply(text=text))
    assert [sentence.text for sentence in answer.sentences] == [ANSWERS[question]]
    assert (answer.dropped, len(server.requests)) == (0, 1)


@languages
def test_no_answer_is_asked_about_once_more_where_the_ranker_is_sure(serve: Serve, question: str) -> None:
    script = [Reply(text="NO_ANSWER"), Reply(text=f"{ANSWERS[question]}[P1]"), Reply(text="too much")]
    request = asked(question, FACTS[question], *FILLER[:3], sure=0.9)
    answer, server = answered(serve, request, script)
    assert [sentence.text for sentence in answer.sentences] == [ANSWERS[question]]
    asked_again = server.requests[1]["messages"]
    assert [message["role"] for message in asked_again] == ["system", "user", "assistant", "user"]
    assert f"- {FACTS[question].stored.passage.text}[P1]" in asked_again[-1]["content"]
    answer, server = answered(serve, request, Reply(text="NO_ANSWER"))
    assert (answer.abstained, len(server.requests)) == (True, 2)


@languages
def test_a_denial_in_words_is_asked_about_once_more_too(serve: Serve, question: str) -> None:
    denial = "资料未给出农技员的人数。" if question == ZH else "The report doesn't give the number of people."
    request = asked(question, FACTS[question], sure=0.9)
    answer, _ = answered(serve, request, [Reply(text=denial), Reply(text=f"{ANSWERS[question]}[P1]")])
    assert [sentence.text for sentence in answer.sentences] == [ANSWERS[question]]
    answer, server = answered(serve, request, [Reply(text=denial), Reply(text="NO_ANSWER")])
    assert (answer.abstained, answer.dropped, len(server.requests)) == (True, 0, 2)
    answer, server = answered(serve, request, Reply(text=f"{denial} {ANSWERS[question]}[P1]"))
    assert (len(answer.sentences), len(server.requests)) == (1, 1)


@languages
def test_no_answer_stands_where_the_ranker_is_not_sure_or_the_model_fails(serve: Serve, question: str) -> None:
    answer, server = answered(serve, asked(question, FACTS[question], sure=0.6), Reply(text="NO_ANSWER"))
    assert (answer.abstained, len(server.requests)) == (True, 1)
    request = asked(question, FACTS[question], sure=0.9)
    answer, server = answered(serve, request, [Reply(text="NO_ANSWER"), error(400)])
    assert (answer.abstained, answer.dropped) == (True, 0)


Ask = Callable[..., Answer]


@pytest.fixture(params=["linear", "reader"])
def ask(request: pytest.FixtureRequest, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask the whole pipeline with a model that is shown two passages, and with each ranker."""
    folder = tmp_path_factory.mktemp("ranker")
    ranker = build(Settings(data_dir=folder, answerer="extractive", ranker=request.param), library).ranker
    with ExitStack() as stack:

        def asking(script: Script, question: str, documents: list[str] | None = None) -> Answer:
            server = stack.enter_context(ScriptedOpenAI(script))
            answerer = ModelAnswerer(Endpoint("scripted", server.url, None, 10.0), passages=1)
            return QA(library, Settings(answerer="extractive"), answerer, ranker).ask(question, (), documents)

        yield asking


@pytest.mark.parametrize(
    ("question", "search", "text", "document"),
    [
        ("青山县有多少个行政村？", "白河市选派农技员", "白河市选派农技员54名。", "b.txt"),
        ("青山县有多少个行政村？", "Harbour Foods staff", "Harbour Foods employs 380 people.", "c.md"),
    ],
)
def test_the_pipeline_searches_within_what_may_be_asked(
    ask: Ask, question: str, search: str, text: str, document: str
) -> None:
    found: list[str] = []

    def script(messages: Messages) -> str:
        if len(messages) == 2:
            return f"SEARCH: {search}"
        found.extend(passages(messages[-1:]).values())
        known = [label for label, passage in passages(messages).items() if any(n in passage for n in ("54名", "380"))]
        return f"{text}[{known[0]}]" if known else "NO_ANSWER"

    answer = ask(script, question)
    assert [citation.document for citation in answer.citations] == [document]
    found.clear()
    answer = ask(script, question, documents=["a.txt"])
    assert found
    assert not any("54名" in passage or "380" in passage for passage in found)
    assert document not in {citation.document for citation in answer.citations}
