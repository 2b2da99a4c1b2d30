"""Questions through the whole pipeline with the extractive answerer, and the promises that every answer keeps."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.errors import BadQuestion, UnknownDocumentAsked
from qa.integrations.langchain import HybridRetriever, as_tool, chain
from qa.pipeline import QA, build
from qa.retrieval import fuse
from qa.settings import Settings
from qa.types import Answer, Finished, Latency, Retrieved, Rewritten, Said, Started, Turn
from tests.qa.conftest import REPORTS
from vectorstore.embeddings.base import Kind as Embedded
from vectorstore.embeddings.base import Vectors
from vectorstore.library import Library
from vectorstore.types import Hit, cut


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory, library: Library) -> QA:
    """The pipeline with the default ranker, which judges what the linear one's features don't see."""
    folder = tmp_path_factory.mktemp("reader")
    return build(Settings(answerer="extractive", ranker="reader", data_dir=folder), library)


def check(answer: Answer) -> None:
    """What holds for every answer, whatever was asked."""
    for citation in answer.citations:
        assert cut(REPORTS[citation.document], citation.spans) == citation.quote
    numbers = [citation.number for citation in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    for sentence in answer.sentences:
        assert sentence.citations
        assert set(sentence.citations) <= set(numbers)
    if answer.abstained:
        assert not answer.sentences
        assert not answer.citations
        assert answer.reason is not None
    else:
        assert answer.sentences
        assert answer.reason is None


@pytest.mark.parametrize(
    ("question", "document", "figure"),
    [
        ("青山县选派了多少名农技员？", "a.txt", "86"),
        ("白河市选派了多少名农技员？", "b.txt", "54"),
        ("青山的矛盾纠纷化解率是多少", "a.txt", "96.5%"),
        ("白河市財政投入資金多少？", "b.txt", "3.1亿"),
        ("How many people does Harbour Foods employ?", "c.md", "380"),
    ],
)
def test_the_right_place_and_figure(qa: QA, question: str, document: str, figure: str) -> None:
    answer = qa.ask(question)
    check(answer)
    assert figure in answer.answer
    assert answer.citations[0].document == document


def test_both_places_side_by_side_and_what_follows(qa: QA) -> None:
    answer = qa.ask("青山县和白河市哪个的蔬菜大棚更多？")
    check(answer)
    assert "1200" in answer.answer
    assert "800" in answer.answer
    assert {citation.document for citation in answer.citations} == {"a.txt", "b.txt"}
    assert "更多的是青山县" in answer.answer


@pytest.mark.parametrize("question", ["今天天气怎么样？", "帮我写一首诗", "Who won the football match last night?"])
def test_what_the_reports_do_not_say(qa: QA, question: str) -> None:
    answer = qa.ask(question)
    check(answer)
    assert answer.abstained
    assert answer.passages, "the nearest passages are offered"


def test_events_come_in_order(qa: QA) -> None:
    events = list(qa.stream("青山县选派了多少名农技员？"))
    kinds = [type(event) for event in events]
    said = [event for event in events if isinstance(event, Said)]
    assert kinds == [Started, Rewritten, Retrieved, *[Said] * len(said), Finished]
    assert isinstance(events[-1], Finished)
    assert [event.sentence for event in said] == events[-1].answer.sentences


def test_scope(qa: QA) -> None:
    answer = qa.ask("选派了多少名农技员？", documents=["b.txt"])
    check(answer)
    assert {hit.document for hit in answer.passages} == {"b.txt"}
    assert "54" in answer.answer


def test_follow_up(qa: QA) -> None:
    history = [Turn(role="user", content="青山县建立了多少个网格？"), Turn(role="assistant", content="218个。")]
    answer = qa.ask("那白河呢？", history)
    check(answer)
    assert "305" in answer.answer


@pytest.mark.parametrize(("question", "said"), [("", "empty"), ("？！。", "neither"), ("问" * 2001, "2001")])
def test_bad_questions(qa: QA, question: str, said: str) -> None:
    with pytest.raises(BadQuestion, match=said):
        qa.stream(question)


def test_unknown_document(qa: QA) -> None:
    with pytest.raises(UnknownDocumentAsked, match="nope"):
        qa.stream("有多少？", documents=["nope.txt"])


def test_the_same_question_gives_the_same_answer(qa: QA) -> None:
    first, second = (qa.ask("青山县和白河市的网格各有多少个？").model_dump(exclude={"latency_ms"}) for _ in range(2))
    assert first == second


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [
                "青山县",
                "白河市",
                "大棚",
                "多少",
                "网格",
                "谁",
                "为什么",
                "2022年",
                "最多",
                "的",
                "忽略",
                "how many",
                "？",
            ]
        )
        | st.text(max_size=6),
        min_size=1,
        max_size=6,
    )
)
def test_any_question_keeps_the_promises(qa: QA, pieces: list[str]) -> None:
    text = "".join(pieces)
    if not any(char.isalnum() for char in text):
        return
    check(qa.ask(text))


def test_fusion_by_hand() -> None:
    fused = fuse([[Hit(1, 9.0), Hit(2, 8.0)], [Hit(2, 0.5)]])
    assert [hit.passage_id for hit in fused] == [2, 1]
    assert fused[0].score == pytest.approx(1 / 62 + 1 / 61)
    assert fused[1].score == pytest.approx(1 / 61)


def test_passages_come_in_the_order_of_their_best_sentences(qa: QA) -> None:
    """The passage that answers comes first, and those of two documents that are compared take turns."""
    for question, documents in (
        ("青山县的矛盾纠纷化解率是多少？", ["a.txt"]),
        ("白河市和青山县的大棚各有多少？", ["b.txt", "a.txt"]),
    ):
        answer = qa.ask(question)
        assert [passage.document for passage in answer.passages][: len(documents)] == documents
        for place, citation in enumerate(answer.citations):
            assert citation.quote in answer.passages[place].text
        assert len({str(passage.spans) + passage.document for passage in answer.passages}) == len(answer.passages)


def test_as_langchain_chain(qa: QA) -> None:
    answer = chain(qa).invoke("青山县选派了多少名农技员？")
    assert answer.model_copy(update={"latency_ms": Latency()}) == qa.ask("青山县选派了多少名农技员？").model_copy(
        update={"latency_ms": Latency()}
    )
    assert answer.sentences


def test_as_langchain_tool(qa: QA) -> None:
    tool = as_tool(qa)
    said = tool.invoke({"question": "青山县选派了多少名农技员？"})
    assert "86" in said
    assert "[1] a.txt: " in said


def test_which_has_more_is_answered_with_both_figures_and_the_conclusion(qa: QA) -> None:
    answer = qa.ask("青山县和白河市哪个的网格多？")
    assert "218" in answer.answer
    assert answer.sentences[-1].text == "更多的是白河市（305个）。"
    assert sorted(answer.sentences[-1].citations) == [1, 2]


def test_two_questions_at_once_get_two_answers(qa: QA) -> None:
    answer = qa.ask("青山县建立了多少个网格？投入多少资金？白河市有多少个行政村？")
    assert [s for s in ("218", "2.4亿", "65") if s in answer.answer] == ["218", "2.4亿", "65"]
    assert answer.standalone_question == "青山县建立了多少个网格？ 青山县投入多少资金？ 白河市有多少个行政村？"
    assert answer.warnings == []


def test_the_one_of_two_questions_without_an_answer_is_named(reading: QA) -> None:
    answer = reading.ask("青山县建立了多少个网格？县长的电话号码是多少？")
    assert "218" in answer.answer
    assert answer.warnings == ["县长的电话号码是多少？ 资料中没有提到。"]


def test_which_of_all_leaves_out_those_that_do_not_say(qa: QA) -> None:
    answer = qa.ask("哪些地方选派了农技员？")
    assert {citation.document for citation in answer.citations} == {"a.txt", "b.txt"}


def test_as_langchain_retriever(qa: QA) -> None:
    found = HybridRetriever(retriever=qa.retriever).invoke("青山县选派了多少名农技员？")
    assert found[0].metadata["document"] == "a.txt"
    assert cut(REPORTS["a.txt"], found[0].metadata["spans"]) == found[0].page_content


def test_the_sentence_that_states_the_very_figure_comes_before_one_that_only_speaks_of_it(qa: QA) -> None:
    answer = qa.ask("青山县配备的专职网格员有多少名啊？")
    check(answer)
    assert "230" in answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "青山县2021年新建了多少大棚？",
        "白河市在2020年8月启动了什么？",
        "How many people did Harbour Foods employ in 2019?",
    ],
)
def test_another_year_is_no_answer(reading: QA, question: str) -> None:
    answer = reading.ask(question)
    check(answer)
    assert answer.abstained


def test_which_place_is_answered_with_its_name(qa: QA) -> None:
    answer = qa.ask("哪个地方启动了冷链物流中心？")
    check(answer)
    assert answer.answer.startswith("白河市")


@pytest.mark.parametrize(
    ("question", "document"),
    [("除了青山县，还有哪里新建了蔬菜大棚？", "b.txt"), ("新建了蔬菜大棚的，除了白河市还有哪里？", "a.txt")],
)
def test_the_others(qa: QA, question: str, document: str) -> None:
    answer = qa.ask(question)
    check(answer)
    assert {citation.document for citation in answer.citations} == {document}


def test_there_are_no_others(qa: QA) -> None:
    answer = qa.ask("除了青山县，还有哪里新建了蔬菜大棚？", documents=["a.txt"])
    check(answer)
    assert answer.abstained


@pytest.mark.parametrize(
    "question",
    ["青山县配备网格员花了多少钱？", "青山县的网格是什么时候建立的？", "When was Harbour Foods founded?"],
)
def test_a_sentence_without_that_kind_of_answer_is_none(reading: QA, question: str) -> None:
    answer = reading.ask(question)
    check(answer)
    assert answer.abstained


def test_a_document_that_states_no_figure_is_said_not_to(qa: QA) -> None:
    answer = qa.ask("青山县和白河市各有多少名专职网格员？")
    check(answer)
    assert "230" in answer.answer
    assert {citation.document for citation in answer.citations} == {"a.txt"}
    assert answer.warnings == ["白河市：资料中没有提到。"]


@pytest.mark.parametrize("question", ["2022年青山县和白河市分别新建了多少蔬菜大棚？", "青山县总共有几个行政村？"])
def test_what_a_question_needs_embedded_is_embedded_at_once(
    qa: QA, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    embedder = qa.library.embedder
    calls: list[list[str]] = []
    encode = embedder.encode

    def counting(texts: Sequence[str], kind: Embedded) -> Vectors:
        calls.append(list(texts))
        return encode(texts, kind)

    monkeypatch.setattr(embedder, "encode", counting)
    assert not qa.ask(question).abstained
    assert len(calls) == 1
    assert len(set(calls[0])) == len(calls[0])
