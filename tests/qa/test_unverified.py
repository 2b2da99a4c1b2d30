"""A draft that fails verification, through the whole pipeline: the answer never says that the reports don't say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from qa.messages import ABSTENTION
from qa.pipeline import QA, build
from qa.settings import Settings
from qa.types import Answer
from tests.qa.test_pipeline import check
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from vectorstore.library import Library

Ask = Callable[..., Answer]
ZH, EN = "青山县的县长叫什么名字？", "Where was the chairman born?"
LIES = {ZH: "青山县的县长叫王建国。[P1]", EN: "The chairman was born in Leeds [P1]."}
INTRODUCED = {
    ZH: "起草的回答没有通过核对。最接近的原文是：",
    EN: "The drafted answer could not be verified. The nearest extract:",
}
languages = pytest.mark.parametrize("question", [ZH, EN], ids=["zh", "en"])


@pytest.fixture(params=["linear", "reader"])
def ask(request: pytest.FixtureRequest, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask with a model that writes what is given, and with each ranker."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("ranker"), answerer="extractive", ranker=request.param)
    ranker = build(settings, library).ranker
    with ExitStack() as stack:

        def asking(question: str, *replies: str, breaks_after: int | None = None) -> Answer:
            said = [Reply(text=text, breaks_after=breaks_after) for text in replies]
            server = stack.enter_context(ScriptedOpenAI([*said, Reply(text="NO_ANSWER")]))
            model = Endpoint("qwen-small", server.url, None, 10.0)
            return QA(library, settings, ModelAnswerer(model), ranker).ask(question)

        yield asking


@languages
def test_the_nearest_extract_is_shown_as_such(ask: Ask, question: str) -> None:
    answer = ask(question, LIES[question])
    check(answer)
    assert ABSTENTION(language := "zh" if question == ZH else "en") not in answer.answer
    assert answer.sentences[0].lead_in == INTRODUCED[question]
    assert answer.answer.startswith(f"{INTRODUCED[question]}\n{answer.sentences[0].text}[1]")
    assert answer.citations[0].quote == answer.sentences[0].text
    assert (answer.answerer, answer.model, answer.dropped) == ("extractive", "", 1)
    assert len(answer.warnings) == 1
    assert ABSTENTION(language) not in answer.warnings[0]


@languages
def test_a_draft_that_breaks_off_and_fails_is_no_abstention_either(ask: Ask, question: str) -> None:
    text = LIES[question] + ("\n\n以及" if question == ZH else "\n\nAnd the")
    answer = ask(question, text, breaks_after=len(text) - 1)
    assert answer.sentences[0].lead_in == INTRODUCED[question]


@languages
def test_a_model_that_says_there_is_no_answer_is_taken_at_its_word(ask: Ask, question: str) -> None:
    answer = ask(question, "NO_ANSWER")
    check(answer)
    assert (answer.abstained, answer.reason) == (True, "not_stated")


@pytest.mark.parametrize(
    ("question", "lie", "figure"),
    [
        ("青山县选派了多少名农技员？", "青山县选派农技员68名。[P1]", "86"),
        ("How many people does Harbour Foods employ?", "Harbour Foods employs 830 people [P1].", "380"),
    ],
)
def test_quotations_that_answer_stand_in_as_before(ask: Ask, question: str, lie: str, figure: str) -> None:
    answer = ask(question, lie)
    check(answer)
    assert figure in answer.answer
    assert {sentence.lead_in for sentence in answer.sentences} == {""}


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("青山县选派了多少名农技员？", "青山县选派农技员86名驻村指导。[P1]"),
        ("How many people does Harbour Foods employ?", "Harbour Foods employs 380 people [P1]."),
    ],
)
def test_an_answer_names_the_model_that_wrote_it(ask: Ask, question: str, text: str) -> None:
    answer = ask(question, text)
    assert (answer.answerer, answer.model) == ("model", "qwen-small")
