"""The fitted model: trees, words that may be missing, signals, and files that are none."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from qa.errors import RankerError
from qa.ranking import model
from qa.ranking.features import FEATURES, IN_CONTEXT, IN_SENTENCE

ASKED = model.Asked(
    named=True, wants_several=False, compared=False, translated=False, follow_up=True, both_english=False
)


def forest() -> model.Forest:
    """Two trees: one looks at signal 1, then at signal 0; the other is a leaf."""
    return model.Forest(
        np.array([1, -1, 0, -1, -1, -1], np.int16),
        np.array([0.5, 0.2, 3.0, 0.4, 0.8, 0.6], np.float32),
        np.array([2, 0, 4, 0, 0, 0], np.int32),
        np.array([0, 5], np.int32),
    )


def test_trees_lead_to_their_leaves() -> None:
    found = np.zeros(len(model.SIGNALS))
    assert np.isclose(forest().share(found), (0.2 + 0.6) / 2)
    found[1] = 1.0
    assert np.isclose(forest().share(found), (0.4 + 0.6) / 2)
    found[0] = 4.0
    assert np.isclose(forest().share(found), (0.8 + 0.6) / 2)


def test_trees_are_the_same_after_packing() -> None:
    again = model.Forest.unpacked(forest().packed())
    for name in model.Forest.__slots__:
        assert np.array_equal(getattr(again, name), getattr(forest(), name))


def test_missing_words_count_by_where_they_stand() -> None:
    words = {"国家级": (-0.5, -0.1), "一共": (0.2, 0.1)}
    places = np.array([0, IN_CONTEXT, IN_SENTENCE, 0], np.uint8)
    assert np.isclose(model.missing_words(["国家级", "一共", "国家级", "生词"], places, words), -0.5 + 0.1)


def test_words_of_asking_speak_less_against_an_answer_than_words_of_content() -> None:
    words = model.shipped().missing_words
    assert words["花"][0] > words["平均"][0]


def test_signals_are_those_of_the_best_sentence_and_the_largest_of_all() -> None:
    table = np.zeros((6, len(FEATURES)))
    table[:, 0] = [0.5, 0.9, 0.1, 0.2, 0.3, 0.4]
    scores = np.array([5.0, 3.0, 2.5, 2.0, 1.0, -4.0])
    found = dict(zip(model.SIGNALS, model.signals(table, scores, ASKED, 0.25).tolist(), strict=True))
    first = next(iter(FEATURES))
    assert (found["score"], found["margin"], found["spread"]) == (5.0, 2.0, 4.0)
    assert (found["named"], found["follow_up"], found["translated"]) == (1.0, 1.0, 0.0)
    assert (found[f"top_{first}"], found[f"max_{first}"], found["missing_words"]) == (0.5, 0.9, 0.25)


def test_a_sentence_alone_stands_apart_from_none() -> None:
    found = model.signals(np.zeros((1, len(FEATURES))), np.array([2.0]), ASKED, 0.0)
    assert found[: len(("score", "margin", "spread"))].tolist() == [2.0, 0.0, 0.0]


def test_the_threshold_is_that_of_such_questions() -> None:
    judge = replace(model.shipped().answerability, thresholds=model.Thresholds(named=1.0, unnamed=2.0, follow_up=3.0))
    found = np.zeros(len(model.SIGNALS))
    log_odds = judge.log_odds(found)
    assert judge.margin(found, ASKED) == pytest.approx(log_odds - 3.0)
    assert judge.margin(found, replace(ASKED, follow_up=False)) == pytest.approx(log_odds - 1.0)
    assert judge.margin(found, replace(ASKED, follow_up=False, named=False)) == pytest.approx(log_odds - 2.0)


def test_log_odds_become_probabilities() -> None:
    assert model.probability(0.0) == 0.5
    assert model.probability(1.0) == pytest.approx(0.7311, abs=1e-4)
    assert model.probability(-1000.0) < 1e-9


def test_a_model_without_a_feature_says_which_are_left() -> None:
    shipped = model.shipped()
    assert shipped.features == FEATURES.keys()
    assert shipped.without("cosine", "cover").features == FEATURES.keys() - {"cosine", "cover"}
    with pytest.raises(ValueError, match="cosinus: no such feature; there are cosine"):
        shipped.without("cosinus")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds no weights of this version"),
        ("{}", "holds no weights of this version"),
        ('{"features": ["colour"], "answerability": {}}', "unknown here: colour"),
    ],
)
def test_a_file_that_holds_no_model_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RankerError, match=complaint):
        model.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RankerError, match=r"none\.json can't be read"):
        model.load(tmp_path / "none.json")


def test_the_shipped_file_is_read_like_any_other() -> None:
    path = Path(str(resources.files("qa.ranking").joinpath("weights.json")))
    assert np.array_equal(model.load(path).weights, model.shipped().weights)
