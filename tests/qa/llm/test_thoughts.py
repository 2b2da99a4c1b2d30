"""Thoughts, however an endpoint sends them: told apart from the answer, in both languages, wherever chunks are cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.errors import ModelGarbled, ModelUnreachable
from qa.llm import Message
from qa.llm.base import Model, Piece, complete
from qa.llm.thoughts import Style, ThoughtSplitter
from qa.types import Thinking
from tests.qa.conftest import Serve
from tests.support.scripted_openai import Reply

PROMPT = [Message("system", "规则"), Message("user", "问题")]
ZH = ("资料一说42个村。\n资料二没有提到。", "全县共有42个行政村。[P1]")
EN = ("Passage 1 says 42 villages.\nPassage 2 is silent.", "The county has 42 villages. [P1]")
BOTH = pytest.mark.parametrize(("thought", "answer"), [ZH, EN], ids=["zh", "en"])


def parted(pieces: Iterable[Piece]) -> tuple[str, str]:
    """Return the thoughts and the answer of a stream."""
    pieces = list(pieces)
    thought = "".join(piece.text for piece in pieces if isinstance(piece, Thinking))
    return thought.strip(), "".join(piece for piece in pieces if isinstance(piece, str)).strip()


def asked(model: Model, times: int = 2) -> list[tuple[str, str]]:
    return [parted(model.stream(PROMPT)) for _ in range(times)]


@BOTH
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_thoughts_in_a_field_of_their_own(serve: Serve, field: str, thought: str, answer: str) -> None:
    model, _ = serve(Reply(text=answer, thinking=thought, thinking_field=field))
    assert asked(model) == [(thought, answer)] * 2
    assert complete(model, PROMPT) == answer


@BOTH
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<think>", "</think>"),
        ("\n<THINKING>\n", "</THINKING>\n\n"),
        ("[THINK]", "[/THINK]"),
        ("◁think▷", "◁/think▷"),
        ("", "</think>"),
    ],
    ids=["think", "thinking", "brackets", "triangles", "unopened"],
)
def test_thoughts_in_the_text(serve: Serve, opening: str, closing: str, thought: str, answer: str) -> None:
    """From the first call on, even where the chat template has written the opening tag."""
    model, _ = serve(Reply(text=f"{opening}{thought}{closing}\n{answer}", chunk=3))
    assert asked(model) == [(thought, answer)] * 2
    assert complete(model, PROMPT).strip() == answer


@BOTH
def test_an_answer_without_thoughts_is_streamed_once_that_is_known(serve: Serve, thought: str, answer: str) -> None:
    model, _ = serve(Reply(text=answer + thought))
    complete(model, PROMPT)
    stream = model.stream(PROMPT)
    assert next(stream) == (answer + thought)[:7]
    assert parted(stream) == ("", (answer + thought)[7:])


@BOTH
def test_a_model_that_does_not_think_this_time_is_heard(serve: Serve, thought: str, answer: str) -> None:
    model, _ = serve([Reply(text=f"{thought}</think>{answer}"), Reply(text=answer)])
    assert parted(model.stream(PROMPT)) == (thought, answer)
    assert complete(model, PROMPT) == answer


def test_thoughts_alone_are_no_answer(serve: Serve) -> None:
    for reply in (
        Reply(thinking="想来想去"),
        Reply(text="<think>想来想去</think>"),
    ):
        model, _ = serve(reply)
        with pytest.raises(ModelGarbled, match="empty"):
            complete(model, PROMPT)


def test_what_came_of_an_answer_before_a_break_is_not_lost_while_it_is_held_back(serve: Serve) -> None:
    model, _ = serve(Reply(text="The county has 42 villages. It lies", breaks_after=30))
    heard: list[Piece] = []
    with pytest.raises(ModelUnreachable):
        heard.extend(iter_into(model.stream(PROMPT), heard))
    assert parted(heard) == ("", "The county has 42 villages. It")


def iter_into(pieces: Iterable[Piece], heard: list[Piece]) -> Sequence[Piece]:
    for piece in pieces:
        heard.append(piece)
    return ()


TEXT = st.text(st.sampled_from("青山 a.[P1]<>/think\n"), max_size=12)


@given(st.lists(st.tuples(st.booleans(), TEXT), max_size=6), st.integers(1, 9), st.sampled_from(["unknown", "marked"]))
def test_every_character_is_either_thought_or_said(parts: list[tuple[bool, str]], size: int, style: Style) -> None:
    whole = "".join(f"<think>{text}</think>" if thought else text for thought, text in parts)
    assume(whole.count("think>") == 2 * sum(is_thought for is_thought, _ in parts) and "think]" not in whole)
    splitter = ThoughtSplitter(style)
    pieces: list[str | Thinking] = []
    for start in range(0, len(whole), size):
        pieces += splitter.feed(whole[start : start + size])
    pieces += splitter.finish(whole=True)
    thought = "".join(piece.text for piece in pieces if isinstance(piece, Thinking))
    said = "".join(piece for piece in pieces if isinstance(piece, str))
    assert thought == "".join(text for is_thought, text in parts if is_thought)
    assert said == "".join(text for is_thought, text in parts if not is_thought)
