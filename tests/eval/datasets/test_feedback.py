"""From a thumbs-down to a question of the set: the file reads as a set, and nobody's finished work is overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.datasets import feedback
from eval.datasets.questions import load
from eval.errors import EvalError
from qa.sessions.conversations import Conversations
from qa.sessions.feedback import FeedbackStore
from qa.types import Answer, AnswerSentence, Citation
from vectorstore.storage.database import Database

QUOTE = "全年粮食总产量12.6万吨。"


def answer(question: str, abstained: bool = False) -> Answer:
    if abstained:
        return Answer(question=question, standalone_question=question, answer="资料中没有提到。", abstained=True)
    spans = [(0, len(QUOTE))]
    cited = Citation(number=1, document="a.txt", document_id="a", title="a", section="", quote=QUOTE, spans=spans)
    return Answer(
        question=question,
        standalone_question=f"青山县{question}",
        answer=f"{QUOTE}[1]",
        abstained=False,
        sentences=[AnswerSentence(text=QUOTE, citations=[1])],
        citations=[cited],
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def database(data_dir: Path) -> Iterator[Database]:
    with Database(data_dir / "library.sqlite3") as database:
        yield database


@pytest.fixture
def rated(database: Database) -> None:
    """Two people: one asked, and followed up; another asked the same, and in English."""
    conversations = Conversations(database)
    store = FeedbackStore(conversations)
    mine, theirs = conversations.create("a"), conversations.create("b")
    first = conversations.append(mine.id, answer("去年粮食产量多少？"), "a")
    second = conversations.append(mine.id, answer("那前年呢？", abstained=True), "a")
    same = conversations.append(theirs.id, answer("去年粮食产量多少？"), "b")
    english = conversations.append(conversations.create("b").id, answer("How much grain last year?"), "b")
    liked = conversations.append(conversations.create("b").id, answer("茶园多少亩？"), "b")
    store.put(first.answer.id, "down", "这是今年的", "a")
    store.put(second.answer.id, "down", "", "a")
    store.put(same.answer.id, "down", "错了", "b")
    store.put(english.answer.id, "down", "", "b")
    store.put(liked.answer.id, "up", "", "b")


def test_each_discontent_becomes_one_question(rated: None, data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.jsonl"
    ran = CliRunner().invoke(
        app, ["new", "--from-feedback", "--out", str(out)], env={"QA_DATA_DIR": str(data_dir)}, catch_exceptions=False
    )
    assert ran.exit_code == 0
    assert "3 questions drafted" in ran.output
    questions = {question.question: question for question in load(out).questions}
    assert {question.type for question in questions.values()} == {"single_fact", "follow_up", "english"}
    follow_up = questions["那前年呢？"]
    assert [turn.content for turn in follow_up.history] == ["去年粮食产量多少？", QUOTE]
    assert "abstained" in follow_up.note
    newest = [json.loads(line) for line in out.read_text("utf-8").splitlines() if '去年粮食产量多少？", "ans' in line]
    assert [line["feedback"]["comment"] for line in newest] == ["错了"]
    assert newest[0]["feedback"]["cited"] == [{"document": "a.txt", "quote": QUOTE}]
    assert all(question.answerable and not question.evidence for question in questions.values())
    again = CliRunner().invoke(app, ["new", "--from-feedback", "--out", str(out)], env={"QA_DATA_DIR": str(data_dir)})
    assert again.exit_code == 2
    assert "never written over" in again.output


def test_opinion_outlives_its_message(rated: None, database: Database, data_dir: Path) -> None:
    conversations = Conversations(database)
    (mine,) = conversations.recent(owner="a")
    question = conversations.messages(mine.id, "a")[0]
    conversations.append(mine.id, answer("别的？"), "a", replaces=question.id)
    assert len(feedback.read(data_dir / "library.sqlite3")) == 4
    conversations.delete(mine.id, "a")
    assert len(feedback.read(data_dir / "library.sqlite3")) == 2


def test_library_without_feedback_says_so(database: Database, data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.jsonl"
    ran = CliRunner().invoke(app, ["new", "--from-feedback", "--out", str(out)], env={"QA_DATA_DIR": str(data_dir)})
    assert (ran.exit_code, out.exists()) == (0, False)
    assert "nothing to draft" in ran.output
    with pytest.raises(EvalError, match="there is no library"):
        feedback.read(tmp_path / "nowhere" / "library.sqlite3")


def test_neither_documents_nor_feedback_is_wrong_usage(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["new", "--out", str(tmp_path / "set.jsonl")])
    assert ran.exit_code == 2
