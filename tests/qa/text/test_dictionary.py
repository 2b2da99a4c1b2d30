"""English words and the Chinese words that mean them."""

from __future__ import annotations

from qa.text.dictionary import chinese_for, crosses, english_for, is_proper_noun
from vectorstore.text.pinyin import romanised


def test_words_meet_only_in_a_dictionary_where_languages_differ() -> None:
    assert crosses("How many villages?", ["全县共有42个行政村。", "Harbour Foods"]) is False
    assert crosses("How many villages?", ["全县共有42个行政村。"])
    assert crosses("有几个村", ["Harbour Foods employs 380 people."])
    assert not crosses("有几个村", ["全县共有42个行政村。", "380, 412"])


def test_a_word_in_the_plural_means_what_it_means_in_the_singular() -> None:
    assert "公司" in chinese_for("companies")
    assert chinese_for("companies") == chinese_for("company")
    assert not chinese_for("xqzzt")


def test_a_chinese_word_means_the_words_of_its_short_glosses() -> None:
    assert {"income", "revenue"} <= english_for("收入")
    assert "village" in english_for("村")
    assert "cl" not in english_for("收入"), "what counts it is no meaning of it"
    assert not english_for("噢嗒嘚")


def test_names_are_told_by_the_capital_of_their_pinyin() -> None:
    assert is_proper_noun("成都")
    assert is_proper_noun("收入") is False
    assert is_proper_noun("噢嗒嘚") is None


def test_a_name_by_its_sound() -> None:
    assert romanised("中江") == "zhongjiang"
