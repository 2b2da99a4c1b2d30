"""Small talk, the service, overviews and more of the same, from the message to the answer that callers see."""

from __future__ import annotations

import pytest

from qa.pipeline import QA
from qa.types import Answer, Finished, Intent, Retrieved, Said, Turn
from vectorstore.library import Library
from vectorstore.types import cut


def turns(*answers: Answer) -> list[Turn]:
    """Return the conversation of ``answers``, as it is stored."""
    return [
        turn
        for answer in answers
        for turn in (
            Turn(role="user", content=answer.question),
            Turn(role="assistant", content="".join(s.text for s in answer.sentences) or answer.answer),
        )
    ]


def assert_cited(library: Library, answer: Answer) -> None:
    assert answer.sentences
    assert all(sentence.citations for sentence in answer.sentences)
    for citation in answer.citations:
        assert cut(library.document(citation.document_id).text, tuple(citation.spans)) == citation.quote


@pytest.mark.parametrize(("message", "start"), [("你好", "你好"), ("Hello", "Hello")])
def test_small_talk_is_answered_without_a_search(qa: QA, message: str, start: str) -> None:
    events = list(qa.stream(message))
    assert [event.passages for event in events if isinstance(event, Retrieved)] == [[]]
    assert not any(isinstance(event, Said) for event in events)
    assert isinstance(events[-1], Finished)
    answer = events[-1].answer
    assert answer.answer.startswith(start)
    assert (answer.reason, answer.intent, answer.is_reply) == ("small_talk", Intent.SMALL_TALK, True)
    assert answer.abstained
    assert not answer.citations


@pytest.mark.parametrize(("message", "documents"), [("你能做什么？", None), ("which files do you have", ["c.md"])])
def test_the_service_lists_its_documents(qa: QA, message: str, documents: list[str] | None) -> None:
    answer = qa.ask(message, (), documents)
    assert (answer.reason, answer.intent) == ("about_the_service", Intent.SERVICE)
    listed = [qa.library.document_info(name) for name in documents or ["a.txt", "b.txt", "c.md"]]
    assert [(link.document_id, link.title) for link in answer.documents] == [(info.id, info.title) for info in listed]
    assert all(info.title in answer.answer for info in listed)
    assert not answer.citations


@pytest.mark.parametrize(
    ("message", "document", "sections"),
    [
        ("青山县的报告讲了什么？", "a.txt", ["", "产业发展", "基层治理"]),
        ("What is the Harbour Foods report about?", "c.md", ["", "People"]),
    ],
)
def test_an_overview_is_an_outline_with_leading_sentences(
    qa: QA, message: str, document: str, sections: list[str]
) -> None:
    answer = qa.ask(message)
    assert answer.intent is Intent.OVERVIEW
    assert [sentence.section for sentence in answer.sentences] == sections
    assert {citation.document for citation in answer.citations} == {document}
    assert {sentence.document for sentence in answer.sentences} == {qa.library.document_info(document).title}
    assert_cited(qa.library, answer)


@pytest.mark.parametrize("message", ["这些资料都讲了什么？", "What are these documents about?"])
def test_an_overview_of_all_has_each_under_its_name(qa: QA, message: str) -> None:
    answer = qa.ask(message)
    assert list(dict.fromkeys(s.document for s in answer.sentences)) == [i.title for i in qa.library.documents()]
    assert all(info.title in answer.answer for info in qa.library.documents())
    assert_cited(qa.library, answer)


@pytest.mark.parametrize(
    ("question", "documents", "messages"),
    [
        ("青山县有多少个网格？", None, ["还有呢", "再详细一点"]),
        ("How many people does Harbour Foods employ?", None, ["tell me more", "anything else?"]),
        ("总结一下", ["a.txt"], ["还有呢", "继续"]),
        ("Give me an overview", ["c.md"], ["tell me more", "go on"]),
    ],
)
def test_more_never_says_the_same_and_comes_to_an_end(
    qa: QA, question: str, documents: list[str] | None, messages: list[str]
) -> None:
    answers = [qa.ask(question, (), documents)]
    for message in (messages * 4)[:6]:
        answers.append(qa.ask(message, turns(*answers), documents))
        if answers[-1].abstained:
            break
        assert_cited(qa.library, answers[-1])
    said = [sentence.text for answer in answers for sentence in answer.sentences]
    assert len(said) == len(set(said))
    assert all(answer.intent is Intent.MORE for answer in answers[1:])
    assert answers[-1].reason == "nothing_more"


@pytest.mark.parametrize(
    ("question", "document", "message", "expected"),
    [
        ("总结一下", "a.txt", "展开说说第三点", "矛盾纠纷"),
        ("Give me an overview", "c.md", "elaborate on the second point", "It opened a training centre in March 2023."),
    ],
)
def test_a_point_is_gone_into(qa: QA, question: str, document: str, message: str, expected: str) -> None:
    first = qa.ask(question, (), [document])
    answer = qa.ask(message, turns(first), [document])
    if document == "a.txt":  # its third section is one sentence, which was said: there is no more of it
        assert expected in first.answer
        assert answer.reason == "nothing_more"
    else:
        assert [sentence.text for sentence in answer.sentences] == [expected]
