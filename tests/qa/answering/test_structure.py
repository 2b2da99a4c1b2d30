"""The structure that a model gives its answer: what survives of it on each sentence, and in the text."""

from __future__ import annotations

import pytest

from qa.answering.builder import AnswerBuilder
from qa.answering.llm import ModelAnswerer
from qa.types import Answer
from tests.qa.conftest import Serve
from tests.support.passages import candidate, request
from tests.support.scripted_openai import Reply

SHOWN = (
    candidate(
        1,
        "全市新建蔬菜大棚800个，带动1900户农民增收。选派农技员54名驻村指导。建立网格305个。",
        "b.txt",
        "白河市：农业总结",
    ),
    candidate(
        2,
        "The board names three risks. Net debt fell to £94.6 million. Capital spending rose to £31.2 million. "
        "Revenue was £648.3 million.",
        "c.txt",
        "Harbour Foods 2023",
    ),
)


def answered(serve: Serve, question: str, *replies: str) -> Answer:
    model, _ = serve([*(Reply(text=text) for text in replies), Reply(text="NO_ANSWER")])
    builder = AnswerBuilder(SHOWN)
    for _ in builder.say(ModelAnswerer(model).draft(request(question, *SHOWN))):
        pass
    return builder.answer(question, question, [])


def test_a_list_stays_a_list(serve: Serve) -> None:
    zh = answered(
        serve, "白河市做了什么？", "- 新建蔬菜大棚800个[P1]\n- 选派农技员54名[P1]\n\n白河市建立网格305个。[P1]"
    )
    assert zh.answer == "- 新建蔬菜大棚800个[1]\n- 选派农技员54名[2]\n\n白河市建立网格305个。[3]"
    assert [(s.text, s.block, s.item) for s in zh.sentences] == [
        ("新建蔬菜大棚800个", 0, "- "),
        ("选派农技员54名", 0, "- "),
        ("白河市建立网格305个。", 1, ""),
    ]
    en = answered(serve, "How did it go?", "1. Net debt fell to £94.6 million [P2]\n2) Revenue was £648.3 million [P2]")
    assert en.answer == "1. Net debt fell to £94.6 million[1]\n2. Revenue was £648.3 million[2]"


def test_a_list_with_numbers_in_circles_is_a_list(serve: Serve) -> None:
    zh = answered(serve, "白河市做了什么？", "①新建蔬菜大棚800个[P1]\n②选派农技员54名[P1]")
    assert zh.answer == "1. 新建蔬菜大棚800个[1]\n2. 选派农技员54名[2]"


@pytest.mark.parametrize("indent", ["  ", "   ", "    ", "\t"])
def test_a_list_inside_a_list_is_indented(serve: Serve, indent: str) -> None:
    text = f"- Net debt fell to £94.6 million [P2]\n{indent}- Revenue was £648.3 million [P2]\n- 选派农技员54名[P1]"
    answer = answered(serve, "How did it go?", text)
    assert [s.item for s in answer.sentences] == ["- ", "    - ", "- "]
    assert "[1]\n    - Revenue was £648.3 million[2]\n- 选派农技员54名[3]" in answer.answer


def test_paragraphs_stay_apart_and_sentences_are_joined_as_their_language_asks(serve: Serve) -> None:
    text = "新建蔬菜大棚800个。[P1]选派农技员54名。[P1]\n\nNet debt fell [P2]. Revenue was £648.3 million [P2]."
    answer = answered(serve, "How did it go?", text)
    assert answer.answer == (
        "新建蔬菜大棚800个。[1]选派农技员54名。[2]\n\nNet debt fell.[3] Revenue was £648.3 million.[4]"
    )


def test_bold_words_stay_bold_in_markdown(serve: Serve) -> None:
    text = "- **大棚**：新建蔬菜大棚800个[P1]\n- **Net debt** fell to £94.6 million [P2]\n- 选派**农技员54名[P1]"
    answer = answered(serve, "How did it go?", text)
    assert [(s.text, s.markdown) for s in answer.sentences] == [
        ("大棚：新建蔬菜大棚800个", "**大棚**：新建蔬菜大棚800个"),
        ("Net debt fell to £94.6 million", "**Net debt** fell to £94.6 million"),
        ("选派农技员54名", ""),
    ]
    assert answer.answer.startswith("- **大棚**：新建蔬菜大棚800个[1]\n- **Net debt** fell")


def test_a_table_stays_a_table(serve: Serve) -> None:
    text = "| Net debt | £94.6 million | [P2]\n|---|---|\n| Revenue | £648.3 million | [P2]"
    answer = answered(serve, "How did it go?", text)
    assert answer.answer == "| Net debt | £94.6 million [1] |\n|---|---|\n| Revenue | £648.3 million [2] |"
    assert [s.item for s in answer.sentences] == ["|", "|"]


LEAD_INS = [
    ("情况如何？", "共有两项：\n- 新建蔬菜大棚800个[P1]\n- 新建大棚810个[P1]", "共有两项：\n\n- 新建蔬菜大棚800个[1]"),
    ("情况如何？", "具体措施包括：\n选派农技员54名。[P1]", "具体措施包括：\n选派农技员54名。[1]"),
    (
        "How did it go?",
        "There are two:\n1. Net debt fell [P2]\n2. £9 million [P2]",
        "There are two:\n\n1. Net debt fell[1]",
    ),
    (
        "白河市做了什么？",
        "白河市做了以下工作：\n- 新建蔬菜大棚800个[P1]",
        "白河市做了以下工作：\n\n- 新建蔬菜大棚800个[1]",
    ),
    (
        "Which risks does the board of Harbour Foods name?",
        "The board of Harbour Foods names three risks:\n1. Net debt fell to £94.6 million [P2]",
        "The board of Harbour Foods names three risks:\n\n1. Net debt fell to £94.6 million[1]",
    ),
]


@pytest.mark.parametrize(("question", "text", "shown"), LEAD_INS, ids=["count", "words", "count-en", "zh", "en"])
def test_a_lead_in_goes_uncited_with_what_it_leads_in(serve: Serve, question: str, text: str, shown: str) -> None:
    answer = answered(serve, question, text)
    assert answer.answer == shown
    (sentence,) = answer.sentences
    assert sentence.citations == [1]
    assert shown.startswith(sentence.lead_in + "\n")


TWO_LEVELS = [
    (
        "白河市做了什么？",
        "具体措施包括：\n- **大棚**：\n  - 新建蔬菜大棚800个[P1]\n- **农技员**：\n  - 选派农技员54名[P1]",
        "具体措施包括：\n\n- **大棚**：\n    - 新建蔬菜大棚800个[1]\n- **农技员**：\n    - 选派农技员54名[2]",
    ),
    (
        "How did Harbour Foods do?",
        "1. **Net debt**:\n   - Net debt fell to £94.6 million [P2]\n2. Revenue:\n   - Revenue was £648.3 million [P2]",
        "1. **Net debt**:\n    - Net debt fell to £94.6 million[1]\n2. Revenue:\n    - Revenue was £648.3 million[2]",
    ),
    (  # what the first heading leads in to falls: the line above both stays
        "白河市做了什么？",
        "具体措施包括：\n- 大棚：\n  - 新建蔬菜大棚900个[P1]\n- 农技员：\n  - 选派农技员54名[P1]",
        "具体措施包括：\n\n- 农技员：\n    - 选派农技员54名[1]",
    ),
    (
        "How did Harbour Foods do?",
        "Net debt and revenue:\n\n| Net debt | Revenue |\n|---|---|\n| £94.6 million | £648.3 million | [P2]",
        "Net debt and revenue:\n\n| Net debt | Revenue |\n|---|---|\n| £94.6 million | £648.3 million [1][2] |",
    ),
]


@pytest.mark.parametrize(("question", "text", "shown"), TWO_LEVELS, ids=["zh", "en", "fallen", "table"])
def test_what_heads_a_part_of_a_list_keeps_its_mark(serve: Serve, question: str, text: str, shown: str) -> None:
    assert answered(serve, question, text).answer == shown


@pytest.mark.parametrize(
    "text",
    [
        "白河市做了以下工作：\n- 新建蔬菜大棚900个[P1]",
        "The board names three risks:\n- Net debt fell to £12.5 million [P2]",
    ],
)
def test_a_lead_in_is_left_out_with_what_it_leads_in(serve: Serve, text: str) -> None:
    answer = answered(serve, "白河市做了什么？", text)
    assert answer.abstained


@pytest.mark.parametrize(
    "text",
    [
        "红岭县做了9项工作：\n- 新建蔬菜大棚800个[P1]",
        "共有七项：\n- 新建蔬菜大棚800个[P1]\n- 选派农技员54名[P1]",
        "There are seven:\n- Net debt fell to £94.6 million [P2]",
        "The board of Alderley was dismissed for nine reasons:\n- Net debt fell to £94.6 million [P2]",
    ],
)
def test_a_lead_in_that_claims_what_no_document_says_is_left_out(serve: Serve, text: str) -> None:
    answer = answered(serve, "情况如何？", text)
    assert {s.lead_in for s in answer.sentences} == {""}


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("白河市的900个大棚怎么样？", "白河市的900个大棚情况如下：\n- 选派农技员54名[P1]"),
        (
            "How did Harbour Foods do with net debt of £12 million?",
            "With net debt of £12 million:\n- Revenue was £648.3 million [P2]",
        ),
    ],
)
def test_a_lead_in_has_no_figure_of_the_question_alone(serve: Serve, question: str, text: str) -> None:
    assert [sentence.lead_in for sentence in answered(serve, question, text).sentences] == [""]


def test_a_failed_lead_in_asks_for_no_repair(serve: Serve) -> None:
    model, server = serve(Reply(text="红岭县做了9项工作：\n- 新建蔬菜大棚800个[P1]"))
    list(ModelAnswerer(model).draft(request("情况如何？", *SHOWN)))
    assert len(server.requests) == 1
