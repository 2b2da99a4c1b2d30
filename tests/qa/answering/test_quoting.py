"""Which sentences are quoted together: leads with what they open, labels with their lists, long lists by beginnings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa.answering.extractive import one_document
from qa.answering.quoting import best, instead_of_lead, needs_antecedent, several
from qa.answering.rendering import rendered
from qa.question.analysis import analyse
from qa.question.query import AnswerType, Query
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.types import AnswerSentence
from vectorstore.types import BlockKind, Passage, Sentence, StoredPassage


def found_first(question: str, *texts: str) -> tuple[Query, RankedSentences]:
    """Return what comes of a passage with those sentences when the first of them is best."""
    sentences = tuple(Sentence(text, ((0, len(text)),)) for text in texts)
    stored = StoredPassage(1, "d", "d.txt", "甲县", Passage(0, BlockKind.PARAGRAPH, "", "", (), sentences))
    units = tuple(CandidateSentence(stored, index) for index in range(len(texts)))
    scores = (9.0, *[0.0] * (len(texts) - 1))
    query = analyse(question)
    return query, RankedSentences(query.parts[0], units, scores, (1.0,) * len(texts), 1.0)


def test_a_lead_is_quoted_with_what_it_opens() -> None:
    _, found = found_first("怎么做的", "壮大集体经济。", "成立公司12家。", "分红3次。", "其他。")
    assert [unit.index for unit in several(AnswerType.MANNER, found)] == [0, 1, 2]


def test_a_short_sentence_within_a_passage_opens_nothing() -> None:
    _, found = found_first("为什么停水", "由三公司施工。", "如遇大雨，施工顺延。", "电话：96390。", "云川水务公司。")
    found = replace(found, sentences=tuple(found.sentences[i] for i in (1, 0, 2, 3)))
    assert [unit.index for unit in several(AnswerType.REASON, found)] == [1]


def test_a_lead_is_quoted_with_the_whole_list_behind_it() -> None:
    _, found = found_first(
        "有哪几条原则", "规范发展。", "坚持引领。", "坚持市场。", "坚持推动。", "坚持便民。", "另外。"
    )
    assert [unit.index for unit in several(AnswerType.LIST, found)] == [0, 1, 2, 3, 4]


def test_beside_other_documents_a_lead_gives_way_to_what_it_opens() -> None:
    _, found = found_first("用了什么平台", "数字工具助力治理。", "推出积分小程序,覆盖一半家庭,用来评比各户的表现。")
    assert instead_of_lead(found, found.sentences[0]).index == 1
    assert instead_of_lead(found, found.sentences[1]).index == 1


def test_a_label_is_quoted_with_the_list_under_it_and_nothing_twice() -> None:
    query, found = found_first(
        "排除了哪几种病", "鉴别诊断：", "1. 感冒：排除。", "2. 肺炎：排除。", "3. 哮喘：排除。", "明日复查。"
    )
    assert [unit.index for unit in several(AnswerType.LIST, found)] == [0, 1, 2, 3]
    texts = [draft.text for draft in one_document(query, found)]
    assert texts == ["鉴别诊断：", "1. 感冒：排除。", "2. 肺炎：排除。", "3. 哮喘：排除。"]


def test_a_sentence_that_leans_on_another_is_quoted_with_it() -> None:
    _, found = found_first("1990年排放多少", "2023年排放8400吨。", "当年的数字是21万吨。", "其他。")
    found = replace(found, sentences=tuple(found.sentences[i] for i in (1, 0, 2)))
    assert [unit.index for unit in best(found)] == [0, 1]


def test_a_list_that_is_a_table_is_quoted_with_all_its_rows() -> None:
    head = "编制范围内的单位包括如下各家，其中带有标记的一家为本级，其余各家均为下属单位：\n序号 | 单位名称 | 备注\n"
    rows = [f"{head}{number} | 甲县第{number}事务中心 | 下属事业单位" for number in range(2, 9)]
    assert sum(map(len, rows)) > 400
    query, found = found_first("下属单位有哪些", *rows)
    assert [unit.index for unit in several(AnswerType.LIST, found)] == list(range(7))
    answer = rendered([AnswerSentence(text=draft.text, citations=[]) for draft in one_document(query, found)], "zh")
    assert answer == "\n".join([*head.split("\n")[:-1], *(row[len(head) :] for row in rows)])


def test_two_rows_of_a_table_repeat_only_its_head() -> None:
    head = "项目 | 2023年全市农业总产值 | 2022年全市农业总产值\n"
    _, found = found_first(
        "有哪些产业", f"{head}渔业 | 12 | 11", "完。", f"{head}林业 | 7 | 6", f"{head}渔业 | 12 | 11"
    )
    found = replace(found, sentences=tuple(found.sentences[at] for at in (0, 2, 3, 1)), scores=(9.0, 8.9, 8.8, 0.0))
    assert [unit.index for unit in several(AnswerType.REASON, found)] == [0, 2]


def test_a_list_that_is_too_long_is_quoted_by_how_its_items_begin_but_for_the_best_one() -> None:
    items = [f"坚持{word}，{'很长的说明' * 24}；" for word in ("引领", "市场", "推动", "便民")]
    query, found = found_first("坚持哪些原则", *items)
    quoted = [draft.text for draft in one_document(query, found)]
    assert quoted == [items[0], "坚持市场，", "坚持推动，", "坚持便民，"]
    spans = [draft.evidence[0].spans for draft in one_document(query, found)]
    assert [end - start for ((start, end),) in spans] == [126, 5, 5, 5]


@pytest.mark.parametrize(
    ("text", "leaning"),
    [
        ("in 1990 they had been 212,000 tonnes.", True),
        ("we replaced 2,310 of them in the year.", True),
        ("其中17家实现收支平衡。", True),
        ("the council built 498 homes.", False),
        ("全县新建大棚1200个。", False),
    ],
)
def test_whether_a_sentence_leans_on_the_one_before(text: str, leaning: bool) -> None:
    assert needs_antecedent(text) is leaning
