"""Questions that a document asks itself are answered by what stands below them, and never quoted as answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qa.answering.asked_in_text import below_same_question
from qa.pipeline import QA
from qa.settings import Settings
from qa.types import DraftSentence
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

DOCUMENTS = {
    "allotments.md": """# Allotment rules

### Who may rent a plot?

Anybody who has lived in Hillside for at least one year. Families come first.

### When may families rent a plot?

From the first of May.

### Can I keep chickens?

### Is there water?

Each row has a tap.

### Who may not sell vegetables?

Holders of a small plot, unless the committee has agreed to it in writing before the first of May. All others need
a licence of the town, which is given out at the town hall on Mondays and Wednesdays from nine to twelve.
Shops that buy vegetables from the allotments pay the committee a tenth of the price. Schools and the hospital pay
nothing at all.
""",
    "library.md": """# 图书馆须知

### 谁可以办理借书证？

凡在本镇居住满半年的居民，凭身份证即可办理。

### 周末可以借书吗？

### 逾期怎么办？

逾期一天收费一角。
""",
    "baker.txt": """An interview with the baker

Q: What sells best?

A: Rye bread, by far. We bake 300 loaves a day.

Q: Who designed the oven?
""",
    "plan.md": """# 2024年水务计划

## 一、扩建东山水厂

工程六月开工，投资八百万元。

## 二、更换老旧管网

全年更换管网十二公里。
""",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    directory = tmp_path_factory.mktemp("asked")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        library.ingest([RawDocument.of(name, text) for name, text in DOCUMENTS.items()])
        yield QA(library, Settings(answerer="extractive"))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who may rent a plot?", "Anybody who has lived in Hillside for at least one year."),
        ("谁可以办理借书证？", "凡在本镇居住满半年的居民，凭身份证即可办理。"),
        ("逾期怎么办？", "逾期一天收费一角。"),
        ("What sells best?", "A: Rye bread, by far."),
    ],
)
def test_what_stands_below_answers(qa: QA, question: str, answer: str) -> None:
    assert qa.ask(question).sentences[0].text == answer


@pytest.mark.parametrize("question", ["Can I keep chickens?", "周末可以借书吗？", "Who designed the oven?"])
def test_a_question_without_an_answer_is_not_quoted(qa: QA, question: str) -> None:
    assert question not in qa.ask(question).answer


@pytest.mark.parametrize(
    "question",
    [
        "When may I rent a plot?",
        "谁可以办理身份证？",
        "Who may not rent a plot?",
        "Who may sell vegetables?",
        "谁不可以办理借书证？",
    ],
)
def test_another_question_is_not_the_same(qa: QA, question: str) -> None:
    request = qa.request(qa.analyser.analyse(question))
    assert below_same_question(request.query, request.ranked.parts[0], qa.library) == []


@pytest.mark.parametrize("question", ["东山水厂扩建投资多少？", "扩建东山水厂", "更换老旧管网多少公里？"])
def test_a_heading_is_not_quoted_alone(qa: QA, question: str) -> None:
    quotes = [citation.quote for citation in qa.ask(question).citations]
    assert quotes not in (["一、扩建东山水厂"], ["二、更换老旧管网"])


@pytest.mark.parametrize(
    ("best", "sure", "below"), [("Holders", 0.9, True), ("Schools", 0.9, False), ("Schools", 0.1, True)]
)
def test_the_best_sentence_answers_where_it_stands_further_below(qa: QA, best: str, sure: float, below: bool) -> None:
    request = qa.request(qa.analyser.analyse("Who may not sell vegetables?"))
    part = request.ranked.parts[0]
    first = next(unit for unit in part.sentences if unit.sentence.text.startswith(best))
    ordered = (first, *(unit for unit in part.sentences if unit != first))
    part = replace(part, sentences=ordered, probability=sure)
    said = qa.answerer.compose(replace(request, ranked=replace(request.ranked, parts=(part,))))
    texts = [draft.text for draft in said if isinstance(draft, DraftSentence)]
    assert texts[0].startswith("Holders") == below
    assert any(text.startswith(best) for text in texts) or below
