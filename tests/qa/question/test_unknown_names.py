"""Names that no document has: told beside an abstention, with a near one; variants of a known name are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qa.pipeline import QA, build
from qa.question.analysis import analyse
from qa.question.unknown_names import notices, unheard, unknown_names
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.types import Hit

DOCUMENTS = {
    "water.txt": "西塘镇2023年供水情况\n\n西塘镇全年供水量为412万吨，管网漏损率为9.8%。\n\n水务站站长为孙立。\n",
    "depot.txt": "Site rules for the Ashford depot\n\nContractors wear a yellow badge, visitors a red one.\n\n"
    "The depot in Ashford handled 4,200 parcels a day in 2023. Its manager is Joan Pike.\n",
    "tools.txt": "Marlow Tools annual report 2023\n\nMarlow Tools has 140 employees in Dorset, as before.\n\n"
    "The World Health Organization bought 300 pumps.\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    directory = tmp_path_factory.mktemp("unknown")
    with Library.open(directory, load_embedder("bundled", directory)) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in DOCUMENTS.items()])
        yield opened


@pytest.fixture(scope="module")
def qa(library: Library) -> QA:
    return QA(library, Settings(answerer="extractive"))


@pytest.mark.parametrize(
    ("question", "warning"),
    [
        ("上海市全年供水量", "资料中没有关于上海市的内容，讲的是西塘镇。"),
        ("上海市2023年的供水量是多少？", "资料中没有关于上海市的内容，讲的是西塘镇。"),
        ("王志明负责什么？", "资料中没有关于王志明的内容，讲的是孙立。"),
        (
            "How many parcels did the Bristol depot handle?",
            "The reports say nothing about Bristol; they speak of Ashford.",
        ),
        (
            "How many employees does Stanton Tools have?",
            "The reports say nothing about Stanton Tools; they speak of Marlow Tools.",
        ),
        ("Who is the bishop of Quintara?", "The reports say nothing about Quintara."),
    ],
)
def test_what_is_said_of_unknown_names(qa: QA, question: str, warning: str) -> None:
    query = qa.analyser.analyse(question)
    passages = [candidate.stored for candidate in qa.request(query).candidates]
    assert notices(query, passages, qa.library) == [warning]


@pytest.mark.parametrize(
    ("question", "warning"),
    [
        ("上海市有多少家医院？", "资料中没有关于上海市的内容，讲的是西塘镇。"),
        ("Who is the bishop of Quintara?", "The reports say nothing about Quintara."),
    ],
)
def test_an_abstention_says_it(qa: QA, question: str, warning: str) -> None:
    answer = qa.ask(question)
    assert answer.abstained
    assert answer.warnings == [warning]


@pytest.mark.parametrize("question", ["西塘镇有多少所学校？", "Who cleans the Ashford depot at night?"])
def test_known_names_need_no_notice(qa: QA, question: str) -> None:
    answer = qa.ask(question)
    assert answer.abstained
    assert answer.warnings == []


@pytest.mark.parametrize("question", ["西塘镇全年供水量是多少？", "What do contractors in Bristol wear?"])
def test_an_answer_has_no_notice(qa: QA, question: str) -> None:
    answer = qa.ask(question)
    assert answer.abstained or answer.warnings == []


@pytest.mark.parametrize(
    "question",
    [
        "西塘的供水量",  # without what kind of place it is
        "西糖镇的供水量",  # another character of the same sound
        "What is the leakage in Xitang?",  # in pinyin
        "Who manages the depot in Ashfort?",  # a slip
        "What did Ms Pike say?",  # by the surname
        "How many pumps did the WHO buy?",  # by the initials
        "What does Marlow make?",  # by the first word
        "How much did Marlow Tools' rivals earn?",
        "When does the office open in May?",  # no name
    ],
)
def test_variants_of_a_known_name_are_known(library: Library, question: str) -> None:
    assert unknown_names(analyse(question), library) == ()


@pytest.mark.parametrize(("question", "name"), [("上海市的供水量", "上海市"), ("What happened in Bristol?", "Bristol")])
def test_a_name_that_occurs_nowhere(library: Library, question: str, name: str) -> None:
    assert [found.text for found in unknown_names(analyse(question), library)] == [name]


@pytest.mark.parametrize(
    ("question", "text"),
    [("上海市的供水量", "上海的供水量为3万吨。"), ("What happened in Bristol?", "bristol grew.")],
)
def test_a_name_in_a_text_at_hand_is_known_without_a_search(
    library: Library, monkeypatch: pytest.MonkeyPatch, question: str, text: str
) -> None:
    searched: list[str] = []

    def lexical(name: str, *_: object) -> list[Hit]:
        searched.append(name)
        return []

    monkeypatch.setattr(library, "lexical", lexical)
    assert unknown_names(analyse(question), library, [text]) == ()
    assert not searched
    assert len(unknown_names(analyse(question), library, ["别的内容 and others"])) == len(searched) == 1


@pytest.mark.parametrize(("question", "name"), [("西塘镇的供水量", "西塘镇"), ("What happened in Ashford?", "Ashford")])
def test_only_the_documents_that_are_asked_count(library: Library, question: str, name: str) -> None:
    query = replace(analyse(question), scope=(library.document_info("tools.txt").id,))
    assert [found.text for found in unknown_names(query, library)] == [name]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How much water did Shifang supply?", ["Shifang"]),
        ("How much water did Shifang's neighbour Xitang supply?", ["Shifang"]),
        ("How much water did Xitang supply?", []),  # 西塘
        ("How much water did Beijing supply?", []),  # what the dictionary has may be written in another way
        ("What did Tencent supply?", []),  # no pinyin
        ("上海市全年供水量", []),
        ("What is the manager of Ashford called?", []),
    ],
)
def test_names_in_pinyin_that_no_passage_has(library: Library, question: str, names: list[str]) -> None:
    passages = library.passages_of(library.document_info("water.txt").id)
    assert unheard(question, passages) == names


def test_english_documents_don_t_tell_how_a_name_sounds(library: Library) -> None:
    passages = library.passages_of(library.document_info("depot.txt").id)
    assert unheard("How much water did Shifang supply?", passages) == []


def test_a_question_about_such_a_name_is_refused_or_says_so(library: Library, tmp_path: Path) -> None:
    asked = build(Settings(data_dir=tmp_path, answerer="extractive", ranker="reader"), library)
    assert not asked.ask("How much water did Xitang supply in 2023?").abstained
    refused = asked.ask("How much water did Shifang supply in 2023?")
    assert refused.abstained
    assert refused.warnings == ["The reports say nothing about Shifang."]
    answered = asked.ask("How much water did Xitang, the neighbour of Shifang, supply in 2023?")
    assert answered.abstained or answered.warnings == ["Nothing was found about Shifang."]
