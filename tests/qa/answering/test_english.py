"""English reports: the types of answer that they offer, and whether questions about them find their answers."""

from __future__ import annotations

from qa.pipeline import QA
from qa.question.query import AnswerType
from qa.ranking.answer_type import offers
from qa.text.names import names
from vectorstore.text.words import normalise


def test_what_a_text_offers() -> None:
    text = "The audit was led by Gareth Pugh for the group"
    assert offers(AnswerType.PERSON, normalise(text), "who led the audit?", names(text)) == 1.0
    assert offers(AnswerType.PERSON, normalise(text), "what did gareth pugh lead?", names(text)) == 0.0
    assert offers(AnswerType.PERCENT, "it fell to 14.2 per cent", "what share left?") == 1.0
    assert offers(AnswerType.NUMBER, "fifty-seven households were housed", "how many households?") == 1.0


def test_an_english_report_answers_and_abstains(qa: QA) -> None:
    answer = qa.ask("When did Harbour Foods open its training centre?")
    assert "March 2023" in answer.answer
    assert {citation.document for citation in answer.citations} == {"c.md"}
    assert qa.ask("How many ships does Harbour Foods own?").abstained
