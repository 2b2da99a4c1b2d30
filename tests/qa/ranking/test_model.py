"""The fitted model: trees, words that may be missing, what settles it, and files that are none."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from qa.errors import RankerError
from qa.question.query import AnswerType
from qa.ranking import model
from qa.ranking.features import FEATURES, IN_CONTEXT, IN_SENTENCE
from qa.ranking.sentence_context import needs_antecedent


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
    assert words["一共"][0] > words["平均"][0]


def test_what_settles_it_whatever_the_model_says() -> None:
    found = np.zeros(len(model.SIGNALS))
    at = {name: index for index, name in enumerate(model.SIGNALS)}
    for name in ("top_answer_type", "top_entity_type", "top_cover_answer_type", "top_attribute"):
        found[at[name]] = 1.0
    asked = model.Asked(AnswerType.MONEY, True, 1, False, False)
    judge = model.shipped().answerability
    assert judge.probability(found, asked) >= 0.5  # one stretch has it all
    for name, value in (("top_entity_type", 0.0), ("top_unmet_restrictions", 2.0), ("top_contradiction", 1.0)):
        other = found.copy()
        other[at[name]] = value
        assert judge.probability(other, asked) == 0.0


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
