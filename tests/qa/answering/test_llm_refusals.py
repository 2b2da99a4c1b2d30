"""A model that says what the reports don't give: kept as a notice beside an answer, and only where it says no more."""

from __future__ import annotations

import pytest

from qa.answering.builder import AnswerBuilder
from qa.answering.llm import ModelAnswerer
from qa.types import Answer
from tests.qa.conftest import Serve
from tests.support.passages import candidate, request
from tests.support.scripted_openai import Reply

SHOWN = (
    candidate(1, "被告人谈某犯诈骗罪。谈某于2021年3月被抓获，退赔8万元。", "a.txt", "谈某诈骗案判决书"),
    candidate(
        2, "Harbour Foods employs 380 people in two plants. Revenue was £648.3 million.", "c.txt", "Harbour Foods"
    ),
    candidate(
        3,
        "The auditors' report did not identify any weaknesses. The minister gave no answer. "
        "远帆基金报告期内不再提供奖学金。",
        "d.txt",
        "Audit",
    ),
)
ZH, EN = "谈某犯了什么罪，刑期多长？", "How many people does Harbour Foods employ, and what do they earn?"
SAID = {ZH: "谈某犯诈骗罪。[P1]", EN: "Harbour Foods employs 380 people [P2]. "}


def answered(serve: Serve, question: str, *replies: str) -> tuple[Answer, int]:
    """The answer, and how often the model was asked."""
    model, server = serve([*(Reply(text=text) for text in replies), Reply(text="NO_ANSWER")])
    builder = AnswerBuilder(SHOWN)
    for _ in builder.say(ModelAnswerer(model).draft(request(question, *SHOWN))):
        pass
    return builder.answer(question, question, []), len(server.requests)


NOTICES = [
    (ZH, "资料未给出谈某的刑期。", "模型说明：资料未给出谈某的刑期。"),
    (ZH, "报告中没有提到谈某的刑期[P1]。", "模型说明：报告中没有提到谈某的刑期。"),
    (ZH, "至于刑期，资料没有说明刑期多长。", "模型说明：资料没有说明刑期多长。"),
    (ZH, "报告中没有谈某刑期的信息。", "模型说明：报告中没有谈某刑期的信息。"),
    (ZH, "谈某的刑期在资料中未提及。", "模型说明：谈某的刑期在资料中未提及。"),
    (
        EN,
        "The report does not disclose what they earn.",
        "The model notes: The report does not disclose what they earn.",
    ),
    (
        EN,
        "What they earn is not mentioned in the report.",
        "The model notes: What they earn is not mentioned in the report.",
    ),
    (
        EN,
        "There is no information in the passages on what they earn.",
        "The model notes: There is no information in the passages on what they earn.",
    ),
    (EN, "The report gives no details of pay.", "The model notes: The report gives no details of pay."),
    (EN, "The report doesn't give what they earn.", "The model notes: The report doesn't give what they earn."),
    (
        EN,
        "The passages do not state what people earn [P2].",
        "The model notes: The passages do not state what people earn.",
    ),
    (
        EN,
        "However, the report does not say what they earn.",
        "The model notes: the report does not say what they earn.",
    ),
]


@pytest.mark.parametrize(("question", "refusal", "notice"), NOTICES)
def test_a_partial_refusal_is_kept_as_a_notice(serve: Serve, question: str, refusal: str, notice: str) -> None:
    answer, calls = answered(serve, question, SAID[question] + refusal)
    assert len(answer.sentences) == 1
    assert answer.warnings == [notice]
    assert (answer.dropped, calls) == (0, 1)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ZH, "资料没有给出谈某的刑期但他实际被判处有期徒刑十二年并处没收全部财产。"),
        (ZH, "报告未提到刑期为12年。"),
        (EN, "The report does not say that the staff of Alderley earn £75,000 each year."),
        (EN, "The report doesn't say that bribery and fraud among directors were punished."),
    ],
)
def test_a_refusal_that_claims_something_is_no_notice(serve: Serve, question: str, text: str) -> None:
    answer, _ = answered(serve, question, SAID[question] + text)
    assert len(answer.sentences) == 1
    assert answer.warnings == []


@pytest.mark.parametrize(
    ("question", "text", "said", "notice"),
    [
        (
            ZH,
            "谈某于2021年3月被抓获，退赔8万元[P1]；资料没有说明刑期。",
            "谈某于2021年3月被抓获，退赔8万元。",
            "资料没有说明刑期。",
        ),
        (
            EN,
            "Harbour Foods employs 380 people in two plants [P2]; the report does not say what they earn.",
            "Harbour Foods employs 380 people in two plants.",
            "the report does not say what they earn.",
        ),
    ],
    ids=["zh", "en"],
)
def test_a_refusal_at_the_end_of_a_sentence_leaves_the_sentence(
    serve: Serve, question: str, text: str, said: str, notice: str
) -> None:
    answer, calls = answered(serve, question, text)
    assert [sentence.text for sentence in answer.sentences] == [said]
    assert answer.warnings[0].endswith(notice)
    assert (answer.dropped, calls) == (0, 1)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ZH, "谈某于2020年3月被抓获，退赔9万元[P1]；资料没有说明刑期。"),
        (EN, "Harbour Foods employs 830 people in two plants [P2]; the report does not say what they earn."),
    ],
)
def test_a_false_sentence_is_dropped_whatever_its_end_says(serve: Serve, question: str, text: str) -> None:
    answer, _ = answered(serve, question, text)
    assert (answer.abstained, answer.reason, answer.dropped) == (True, "unverified", 1)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ZH, "公司报告期内没有提供对外担保。"),
        (ZH, "材料中没有铅。"),
        (EN, "The firm did not report any loss."),
        (EN, "There is no loss, and the minister has no information."),
    ],
)
def test_that_somebody_does_not_do_something_is_a_claim(serve: Serve, question: str, text: str) -> None:
    answer, _ = answered(serve, question, SAID[question] + text)
    assert len(answer.sentences) == 1
    assert answer.warnings == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ZH, "远帆基金报告期内不再提供奖学金。"),
        (EN, "The auditors' report did not identify any weaknesses."),
        (EN, "The minister gave no answer."),
    ],
)
def test_a_true_claim_that_reads_like_a_refusal_stands(serve: Serve, question: str, text: str) -> None:
    answer, calls = answered(serve, question, f"{SAID[question]}\n\n{text}")
    assert [sentence.text for sentence in answer.sentences][1:] == [text]
    assert (answer.warnings, answer.dropped, calls) == ([], 0, 1)


@pytest.mark.parametrize(
    ("question", "text"), [(ZH, "根据资料，无法回答这个问题。"), (EN, "I cannot answer the rest of this question.")]
)
def test_a_refusal_in_other_words_is_left_out_without_a_repair(serve: Serve, question: str, text: str) -> None:
    answer, calls = answered(serve, question, f"{SAID[question]}\n\n{text}")
    assert (len(answer.sentences), answer.warnings, answer.dropped, calls) == (1, [], 0, 1)


@pytest.mark.parametrize(
    ("question", "text"), [(ZH, "资料未给出谈某的刑期。"), (EN, "The report doesn't give what they earn.")]
)
def test_nothing_but_a_refusal_is_an_abstention(serve: Serve, question: str, text: str) -> None:
    answer, calls = answered(serve, question, text)
    assert (answer.abstained, answer.dropped, answer.warnings, calls) == (True, 0, [], 1)
