"""What each sentence of a model rests on, labelled or not: over HTTP from a scripted model to the finished answer."""

from __future__ import annotations

import pytest

from qa.answering.builder import AnswerBuilder
from qa.answering.llm import ModelAnswerer
from qa.types import Candidate
from tests.qa.conftest import Serve
from tests.support.passages import candidate, request
from tests.support.scripted_openai import Reply

QUESTION = "How did it go? 情况如何？"
SHOWN = (
    candidate(1, "全县新建蔬菜大棚1200个，带动3100户农民增收。选派农技员86名驻村指导。", "a.txt", "青山县：农业总结"),
    candidate(2, "全市新建蔬菜大棚800个，带动1900户农民增收。选派农技员54名驻村指导。", "b.txt", "白河市：农业总结"),
    candidate(
        3, "Net debt fell to £94.6 million. Capital spending rose to £31.2 million.", "c.txt", "Harbour Foods 2023"
    ),
    candidate(4, "The company employs 380 people in two plants.", "c.txt", "Harbour Foods 2023"),
    candidate(5, "Net debt fell to £12.5 million. Alderley opened four shops.", "d.txt", "Alderley Group 2023"),
)
"""The first four are shown, twice two for a question how; the last is found, and not shown."""


def answered(serve: Serve, text: str) -> tuple[AnswerBuilder, list[tuple[str, list[int]]]]:
    """The answer's builder, and each sentence that is said with the passages that it cites."""
    model, _ = serve([Reply(text=text), Reply(text="NO_ANSWER")])
    builder = AnswerBuilder(SHOWN)
    said = []
    for event in builder.say(ModelAnswerer(model, passages=2).draft(request(QUESTION, *SHOWN))):
        cited = [citation for citation in builder.citations if citation.number in event.sentence.citations]
        said.append((event.sentence.text, [next(c.stored.id for c in SHOWN if _holds(c, q.quote)) for q in cited]))
    return builder, said


def quoted(serve: Serve, text: str, shown: tuple[Candidate, ...]) -> list[str]:
    """What is quoted for an answer of which each sentence stands."""
    model, _ = serve([Reply(text=text), Reply(text="NO_ANSWER")])
    builder = AnswerBuilder(shown)
    for _ in builder.say(ModelAnswerer(model).draft(request(QUESTION, *shown))):
        pass
    assert builder.dropped == 0
    return [citation.quote for citation in builder.citations]


def _holds(shown: Candidate, quote: str) -> bool:
    return quote in shown.stored.passage.text


FORMS = [
    "[P{n}]",
    "【P{n}】",
    "[{n}]",
    "[^{n}]",
    "（来源：P{n}）",
    " (source: P{n})",
    "<sup>[P{n}]</sup>",
    " [passage P{n}]",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_label_in_any_form_is_cited(serve: Serve, form: str) -> None:
    one, three = form.format(n=1), form.format(n=3)
    text = f"青山县新建蔬菜大棚1200个{one}。青山县选派农技员86名。{one}\nNet debt fell to £94.6 million{three}."
    _, said = answered(serve, text)
    assert said == [
        ("青山县新建蔬菜大棚1200个。", [1]),
        ("青山县选派农技员86名。", [1]),
        ("Net debt fell to £94.6 million.", [3]),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_label_once_at_a_paragraphs_end_is_its_sentences(serve: Serve, form: str) -> None:
    text = f"全市新建蔬菜大棚800个。选派农技员54名驻村指导。{form.format(n=2)}\n\n"
    text += f"Net debt fell to £94.6 million. Capital spending rose to £31.2 million.{form.format(n=3)}"
    _, said = answered(serve, text)
    assert [cited for _, cited in said] == [[2], [2], [3], [3]]


def test_a_label_once_at_a_lists_end_is_its_items(serve: Serve) -> None:
    text = "- 新建蔬菜大棚800个\n- 带动1900户农民增收\n- 选派农技员54名[P2]\n\n"
    text += "1. Net debt: £94.6 million\n2. Capital spending: £31.2 million\n[P3]"
    _, said = answered(serve, text)
    assert [cited for _, cited in said] == [[2], [2], [2], [3], [3]]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("白河市新建蔬菜大棚800个。", 2),
        ("The company employs 380 people.", 4),
        ("Net debt fell to £94.6 million.\n\n参考资料：[P1]、[P3]", 3),
        ("The company employs 380 people.\n\n[P3] Harbour Foods 2023\n[P4] Harbour Foods 2023", 4),
        ("青山县选派农技员86名。\n\n[^1]: P1\n", 1),
        ("The company employs 380 people.[^1]\n\n[^1]: Harbour Foods 2023", 4),
    ],
)
def test_without_a_label_the_passages_shown_are_searched(serve: Serve, text: str, cited: int) -> None:
    builder, said = answered(serve, text)
    assert [passages for _, passages in said] == [[cited]]
    assert builder.dropped == 0


@pytest.mark.parametrize(
    "text",
    [
        "白河市新建蔬菜大棚1200个。",
        "The company employs 830 people.",
        "Alderley opened four shops.",
        "青山县新建蔬菜大棚1200个，选派农技员54名。",
        "Net debt fell to £12.5 million.",
    ],
)
def test_what_no_document_shown_supports_is_not_said(serve: Serve, text: str) -> None:
    builder, said = answered(serve, text)
    assert said == []
    assert builder.dropped == 1


@pytest.mark.parametrize("label", ["[P5]", "[5]", "【P5】", "(source: P5)", "[P12]", "[^12]"])
def test_a_passage_that_was_not_shown_cannot_be_cited(serve: Serve, label: str) -> None:
    builder, said = answered(serve, f"Alderley opened four shops.{label}\n选派农技员86名驻村指导。{label}")
    assert said == []
    assert (builder.dropped, builder.unknown_labels) == (2, 2)


def test_an_unknown_label_beside_a_known_one_is_counted(serve: Serve) -> None:
    builder, said = answered(serve, "Net debt fell to £94.6 million.[P3][P9]选派农技员86名驻村指导。[P1, P9]")
    assert [cited for _, cited in said] == [[3], [1]]
    assert builder.unknown_labels == 2


def test_sentences_that_wait_for_a_label_keep_their_place(serve: Serve) -> None:
    text = "Net debt fell to £94.6 million. It employs nine people. Capital spending rose to £31.2 million.[P3]"
    builder, said = answered(serve, text)
    assert [sentence for sentence, _ in said] == [
        "Net debt fell to £94.6 million.",
        "Capital spending rose to £31.2 million.",
    ]
    assert builder.dropped == 1


@pytest.mark.parametrize(
    ("shown", "text", "quotes"),
    [
        (
            ("主要风险：资金链断裂。客户流失。", "客户在去年流失了一些，人才也在流失。人才短缺。"),
            "- 资金链断裂\n- 客户流失\n- 人才短缺[P2]",
            ["资金链断裂。", "客户流失。", "人才短缺。"],
        ),
        (
            (
                "The risks are these. Prices of white fish. A cyber attack on ordering systems.",
                "A cyber attack on our ordering systems was stopped in May. Shortage of engineers.",
            ),
            "- Prices of white fish\n- A cyber attack on ordering systems\n- Shortage of engineers [P2]",
            ["Prices of white fish.", "A cyber attack on ordering systems.", "Shortage of engineers."],
        ),
    ],
    ids=["zh", "en"],
)
def test_an_item_is_cited_where_it_stands_word_for_word(
    serve: Serve, shown: tuple[str, str], text: str, quotes: list[str]
) -> None:
    """Although the label at the list's end is of a passage that says something like it, too."""
    passages = tuple(candidate(n, words, "r.txt", "Risks 风险") for n, words in enumerate(shown, start=1))
    assert [quote.strip().removeprefix("主要风险：") for quote in quoted(serve, text, passages)] == quotes


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (
            "农民增收后，村里修了路。全县新建大棚1200个，农民增收明显。",
            "全县新建大棚1200个，农民增收明显。[P1]因此，农民增收。",
        ),
        (
            "When net debt fell, the board met. Net debt fell to £94.6 million.",
            "Net debt fell to £94.6 million.[P1] So, net debt fell.",
        ),
    ],
    ids=["zh", "en"],
)
def test_a_closing_sentence_rests_on_what_the_one_before_it_rests_on(serve: Serve, shown: str, text: str) -> None:
    assert len(quoted(serve, text, (candidate(1, shown, "r.txt", "2023"),))) == 1


def test_an_answer_in_json_is_cited(serve: Serve) -> None:
    text = '[{"text": "全市新建蔬菜大棚800个。", "sources": ["P2"]}, {"text": "It employs 380 people.", "sources": []}]'
    _, said = answered(serve, text)
    assert [cited for _, cited in said] == [[2], [4]]


def test_a_computed_figure_is_said_with_its_expression_and_citations(serve: Serve) -> None:
    builder, said = answered(serve, "青山县比白河市多新建蔬菜大棚400个。[P1][P2]")
    assert said == [("青山县比白河市多新建蔬菜大棚400个。", [1, 2])]
    (sentence,) = builder.said
    assert sentence.derived is not None
    assert sentence.derived.expression == "1200个 - 800个 = 400个"
    assert sentence.derived.inputs == sentence.citations


def test_a_wrongly_computed_figure_is_dropped(serve: Serve) -> None:
    builder, said = answered(serve, "青山县比白河市多新建蔬菜大棚500个。[P1][P2]")
    assert said == []
    assert builder.dropped == 1


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("青山更多。青山县新建蔬菜大棚1200个[P1]，白河市新建蔬菜大棚800个[P2]。", True),
        ("白河更多。青山县新建蔬菜大棚1200个[P1]，白河市新建蔬菜大棚800个[P2]。", False),
        ("青山县新建蔬菜大棚1200个[P1]，白河市新建蔬菜大棚800个[P2]。所以青山更多。", True),
    ],
)
def test_a_conclusion_rests_on_what_is_said_before_or_behind(serve: Serve, text: str, stands: bool) -> None:
    _, said = answered(serve, text)
    assert any("更多" in sentence for sentence, _ in said) is stands
    assert [sentence for sentence, _ in said if "更多" not in sentence] == [
        "青山县新建蔬菜大棚1200个，白河市新建蔬菜大棚800个。"
    ]
