"""Fitting the weights: what is learnt from questions whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from eval.training import answerability
from qa.ranking import model
from qa.ranking.features import IN_CONTEXT, IN_SENTENCE


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
