"""A model's answer becomes sentences with labels, however it is cut into pieces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa.answering.citation_labels import label, take_labels
from qa.answering.llm_output import LONGEST, WrittenSentence, sentences

LABELS = [
    ("[P1]", ("P1",)),
    ("[P1][P2]", ("P1", "P2")),
    ("【P1】【P2】", ("P1", "P2")),
    ("[P1, P2]", ("P1", "P2")),
    ("[P1，P2、P3]", ("P1", "P2", "P3")),
    ("[P1 and P3]", ("P1", "P3")),
    ("[P1P2]", ("P1", "P2")),
    ("［Ｐ１，Ｐ２］", ("P1", "P2")),
    ("（P3）", ("P3",)),
    ("[p2]", ("P2",)),
    ("[P 2]", ("P2",)),
    ("[P02]", ("P2",)),
    ("[[P2]]", ("P2",)),
    ("[P1-P4]", ("P1", "P2", "P3", "P4")),
    ("[P1]、[P2]", ("P1", "P2")),
    ("[P1][P1]", ("P1",)),
    ("[P99]", ("P99",)),
    ("[P1-P500]", ("P1", "P500")),
    ("[1]", ("P1",)),
    ("[1, 3]", ("P1", "P3")),
    ("【１】【３】", ("P1", "P3")),
    ("[^1]", ("^1",)),
    ("[^P1]", ("P1",)),
    ("[来源2]", ("P2",)),
    ("【资料1】", ("P1",)),
    ("（来源：P1）", ("P1",)),
    ("（来源：P1、P3）", ("P1", "P3")),
    ("（来源：【P1】）", ("P1",)),
    ("（见资料3）", ("P3",)),
    (" (source: P1)", ("P1",)),
    (" (source: P1; P3)", ("P1", "P3")),
    (" (see [P1] and [P2])", ("P1", "P2")),
    (" (sources 1 and 3)", ("P1", "P3")),
    (" [passage P1]", ("P1",)),
    (" [Passage 1, Passage 2]", ("P1", "P2")),
    (" [Source: P1, p. 3]", ("P1",)),
    ("[P1：青禾县工作总结]", ("P1",)),
    ("[P1](#p1)", ("P1",)),
    ("<sup>[P1]</sup>", ("P1",)),
    ("<sup>P1, P2</sup>", ("P1", "P2")),
    ("【P1†L3-L5】", ("P1",)),
    ("【1†source】【2†L7】", ("P1", "P2")),
    ("**[P1]**", ("P1",)),
    (" `[P1]`", ("P1",)),
    (" _[P1]_", ("P1",)),
]


@pytest.mark.parametrize(("marks", "expected"), LABELS, ids=[marks for marks, _ in LABELS])
@pytest.mark.parametrize(
    ("claim", "stop"), [("占比达96.35%", "。"), ("The share rose to 96.35%", ".")], ids=["zh", "en"]
)
def test_labels_in_every_form(marks: str, expected: tuple[str, ...], claim: str, stop: str) -> None:
    assert take_labels(f"{claim}{marks}{stop}") == (claim + stop, expected)


@pytest.mark.parametrize("marks", [marks for marks, _ in LABELS])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_labels_in_every_form_belong_to_the_sentence_before_them(marks: str, size: int) -> None:
    expected = dict(LABELS)[marks]
    for text, first, second in (
        (f"占比达96.35%。{marks}乙县没有。[P7]", "占比达96.35%。", "乙县没有。"),
        (f"It rose to 9.5%.{marks} It fell. [P7]", "It rose to 9.5%.", "It fell."),
    ):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert [(s.text, s.labels) for s in sentences(pieces)] == [(first, expected), (second, ("P7",))]


@pytest.mark.parametrize(
    "text",
    [
        "（2019）12号",
        "[2023]",
        "(3)",
        "【通知】",
        "[a]",
        "第3条[附件]",
        "【表1】",
        "[Table 1]",
        "(Figure 2)",
        "It rose to 36 (from 12).",
        "(p. 12)",
        "10<sup>6</sup> tonnes",
        "来源：财政拨款3亿元",
        "Sources: 4 grants",
    ],
)
def test_what_is_no_label_stays(text: str) -> None:
    assert take_labels(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**占比达96%。**[P1] 乙县没有。[P2]", [("占比达96%。", ("P1",)), ("乙县没有。", ("P2",))]),
        ("占比达96%。[P1]**乙县**没有。**[P2]**", [("占比达96%。", ("P1",)), ("乙县没有。", ("P2",))]),
        ("**It rose.** [P1] It fell. [P2]", [("It rose.", ("P1",)), ("It fell.", ("P2",))]),
        ("It rose. `[P1]` *It fell.* `[P2]`", [("It rose.", ("P1",)), ("It fell.", ("P2",))]),
        ("See file.__init__ for more. [P1]", [("See file.init for more.", ("P1",))]),
        (r"It cost \$5 \[P1\]. It fell.\[P2\]", [("It cost $5.", ("P1",)), ("It fell.", ("P2",))]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_label_beside_bold_words_and_code_belongs_to_the_sentence_before_it(
    text: str, expected: list[tuple[str, tuple[str, ...]]], size: int
) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert [(s.text, s.labels) for s in sentences(pieces)] == expected


def test_bold_words_end_with_their_sentence() -> None:
    first, second = sentences(["**It rose.** It **fell**. [P1]"])
    assert (first.place.markdown, second.place.markdown) == ("**It rose.**", "It **fell**.")


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_heading_leads_in_and_a_fence_says_nothing(size: int) -> None:
    text = "```markdown\n## 人员\n青禾县有42人。[P1]\n\n### Pay [P2]\nIt rose. [P2]\n```\n"
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    found = [(s.text, s.labels, s.leads_in) for s in sentences(pieces)]
    expected = [
        ("人员", (), True),
        ("青禾县有42人。", ("P1",), False),
        ("Pay", ("P2",), False),
        ("It rose.", ("P2",), False),
    ]
    assert found == expected
    assert next(sentences(pieces)).place.markdown == "**人员**"


CLEANED = [
    ("根据资料[P1]，罗江区发放50万元。", "罗江区发放50万元。"),
    ("【P1】指出，占比96%。", "占比96%。"),
    ("甲县64%[P1]，乙县21%[P2]。", "甲县64%，乙县21%。"),
    ("甲县 [P1] 占比96%。", "甲县占比96%。"),
    ("甲县（[P1]）占比96%。", "甲县占比96%。"),
    ("占比96% [P1] 。", "占比96%。"),
    ("占比96%，[P1]。", "占比96%。"),
    ("According to [P1], net debt fell.", "Net debt fell."),
    ("[P1] states that net debt fell.", "Net debt fell."),
    ("Net debt [P1] fell to £94.6 million [P2] , a low.", "Net debt fell to £94.6 million, a low."),
    ("Net debt (after tax [P1]) fell.", "Net debt (after tax) fell."),
    ("Net debt ([P1], [P2]) fell.", "Net debt fell."),
    ("Net debt fell ( [P1] ) .", "Net debt fell."),
]


@pytest.mark.parametrize(("text", "clean"), CLEANED, ids=[text for text, _ in CLEANED])
def test_what_labels_leave_behind_is_cleaned_away(text: str, clean: str) -> None:
    assert take_labels(text)[0] == clean
    assert [sentence.text for sentence in sentences([text])] == [clean]


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


ABBREVIATED = [
    "The St. Mary trust of Acme Corp. gave $5 million to John Smith Jr. in Dec. 2023, Gov. Lee said.",
    "As Lee et al. (2020) show, sales of Smith & Co. Ltd. in the U.S. rose.",
    "青禾县与 Harbour Foods Co. Ltd. 合作。",
    "It is owned by Acme Corp.",
    "About 3 p.m. Mr. Lee came.",
]


@pytest.mark.parametrize("text", ABBREVIATED)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_abbreviation_ends_a_sentence_only_before_its_label(text: str, size: int) -> None:
    answer = f"{text}[P1] It fell by 4.5%. [P2]"
    pieces = [answer[start : start + size] for start in range(0, len(answer), size)]
    assert [(s.text, s.labels) for s in sentences(pieces)] == [(text, ("P1",)), ("It fell by 4.5%.", ("P2",))]


PARAGRAPHS = [
    ("甲。乙。[P1]\n丙。\n\n丁。[P2]", [("甲。", (), 0), ("乙。", ("P1",), 0), ("丙。", (), 0), ("丁。", ("P2",), 1)]),
    ("- one\n- two [P1]\n\nThree.\n[P2]\n", [("one", (), 0), ("two", ("P1",), 0), ("Three.", ("P2",), 1)]),
    ("Net debt fell.\n[P1] It rose.", [("Net debt fell.", (), 0), ("It rose.", ("P1",), 0)]),
    ("One\n[P1] Two\n[P2] Three", [("One", (), 0), ("Two", ("P1",), 0), ("Three", ("P2",), 0)]),
    ("甲。\n来源：P1、P2", [("甲。", (), 0), ("", ("P1", "P2"), 0)]),
]


@pytest.mark.parametrize(("text", "expected"), PARAGRAPHS, ids=[text for text, _ in PARAGRAPHS])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_sentence_knows_its_paragraph(text: str, expected: list[tuple[str, tuple[str, ...], int]], size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert [(s.text, s.labels, s.paragraph) for s in sentences(pieces)] == expected


JSONS = [
    '{"answer": [{"text": "甲县占96%。", "sources": ["P1"]}, {"text": "It fell to 4%.", "sources": ["P2", "P3"]}]}',
    '```json\n[{"labels": [1], "sentence": "甲县占96%。"}, {"labels": [2, 3], "sentence": "It fell to 4%."}]\n```',
    '<think>[P9]</think>\n{"answer": "甲县占96%。[P1]It fell to 4%. [P2][P3]", "confident": true}',
    '{"said": [{"claim": "甲县占96%。", "source": 1}, {"claim": "It fell to 4%.", "refs": ["P2", {"id": "P3"}]}]}',
    '{"answer": ["甲县占96%。[P1]", "It fell to 4%. [P2, P3]"]}',
    '{"answer": "甲县占96%。[P1]It fell to 4%. [P2, P3]',
]


@pytest.mark.parametrize("text", JSONS)
@pytest.mark.parametrize("size", [1, 5, 1000])
def test_an_answer_in_json_is_read_as_one_in_text(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    expected = [("甲县占96%。", ("P1",)), ("It fell to 4%.", ("P2", "P3"))]
    assert [(sentence.text, sentence.labels) for sentence in sentences(pieces)] == expected


def test_an_item_of_json_is_handed_on_when_it_is_complete() -> None:
    def pieces() -> Iterator[str]:
        yield '{"answer": [{"text": "甲县占96%。", "sources": ["P1"]}, {"te'
        raise ConnectionError

    assert next(sentences(pieces())) == WrittenSentence("甲县占96%。", ("P1",))


@pytest.mark.parametrize("text", ['{"answer": []}', '{"answer": "NO_ANSWER"}', '{"answer": null}', "{", '{"'])
def test_json_that_says_nothing_is_no_sentence(text: str) -> None:
    assert list(sentences([text])) == []


def test_a_sentence_is_handed_on_as_soon_as_the_next_one_begins() -> None:
    taken: list[str] = []

    def pieces() -> Iterator[str]:
        for piece in ("甲县占比96.35%。", "[P", "1]", "乙", "县"):
            taken.append(piece)
            yield piece

    first = next(iter(sentences(pieces())))
    assert first == WrittenSentence("甲县占比96.35%。", ("P1",))
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
def test_declining_is_told_from_answering(text: str) -> None:
    assert all(sentence.declines for sentence in sentences([text]))


def test_a_sentence_that_is_cited_is_never_taken_for_declining() -> None:
    (sentence,) = sentences(["公司报告期内没有提供对外担保。[P1]"])
    assert sentence.labels == ("P1",)
    assert not sentence.declines


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
    assert list(sentences(pieces)) == [WrittenSentence("甲县占比96.35%。", ("P1",))]


def test_a_sentence_without_end_is_cut() -> None:
    assert max(len(sentence.text) for sentence in sentences(["甲" * 10] * 500)) <= LONGEST


MARKS = (
    "甲县 96.35% 。 [P1] 【P2 】 （来源：P1 ） <sup> </sup> (source: [^1] 来源： - ** ` \\ <think> </think> "
    "NO_ANSWER “ ”"
)
MODEL_TEXT = st.lists(
    st.sampled_from([*MARKS.split(), "\n", ". ", "1. ", '{"answer": [', '{"text": "', '"}', "```json"])
    | st.text(max_size=5),
    max_size=25,
).map("".join)


@example("\\\\\\1. 甲县", 1)  # an escaped backslash, and an escaped digit
@example('\\{"answer": [\n甲县', 1)
@given(MODEL_TEXT, st.integers(min_value=1, max_value=9))
def test_any_text_is_cut_alike_in_pieces_and_whole(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert list(sentences(pieces)) == list(sentences([text]))
    for sentence in sentences(pieces):
        assert any(char.isalnum() for char in sentence.text) or (sentence.labels and not sentence.text)
