"""Words and their tags, as the segmenter gives them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.text.segmentation import cut, cut_for_search, frequency, tag


@given(st.text(max_size=40), st.booleans())
def test_words_and_tagged_words_join_to_the_text(text: str, guess: bool) -> None:
    assert "".join(cut(text, guess)) == text
    assert "".join(word for word, _ in tag(text)) == text


def test_the_dictionary_alone_guesses_at_no_word() -> None:
    assert "杭研" in cut("他来到了网易杭研大厦")
    assert "杭研" not in cut("他来到了网易杭研大厦", guess=False)


def test_words_for_search_hold_the_words_inside_long_ones() -> None:
    assert {"中国科学院", "科学", "学院"} <= set(cut_for_search("毕业于中国科学院"))


@pytest.mark.parametrize(("word", "kind"), [("北京", "ns"), ("增长", "v"), ("李白", "nr")])
def test_tags(word: str, kind: str) -> None:
    assert tag(word) == ((word, kind),)


def test_a_common_word_is_more_frequent() -> None:
    assert frequency("我们") > frequency("网格员")
