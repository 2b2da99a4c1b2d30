"""A follow-up is rewritten by a prompt, and nonsense is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import prompts
from qa.question.followups import Rewriter
from qa.question.followups_llm import checked, rewrite
from qa.types import Turn
from tests.qa.conftest import Serve
from tests.support.scripted_openai import EMPTY, HTML, Reply, error
from vectorstore.library import Library

HISTORY = [
    Turn(role="user", content="青禾县换届后“一肩挑”占比是多少？"),
    Turn(role="assistant", content="青禾县换届后“一肩挑”占比为96.35%。[1]"),
]
ASKED = "那白石区呢？"
REWRITTEN = "白石区换届后“一肩挑”占比是多少？"


def test_a_follow_up_is_made_to_stand_alone(serve: Serve) -> None:
    model, server = serve(Reply(text=REWRITTEN))
    assert rewrite(model, ASKED, HISTORY) == REWRITTEN
    system, user = server.requests[0]["messages"]
    assert system["content"] == prompts.load("rewrite.zh").text
    assert "用户：青禾县换届后“一肩挑”占比是多少？\n助手：" in user["content"]
    assert user["content"].endswith(ASKED)


def test_it_is_asked_in_the_language_of_the_question(serve: Serve) -> None:
    model, server = serve(Reply(text="How many people does Larkfield employ?"))
    history = [
        Turn(role="user", content="How many people does Oakham employ?"),
        Turn(role="assistant", content="It employs 84."),
    ]
    assert rewrite(model, "And Larkfield?", history) == "How many people does Larkfield employ?"
    system, user = server.requests[0]["messages"]
    assert system["content"] == prompts.load("rewrite.en").text
    assert "User: How many people does Oakham employ?\nAssistant: It employs 84." in user["content"]
    assert user["content"].endswith("## The last question\n\nAnd Larkfield?")


def test_without_a_conversation_nobody_is_asked(serve: Serve) -> None:
    model, server = serve(Reply(text=REWRITTEN))
    assert rewrite(model, ASKED, []) is None
    assert server.requests == []


@pytest.mark.parametrize("reply", [error(400), error(401), HTML, EMPTY], ids=["400", "401", "html", "empty"])
def test_a_failing_model_rewrites_nothing(serve: Serve, reply: Reply) -> None:
    model, _ = serve(reply)
    assert rewrite(model, ASKED, HISTORY) is None


@pytest.mark.parametrize(
    "answer",
    [
        f"改写后的问题：{REWRITTEN}",
        f"“{REWRITTEN}”",
        f"<think>主体换成白石区。</think>\n\n{REWRITTEN}\n",
    ],
)
def test_wrapping_is_taken_off(answer: str) -> None:
    assert checked(answer, ASKED, HISTORY) == REWRITTEN.strip("“”")


@pytest.mark.parametrize(
    ("asked", "reply", "shown"),
    [
        ("What about Baihe?", "How many grids does Baihe have?", "How many grids does Baihe have?"),
        ("What about Baihe?", "白河建立了多少个网格？", "What about Baihe?"),
        ("那Baihe呢？", "How many grids does Baihe have?", "Baihe建立了多少个网格?"),
        ("Baihe?", "Baihe建立了多少个网格？", "Baihe建立了多少个网格？"),
    ],
)
def test_it_is_shown_only_in_the_language_of_the_question(
    serve: Serve, library: Library, asked: str, reply: str, shown: str
) -> None:
    model, _ = serve(Reply(text=reply))
    history = [Turn(role="user", content="青山县建立了多少个网格？")]
    assert Rewriter(library, model).rewrite(asked, history).shown == shown


NONSENSE = {
    "nothing": "",
    "punctuation": "？！",
    "several lines": f"{REWRITTEN}\n另外，青禾县呢？",
    "a lecture": REWRITTEN + "请详细说明" * 60,
    "another place": "云岭市换届后“一肩挑”占比是多少？",
    "an invented year": "2021年白石区换届后“一肩挑”占比是多少？",
    "an invented term": "白石区换届后“双培养”占比是多少？",
    "a term with a changed numeral": "白石区换届后五社联动占比是多少？",
    "an invented company": "ACME换届后占比是多少？",
    "the sentinel": "NO_ANSWER",
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused(answer: str) -> None:
    assert checked(answer, ASKED, HISTORY) is None


@given(st.text(max_size=200))
def test_any_answer_is_a_line_or_nothing(answer: str) -> None:
    text = checked(answer, ASKED, HISTORY)
    assert text is None or (text and "\n" not in text and len(text) < 200)
