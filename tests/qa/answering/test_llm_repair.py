"""Repair over HTTP: sentences that failed are asked about in the question's language, and replaced in their places."""

from __future__ import annotations

import pytest

from qa.answering.builder import AnswerBuilder
from qa.answering.llm import ModelAnswerer
from qa.errors import ModelUnreachable
from qa.messages import FAILURES, UNSUPPORTED, Message, failure
from qa.types import Answer, Thinking
from tests.qa.conftest import Serve
from tests.qa.verify.examples import CASES as CLAIMS
from tests.qa.verify.examples import FRESH
from tests.qa.verify.test_verify import judged
from tests.support.passages import candidate, request
from tests.support.scripted_openai import Reply

SHOWN = (
    candidate(
        1, "全市新建蔬菜大棚800个，带动1900户农民增收。选派农技员54名驻村指导。建立网格305个。", "b.txt", "白河市"
    ),
    candidate(
        2,
        "Net debt fell to £94.6 million. Capital spending rose to £31.2 million. Revenue was £648.3 million.",
        "c.txt",
        "Harbour Foods 2023",
    ),
)
ZH, EN = "白河市做了什么？", "How did it go?"


def answered(serve: Serve, question: str, first: str, repair: str) -> Answer:
    model, _ = serve([Reply(text=first), Reply(text=repair)])
    builder = AnswerBuilder(SHOWN)
    for _ in builder.say(ModelAnswerer(model).draft(request(question, *SHOWN))):
        pass
    return builder.answer(question, question, [])


CASES = {
    "paragraph": (
        ZH,
        "新建蔬菜大棚900个。[P1]选派农技员54名。[P1]建立网格350个。[P1]",
        "新建蔬菜大棚800个。[P1]\n建立网格305个。[P1]",
        "新建蔬菜大棚800个。[1]选派农技员54名。[2]建立网格305个。[3]",
    ),
    "out of order": (
        EN,
        "Net debt fell to £96.4 million [P2]. Revenue was £684.3 million [P2]. Capital spending rose [P2].",
        "Revenue was £648.3 million [P2].\nNet debt fell to £94.6 million [P2].",
        "Net debt fell to £94.6 million.[1] Revenue was £648.3 million.[2] Capital spending rose.[3]",
    ),
    "list": (
        ZH,
        "共有三项：\n1. 新建蔬菜大棚900个[P1]\n2. 选派农技员54名[P1]\n    - 建立网格350个[P1]",
        "新建蔬菜大棚800个。[P1]\n建立网格305个。[P1]",
        None,
    ),
    "list in English": (
        EN,
        "There are three:\n- Net debt fell to £96.4 million [P2]\n- Capital spending rose [P2]\n"
        "- Revenue was £684.3 million [P2]",
        "Net debt fell to £94.6 million [P2].\nRevenue was £648.3 million [P2].",
        "There are three:\n\n- Net debt fell to £94.6 million.[1]\n- Capital spending rose[2]\n"
        "- Revenue was £648.3 million.[3]",
    ),
    "table": (
        EN,
        "| Net debt | £96.4 million | [P2]\n|---|---|\n| Revenue | £648.3 million | [P2]",
        "Net debt: £94.6 million [P2]",
        "| Net debt: £94.6 million [1] |\n|---|\n| Revenue | £648.3 million [2] |",
    ),
    "two for one": (
        EN,
        "- Net debt fell to £96.4 million and revenue rose to £684.3 million [P2]\n- Capital spending rose [P2]",
        "Net debt fell to £94.6 million [P2].\nRevenue was £648.3 million [P2].",
        "- Net debt fell to £94.6 million.[1] Revenue was £648.3 million.[2]\n- Capital spending rose[3]",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_repaired_sentence_takes_the_place_of_that_which_failed(serve: Serve, case: str) -> None:
    question, first, repair, text = CASES[case]
    answer = answered(serve, question, first, repair)
    if text is None:
        text = "1. 新建蔬菜大棚800个。[1]\n2. 选派农技员54名[2]\n    - 建立网格305个。[3]"
    assert answer.answer == text
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))


@pytest.mark.parametrize("question", [ZH, EN])
def test_what_is_not_repaired_is_left_out_in_its_place(serve: Serve, question: str) -> None:
    answer = answered(serve, question, "选派农技员54名。[P1]建立网格350个。[P1]Net debt fell [P2].", "NO_ANSWER")
    assert [sentence.text for sentence in answer.sentences] == ["选派农技员54名。", "Net debt fell."]
    assert answer.dropped == 1


def test_sentences_wait_for_the_repair_from_the_first_that_failed_on(serve: Serve) -> None:
    first = Reply(text="选派农技员54名。[P1]建立网格350个。[P1]新建蔬菜大棚800个。[P1]")
    model, server = serve([first, Reply(text="建立网格305个。[P1]", thinking="再看一遍")])
    builder = AnswerBuilder(SHOWN)
    events = builder.say(ModelAnswerer(model).draft(request(ZH, *SHOWN)))
    next(events)
    assert len(server.requests) == 1
    kinds = [type(event) for event in events]
    assert Thinking in kinds
    assert [sentence.text for sentence in builder.said] == [
        "选派农技员54名。",
        "建立网格305个。",
        "新建蔬菜大棚800个。",
    ]


def test_what_waited_is_said_when_the_model_breaks_off(serve: Serve) -> None:
    text = "建立网格350个。[P1]选派农技员54名。[P1]新建蔬菜大棚800个"
    model, _ = serve(Reply(text=text, breaks_after=len(text) - 2))
    builder = AnswerBuilder(SHOWN)
    with pytest.raises(ModelUnreachable):
        list(builder.say(ModelAnswerer(model).draft(request(ZH, *SHOWN))))
    assert [sentence.text for sentence in builder.said] == ["选派农技员54名。"]


@pytest.mark.parametrize(
    ("question", "reasons"),
    [
        (
            ZH,
            [
                "- 建立网格350个。[P1]（资料里没有350个）",
                "- 桥梁通车。（没有标出资料标签）",
                "（标签不存在）",
            ],
        ),
        (EN, ["- 建立网格350个。[P1] (350个 is not in the evidence)", "- 桥梁通车。 (it has no label)"]),
    ],
    ids=["zh", "en"],
)
def test_reasons_are_in_the_language_of_the_question(serve: Serve, question: str, reasons: list[str]) -> None:
    model, server = serve([Reply(text="建立网格350个。[P1]桥梁通车。\n\n学校开学。[P9]"), Reply(text="NO_ANSWER")])
    list(ModelAnswerer(model).draft(request(question, *SHOWN)))
    sent = server.requests[1]["messages"][-1]["content"]
    for reason in reasons:
        assert reason in sent


def test_reasons_of_verification_have_their_words_in_both_languages() -> None:
    reasons = [reason for case in (*CLAIMS, *FRESH) if (reason := judged(case).reason)]
    assert len(reasons) > 50
    known = [failure(reason) for reason in reasons]
    assert [message("en") for message in known if message is not UNSUPPORTED] == [
        reason for reason, message in zip(reasons, known, strict=True) if message is not UNSUPPORTED
    ]
    assert known.count(UNSUPPORTED) <= 0.05 * len(known)


@pytest.mark.parametrize("known", FAILURES, ids=lambda known: known.en)
def test_a_reason_is_known_by_either_wording(known: Message) -> None:
    values = ["{甲}", "B", "3"]
    assert failure(known.en.format(*values))("zh") == known.zh.format(*values)
    assert failure(known.zh.format(*values))("en") == known.en.format(*values)


def test_an_unknown_reason_is_told_in_general() -> None:
    assert failure("the moon is full")("zh") == "资料没有这样说"
    assert failure("the moon is full")("en") == "the passages don't say so"
