"""A question for several things is answered by the whole list, or by the rows of a table that answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qa.answering.extractive import one_document
from qa.answering.items import items
from qa.answering.lists import LONGEST
from qa.answering.quoting import several
from qa.pipeline import QA
from qa.question.query import AnswerType, Query
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

NOTICE = """# 清溪镇2024年工作安排

## 重点任务

镇党委研究决定，全年重点任务如下。重点任务包括：

- 修缮老街12栋房屋；
- 新建停车场2处。由城建办负责；
- 开通到县城的夜间班车；

以上任务由镇长何敏督办。

## 待议

- 谁来养护花坛？
- 谁来清扫街道？

## 资料

| 村 | 人口 | 面积 |
| --- | --- | --- |
| 上河村 | 1,204 | 3.1平方千米 |
| 下河村 | 980 | 2.7平方千米 |
| 石桥村 | 1,530 | 4.4平方千米 |

## 单位

| 序号 | 单位 |
| --- | --- |
| 1 | 清溪镇便民服务中心 |
| 2 | 清溪镇农业服务站 |
| 3 | 清溪镇文化站 |
| 4 | 清溪镇执法队 |
"""
MINUTES = f"""Minutes of the harbour board

The chair thanked all who came. The board agreed to buy:
 * **a winch** – for the slipway, from Dole & Son;
 * two dinghies
 * paint for the pier.

The rest was put off.

The engineer was told to:
 * mend the crane by May.
   It had stood still for a year.
 * sell the barge.
   The price is for the chair to agree.
 * grease the lock gates.
   They jam.

What the divers found under the pier:
 - {"weed on the piles, " * 12}
 - {"rust on the ladders, " * 12}
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    directory = tmp_path_factory.mktemp("items")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        library.ingest([RawDocument.of("安排.md", NOTICE), RawDocument.of("minutes.txt", MINUTES)])
        yield QA(library, Settings(answerer="extractive"))


def ranked(qa: QA, question: str, *beginnings: str, scores: tuple[float, ...] = ()) -> tuple[Query, RankedSentences]:
    """Return a question, and the sentences that begin so as the best ones for it, in this order."""
    request = qa.request(qa.analyser.analyse(question))
    units = [
        CandidateSentence(stored, index)
        for info in qa.library.documents()
        for stored in qa.library.passages_of(info.id)
        for index in range(len(stored.passage.sentences))
    ]
    chosen = [next(u for u in units if beginning in u.sentence.text) for beginning in beginnings]
    values = scores or tuple(9.0 - 0.1 * at for at in range(len(chosen)))
    part = replace(request.ranked.parts[0], sentences=tuple(chosen), scores=values, covers=(1.0,) * len(chosen))
    return request.query, part


def texts(qa: QA, question: str, *beginnings: str, scores: tuple[float, ...] = ()) -> list[str]:
    query, found = ranked(qa, question, *beginnings, scores=scores)
    return [unit.sentence.text.strip("* ") for unit in items(query, found, qa.library)]


WHOLE = ["重点任务包括：", "修缮老街12栋房屋；", "新建停车场2处。", "开通到县城的夜间班车；"]


@pytest.mark.parametrize("best", [("新建停车场",), ("重点任务包括",), ("镇党委研究决定", "修缮老街", "开通到县城")])
def test_the_list_of_the_best_sentences_comes_whole(qa: QA, best: tuple[str, ...]) -> None:
    assert texts(qa, "清溪镇2024年的重点任务有哪些？", *best) == WHOLE


def test_an_item_is_quoted_up_to_the_best_sentence(qa: QA) -> None:
    answering = [*WHOLE[:3], "由城建办负责；", WHOLE[3]]
    assert texts(qa, "清溪镇2024年的重点任务有哪些？", "由城建办负责") == answering


def test_an_item_goes_on_in_lines_as_far_in_as_its_text(qa: QA) -> None:
    told = ["The engineer was told to:", "mend the crane by May.", "sell the barge.", "grease the lock gates."]
    assert texts(qa, "Which things was the engineer told to do?", "sell the barge") == told


def test_a_list_of_questions_alone_leaves_the_best_sentence(qa: QA) -> None:
    query, found = ranked(qa, "清溪镇2024年的重点任务有哪些？", "镇党委研究决定", "谁来养护花坛", "谁来清扫街道")
    listed = items(query, found, qa.library)
    assert len(listed) == 2
    assert [draft.text for draft in one_document(query, found, listed)] == [found.sentences[0].sentence.text]


def test_one_item_among_others_brings_no_list(qa: QA) -> None:
    assert texts(qa, "清溪镇2024年的重点任务有哪些？", "以上任务由", "修缮老街") == []
    assert texts(qa, "清溪镇2024年的重点任务有哪些？", "以上任务由", "修缮老街", "新建停车场", scores=(9, 8.9, 2)) == []


def test_bullets_of_plain_text_count_and_the_last_item_ends_the_list(qa: QA) -> None:
    found = texts(qa, "Which things did the harbour board agree to buy?", "two dinghies")
    assert found[0] == "The board agreed to buy:"
    assert [one.partition(" ")[0] for one in found[1:]] == ["a", "two", "paint"]


def test_a_list_that_is_too_long_is_left_to_the_best_sentences(qa: QA) -> None:
    query, found = ranked(qa, "Which things did the divers find under the pier?", "weed on the piles")
    assert len(found.sentences[0].sentence.text) * 2 > LONGEST
    assert items(query, found, qa.library) == []


def test_rows_that_score_alike_are_quoted_together(qa: QA) -> None:
    rows = ("上河村", "石桥村", "下河村")
    found = texts(qa, "清溪镇有哪些村？", *rows)
    assert [one.rpartition("\n")[2].partition(" ")[0] for one in found] == ["上河村", "下河村", "石桥村"]
    assert texts(qa, "清溪镇有哪些村？", *rows, scores=(9, 5, 4)) == []


def test_numbered_rows_are_left_to_what_knows_them_all(qa: QA) -> None:
    query, found = ranked(qa, "清溪镇的下属单位有哪些？", "文化站", "农业服务站", scores=(9.0, 8.9))
    assert items(query, found, qa.library) == []
    assert len(several(AnswerType.LIST, found)) == 4


def test_a_question_for_one_thing_gets_no_list(qa: QA) -> None:
    assert texts(qa, "清溪镇2024年新建停车场多少处？", "新建停车场") == []


def test_the_answer_is_the_list(qa: QA) -> None:
    answer = qa.ask("清溪镇2024年的重点任务有哪些？")
    assert [sentence.text for sentence in answer.sentences] == WHOLE
    assert all(sentence.citations for sentence in answer.sentences)
