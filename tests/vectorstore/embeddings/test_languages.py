"""Questions moved to where those in another language lie."""

from __future__ import annotations

import numpy as np
import pytest

from vectorstore.embeddings import Embedder, load_embedder
from vectorstore.embeddings.languages import ASKED, gap, moved
from vectorstore.text.language import text_language

CHINESE = [
    "桥长412米，由刘远设计。",
    "图书馆周一闭馆，其他时间九点开门。",
    "工厂去年生产瓷砖三百万块。",
    "会议决定提高水费。",
]
ENGLISH = [
    "The ferry carried 5,200 people in 2022.",
    "The museum is closed on Mondays.",
    "The mill made carpets until 1987.",
    "The council decided to lower the rent.",
]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return load_embedder("bundled", tmp_path_factory.mktemp("models"))


def test_each_question_is_given_in_both_languages() -> None:
    assert {(text_language(chinese), text_language(english)) for chinese, english in ASKED} == {("zh", "en")}


def test_a_list_of_names_in_both_is_in_neither() -> None:
    assert text_language("陈嘉恺（青禾） Hawkeyes Wind of Fu Fang Labs") is None
    assert text_language("5,200 (2022)") is None
    assert text_language("GitHub Copilot 的价格为每月三百元。") == "zh"


def test_a_moved_question_is_nearest_to_what_answers_it_in_the_other_language(bundled: Embedder) -> None:
    texts = bundled.encode([*CHINESE, *ENGLISH], "passage")
    asked = bundled.encode(["When does the library open?", "渡船运送了多少人？"], "query")
    between = gap(bundled)
    assert int((texts @ asked[1]).argmax()) == 0, "as it is, any text in its own language is nearer"
    assert int((texts @ moved(asked[:1], between, "zh")[0]).argmax()) == 1
    assert int((texts @ moved(asked[1:], between, "en")[0]).argmax()) == 4


def test_it_keeps_unit_length_and_a_question_that_would_vanish() -> None:
    vectors = np.array([[1.0, 0.0], [0.6, 0.8]], dtype=np.float32)
    found = moved(vectors, np.array([-1.0, 0.0], dtype=np.float32), "en")
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0)
    assert np.array_equal(found[0], vectors[0])
