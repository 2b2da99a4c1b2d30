"""Fitting the weights: what is learnt from questions whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval.training import answerability, linear
from eval.training.labels import answers
from eval.training.logistic import fit_logistic
from eval.training.reader.pairs import Document
from qa.ranking import model
from qa.ranking.features import IN_CONTEXT, IN_SENTENCE
from vectorstore.types import BlockKind, Passage, Sentence, StoredPassage


def test_the_same_question_is_held_out_in_the_same_part() -> None:
    parts = answerability.folds(["甲有多少", "乙有多少", "甲有多少"])
    assert parts[0] == parts[2]
    assert set(answerability.folds([str(n) for n in range(200)])) == set(range(answerability.FOLDS))


def test_what_a_sentence_lacks() -> None:
    held = np.array([IN_SENTENCE, IN_CONTEXT, 0], np.uint8)
    assert answerability.missing_words(["甲", "乙", "丙"], held) == {
        ("乙", IN_CONTEXT): answerability.BESIDE,
        ("丙", 0): 1.0,
    }


def questions(count: int = 240) -> tuple[list[dict[tuple[str, int], float]], np.ndarray]:
    """Return questions of which those that lack 年龄 have no answer, and those that lack 一共 do."""
    answerable = np.arange(count) % 2 == 0
    return [{("一共" if good else "年龄", 0): 1.0} for good in answerable], answerable.astype(float)


def test_words_whose_lack_tells_nothing_and_words_whose_lack_tells() -> None:
    pytest.importorskip("sklearn", reason="fitting needs scikit-learn: pip install scikit-learn")
    lacked, y = questions()
    fold = answerability.folds([str(n) for n in range(len(y))])
    column, words = answerability.fit_words(lacked, y, np.ones(len(y)), fold)
    assert words["一共"][0] > 0 > words["年龄"][0]
    assert column[y > 0].min() > column[y == 0].max()


def test_the_trees_are_those_that_were_grown() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble", reason="fitting needs scikit-learn: pip install scikit-learn")
    rng = np.random.RandomState(0)
    x = rng.rand(300, len(model.SIGNALS)).astype(np.float32)
    y = (x[:, 3] + 0.3 * rng.rand(300) > 0.6).astype(float)
    grown = ensemble.ExtraTreesClassifier(7, min_samples_leaf=4, random_state=0).fit(x, y)
    forest = answerability.forest_of([tree.tree_ for tree in grown.estimators_])
    expected = grown.predict_proba(x)[:, 1]
    found = np.array([forest.share(row.astype(np.float64)) for row in x])
    # Kept to four decimals, a node may send the odd row that lies on its border the other way.
    assert np.isclose(found, expected, atol=1e-3).mean() > 0.97
    assert np.abs(found - expected).max() < 2 / 7


def test_a_weight_counts_as_often_as_the_question_would() -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    y = np.array([0.0, 1.0, 0.0, 1.0])
    twice = fit_logistic(np.concatenate([x, x[:1]]), np.concatenate([y, y[:1]]), ridge=0.0)
    weighed = fit_logistic(x, y, np.array([2.0, 1.0, 1.0, 1.0]), ridge=0.0)
    assert weighed[0] == pytest.approx(twice[0])
    assert weighed[1] == pytest.approx(twice[1])


def test_questions_marked_as_test_are_left_out(tmp_path: Path) -> None:
    lines = [
        {"question": "a", "split": "test"},
        {"question": "b"},
        {"question": "c", "split": "dev"},
        {"question": "d"},
    ]
    (tmp_path / "set.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (tmp_path / "one.txt").write_text("Text.", encoding="utf-8")
    questions, documents = linear.question_set(tmp_path / "set.jsonl", tmp_path / "one.txt")
    assert [question["question"] for question in questions] == ["b", "c", "d"]
    assert [document.name for document in documents] == ["one.txt"]
    assert [q["question"] for q in linear.question_set(tmp_path / "set.jsonl", tmp_path / "one.txt", 2)[0]] == ["c"]


def test_written_documents_that_the_reader_is_not_trained_on_are_left_out(
    documents: list[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear, "DOCUMENTS", 1.0)
    monkeypatch.setattr(linear, "QUESTIONS", 1.0)
    kept = {f"{one.id}.md" for one in documents if not linear.held_out(one.id)}
    questions, files = linear.written_set([tmp_path / "pairs"])
    assert {file.name for file in files} == kept
    assert len(questions) == 4 * len(kept)


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ({"type": "fact", "must_contain": [["86"]], "evidence": [{"document": "d", "quote": "选派86名"}]}, True, False),
        (
            {"type": "fact", "must_contain": [["54"]], "evidence": [{"document": "d", "quote": "选派86名"}]},
            False,
            False,
        ),
        ({"type": "list", "must_contain": [["54"]], "evidence": [{"document": "d", "quote": "选派86名"}]}, True, False),
        ({"type": "fact", "must_contain": [["4 towns"]]}, False, True),
        ({"type": "fact", "must_contain": []}, False, False),
    ],
)
def test_which_sentences_answer(question: dict[str, object], first: bool, second: bool) -> None:
    text = "选派86名。It has 4 towns."
    sentences = (Sentence(text[:7], ((0, 7),)), Sentence(text[7:], ((7, len(text)),)))
    stored = StoredPassage(1, "id", "d", "", Passage(0, BlockKind.PARAGRAPH, "", text, ((0, len(text)),), sentences))
    assert [answers(question, stored, sentence, {"d": text}) for sentence in sentences] == [first, second]
