"""The points under a heading that a question names."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from qa.answering.outline import outline
from qa.pipeline import QA
from qa.question.analysis import analyse
from qa.ranking.base import CandidateSentence
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.types import StoredPassage, cut

REPORT = """青山县：2022年农业工作总结

青山县位于北部丘陵，全县共有42个行政村。

## 夯实基础 筑牢“桥头堡”

青山县始终把打牢基础摆在首位，全年召开专题会议12次研究部署，逐项抓好落实。

抓好组织建设。全县整顿后进村党组织9个，调整村党组织书记4名，建立党员责任区86个，划分网格218个。

抓好教育培训。举办培训班31期，培训党员5200人次，组织赴外地学习考察6批次，建立实训基地3个。

选树先进典型。评选标杆村党组织10个、先锋党员60名，组建突击队52支，开展宣讲活动140场次。

## 产业发展

全县新建蔬菜大棚1200个，带动3100户农民增收；选派农技员86名驻村指导，培训农民5200人次。
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    directory = tmp_path_factory.mktemp("outline")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        library.ingest([RawDocument.of("a.txt", REPORT)])
        yield QA(library, Settings(answerer="extractive"))


@pytest.mark.parametrize("question", ["青山县筑牢“桥头堡”，做了哪三项工作？", "青山县夯实基础、筑牢桥头堡有哪些方面？"])
def test_the_points_under_the_heading(qa: QA, question: str) -> None:
    answer = qa.ask(question)
    assert [citation.quote for citation in answer.citations] == ["抓好组织建设。", "抓好教育培训。", "选树先进典型。"]
    assert all(cut(REPORT, citation.spans) == citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "青山县筑牢“桥头堡”，做了哪五项工作？",  # there are three
        "青山县筑牢“桥头堡”，教育培训做了哪些？",  # one of them
        "青山县筑牢“桥头堡”划分了多少个网格？",  # no list
    ],
)
def test_not_when_something_else_is_asked(qa: QA, question: str) -> None:
    request = qa.request(qa.analyser.analyse(question))
    (found,) = request.ranked.parts
    assert outline(request.query, found.part.focus, found.sentences, qa.library) == []


ENGLISH = """# Notice on Pumps

## PART 7 - SAFETY DIRECTIVES

{0} It may be asked for by any inspector who comes in the course of the year after that day.

{1} The board wants it back when the pump is taken out of service, with all its covers and pipes.
"""


@pytest.mark.parametrize(
    ("leads", "question"),
    [
        (("Keep it dry.", "Keep it shut."), "Which directives would the notice replace?"),  # one word of the heading
        (("of this AD.", "of that AD."), "Which safety directives would be replaced?"),  # ends of sentences
    ],
)
def test_what_names_no_heading_and_opens_nothing_in_english(leads: tuple[str, str], question: str) -> None:
    layout = repair(ENGLISH.format(*leads))
    stored = [StoredPassage(p.ordinal, "d", "d.md", layout.title, p) for p in chunk(layout)]
    units = [CandidateSentence(one, index) for one in stored for index in range(len(one.passage.sentences))]
    library = SimpleNamespace(passages_of=lambda document: stored)
    query = analyse(question)
    assert outline(query, query.parts[0].focus, units, cast("Any", library)) == []
