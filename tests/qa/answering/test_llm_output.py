"""A model's answer becomes sentences with labels, however it is cut into pieces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answering.citation_labels import label, take_labels
from qa.answering.llm_output import LONGEST, sentences
from qa.types import DraftSentence

LABELS = [
    ("[P1]", ("P1",)),
    ("[P1][P2]", ("P1", "P2")),
    ("【P1】【P2】", ("P1", "P2")),
    ("[P1, P2]", ("P1", "P2")),
    ("[P1，P2、P3]", ("P1", "P2", "P3")),
    ("［Ｐ１，Ｐ２］", ("P1", "P2")),
    ("（P3）", ("P3",)),
    ("[p2]", ("P2",)),
    ("[P 2]", ("P2",)),
    ("[^P1]", ("P1",)),
    ("[P1-P4]", ("P1", "P2", "P3", "P4")),
    ("[P1]、[P2]", ("P1", "P2")),
    ("[P1][P1]", ("P1",)),
    ("[P99]", ("P99",)),
    ("[1]", ("1",)),
    ("[来源2]", ("来源2",)),
    ("[P1-P500]", ("P1", "P500")),
]


@pytest.mark.parametrize(("marks", "expected"), LABELS, ids=[marks for marks, _ in LABELS])
def test_labels_in_every_form(marks: str, expected: tuple[str, ...]) -> None:
    assert take_labels(f"占比达96.35%{marks}。") == ("占比达96.35%。", expected)


@pytest.mark.parametrize("text", ["（2019）12号", "[2023]", "(3)", "【通知】", "[a]", "第3条[附件]"])
def test_what_is_no_label_stays(text: str) -> None:
    assert take_labels(text) == (text, ())


def test_labels_are_counted_from_one() -> None:
    assert [label(number) for number in (1, 2, 10)] == ["P1", "P2", "P10"]


ANSWER = (
    "<think>先看P1。[P1]</think>## 结论\n- **青禾县**占比96.35%。[P1]\n2. 白石区占比88.1%[P2]。"
    "其中最高的是青禾县。[P1][P2]\n\n"
    "Income rose by 6.5% to $4.2 million.[P3] Dr. Smith said so. [P4]\n他说：“好。”然后走了。[P5]\n（一）没有标点[P6]"
)
EXPECTED = [
    ("结论", ()),
    ("青禾县占比96.35%。", ("P1",)),
    ("白石区占比88.1%。", ("P2",)),
    ("其中最高的是青禾县。", ("P1", "P2")),
    ("Income rose by 6.5% to $4.2 million.", ("P3",)),
    ("Dr. Smith said so.", ("P4",)),
    ("他说：“好。”然后走了。", ("P5",)),
    ("（一）没有标点", ("P6",)),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_sentences_do_not_depend_on_how_the_answer_is_cut(size: int) -> None:
    pieces = [ANSWER[start : start + size] for start in range(0, len(ANSWER), size)]
    assert [(sentence.text, sentence.labels) for sentence in sentences(pieces)] == EXPECTED


def test_a_sentence_is_handed_on_as_soon_as_the_next_one_begins() -> None:
    taken: list[str] = []

    def pieces() -> Iterator[str]:
        for piece in ("甲县占比96.35%。", "[P", "1]", "乙", "县"):
            taken.append(piece)
            yield piece

    first = next(iter(sentences(pieces())))
    assert first == DraftSentence("甲县占比96.35%。", labels=("P1",))
    assert taken == ["甲县占比96.35%。", "[P", "1]", "乙"]


@pytest.mark.parametrize(
    "text",
    [
        "NO_ANSWER",
        "NO_ANSWER。",
        "no answer",
        "`NO_ANSWER`",
        "资料中没有提到该信息。",
        "根据提供的资料，无法回答这个问题。",
        "The passages do not say how many.",
        "I cannot answer this question.",
        "<think>还没有想完",
        "",
        "……",
    ],
)
def test_declining_is_no_sentence(text: str) -> None:
    assert list(sentences([text])) == []


def test_a_sentence_that_is_cited_is_never_taken_for_declining() -> None:
    (sentence,) = sentences(["公司报告期内没有提供对外担保。[P1]"])
    assert sentence.labels == ("P1",)


def test_what_was_complete_before_an_error_is_handed_on() -> None:
    def pieces() -> Iterator[str]:
        yield "甲县占比96.35%。[P1]乙县占"
        raise ConnectionError

    drafts = sentences(pieces())
    assert next(drafts).text == "甲县占比96.35%。"
    with pytest.raises(ConnectionError):
        next(drafts)


@pytest.mark.parametrize("token", ["<|im_end|>", "</s>", "<|eot_id|>", "<end_of_turn>"])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_token_of_the_chat_template_ends_the_answer(token: str, size: int) -> None:
    text = f"甲县占比96.35%。[P1]{token}\n<|im_start|>user\n乙县呢？"
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert list(sentences(pieces)) == [DraftSentence("甲县占比96.35%。", labels=("P1",))]


def test_a_sentence_without_end_is_cut() -> None:
    assert max(len(sentence.text) for sentence in sentences(["甲" * 10] * 500)) <= LONGEST


MARKS = "甲县 96.35% 。 [P1] 【P2 】 - ** <think> </think> NO_ANSWER “ ”"
MODEL_TEXT = st.lists(
    st.sampled_from([*MARKS.split(), "\n", ". ", "1. "]) | st.text(max_size=5),
    max_size=25,
).map("".join)


@given(MODEL_TEXT, st.integers(min_value=1, max_value=9))
def test_any_text_is_cut_alike_in_pieces_and_whole(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert list(sentences(pieces)) == list(sentences([text]))
    for sentence in sentences(pieces):
        assert any(char.isalnum() for char in sentence.text)
        assert not sentence.evidence
