"""A name that a title has, and other documents' first lines too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.pipeline import QA, build
from qa.question.analysis import QueryAnalyser
from qa.question.namesakes import asked_of_namesakes
from qa.settings import Settings
from tests.qa.question.test_decompose import names
from vectorstore.library import Library
from vectorstore.reading import RawDocument

DOCUMENTS = {
    "budget.md": "# 浔州市文旅局2024年预算\n\n2024年浔州湖音乐节预算为300万元。\n\n群众文化活动预算为120万元。",
    "fund.md": "# 住房公积金提取常见问题\n\n发布单位：浔州市住房公积金管理中心。\n\n"
    "与单位解除劳动关系的，账户封存满6个月后可以全额提取公积金。",
    "court.md": "# 望川区人民法院判决书\n\n被告应当赔偿原告修复费用31860元。",
    "half-year.md": "# Thornbeck Packaging plc: half-year report\n\nThe Group made 214 million pots. "
    "The interim dividend is payable on 10 January 2025. It is 3.1p per share.",
    "survey.md": "# Survey of libraries in the region\n\nVisits to the town library in 2023 numbered 118,700. "
    "Thirty-one libraries took part.",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("namesakes")
    with Library.open(folder, library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in DOCUMENTS.items()])
        yield build(Settings(data_dir=folder, answerer="extractive", ranker="reader"), opened)


def test_another_document_of_that_name_answers(qa: QA) -> None:
    answer = qa.ask("浔州的住房公积金账户封存多久可以全额提取？")
    assert "满6个月" in answer.answer
    assert {citation.document for citation in answer.citations} == {"fund.md"}


def test_the_document_with_the_name_in_its_title_comes_first(qa: QA) -> None:
    answer = qa.ask("浔州湖音乐节2024年预算是多少？")
    assert {citation.document for citation in answer.citations} == {"budget.md"}


def test_what_none_of_them_says_is_not_answered(qa: QA) -> None:
    assert qa.ask("浔州市有多少所小学？").abstained


@pytest.mark.parametrize("question", ["修复费用赔了多少？", "望川区法院判了多少修复费用？", "浔州和望川各花了多少钱？"])
def test_nothing_else_is_asked(qa: QA, question: str) -> None:
    assert asked_of_namesakes(QueryAnalyser(qa.library).analyse(question, ()), qa.library) is None


def test_a_name_that_only_a_title_has_is_one(qa: QA) -> None:
    assert names(qa.library, "How many pots did Thornbeck make?") == [{"half-year.md"}]
    assert names(qa.library, "how many libraries took part?") == [set()]
    assert names(qa.library, "How large was the survey?") == [set()]


def test_a_title_decides_between_two_names(qa: QA, tmp_path: Path, library: Library) -> None:
    texts = {
        "table.md": "# 浔州市文化场馆统计\n\n浔州市图书馆接待118.7万人次。\n\n"
        + "各场馆的开放时间以公告为准。\n\n" * 40
        + "## 各区\n\n湖滨区图书馆接待40.3万人次。",
        "limits.md": "# 公积金提取限额\n\n湖滨区的限额为1800元。\n\n湖滨区的家庭为2700元。",
        **{f"{number}.md": f"# 第{number}号通知\n\n第{number}号食堂周日不开放。" for number in range(4)},
    }
    with Library.open(tmp_path, library.embedder) as other:
        other.ingest([RawDocument.of(name, text) for name, text in texts.items()])
        assert names(other, "浔州市图书馆和湖滨区图书馆，哪家去的人多？") == [{"table.md"}]


def test_a_second_question_is_asked_of_the_document_of_the_first(qa: QA) -> None:
    query = QueryAnalyser(qa.library).analyse("您好，Thornbeck的中期分红哪天发到手？每股多少？", ())
    first, second = query.questions
    assert [info.name for info in qa.library.directory.infos(first.parts[0].documents)] == ["half-year.md"]
    assert second.parts[0].documents == first.parts[0].documents
