"""Answers as a language model structures them: paragraphs, a list of two levels, a table, bold words."""

from __future__ import annotations

from collections.abc import Callable

from qa.answering.rendering import rendered
from qa.types import Answer, AnswerSentence, Citation

WORDS = {
    "zh": {
        "question": "石桥县一年做了什么？",
        "lines": ["石桥县粮食总产量9.8万吨。", "比上年下降0.4%。"],
        "lead": "主要有三项：",
        "items": ["**公路**：新修126公里", "改造危桥7座。", "均已通车。", "新开公交线路9条"],
        "head": "| 项目 | 数量 |",
        "rows": ["| 危桥 | **7座** |", "| 公交线路 | 9条 |"],
    },
    "en": {
        "question": "What did Stonebridge do in the year?",
        "lines": ["Stonebridge grew 98,000 t of grain.", "That is 0.4% less."],
        "lead": "There are three:",
        "items": [
            "**Roads**: 126 km were built",
            "Seven bridges were mended.",
            "All are open.",
            "Nine bus lines opened",
        ],
        "head": "| What | How many |",
        "rows": ["| Bridges | **7** |", "| Bus lines | 9 |"],
    },
}


def structured_answer(language: str, change: Callable[[str], str] = str) -> Answer:
    """Return an answer with all structure there is, in 9 sentences, each with a citation of its own.

    Args:
        change: makes of each text the one that is said.
    """
    words = WORDS[language]
    said: list[AnswerSentence] = []

    def say(text: str, block: int, item: str = "", lead_in: str = "") -> None:
        text = change(text)
        bare = text.replace("**", "")
        said.append(
            AnswerSentence(
                text=bare,
                citations=[len(said) + 1],
                block=block,
                item=item,
                lead_in=change(lead_in) if lead_in else "",
                markdown=text if bare != text else "",
            )
        )

    first, second = words["lines"]
    items, rows = words["items"], words["rows"]
    say(first, 0)
    say(second, 0)
    say(items[0], 1, "1. ", str(words["lead"]))
    say(items[1], 1, "    - ")
    say(items[2], 1)
    say(items[3], 1, "2. ")
    say(rows[0], 2, "|", str(words["head"]))
    say(rows[1], 2, "|")
    say(first, 3)
    question = str(words["question"])
    return Answer(
        question=question,
        standalone_question=question,
        answer=rendered(said, "zh" if language == "zh" else "en"),
        abstained=False,
        sentences=said,
        citations=[_citation(number, sentence.text) for number, sentence in enumerate(said, start=1)],
        answerer="model",
    )


def _citation(number: int, quote: str) -> Citation:
    return Citation(
        number=number,
        document="shiqiao.txt",
        document_id="0" * 32,
        title="石桥县2023年工作总结",
        section="",
        quote=quote,
        spans=[(number, number + len(quote))],
    )
