"""English words and the Chinese words that mean them."""

from __future__ import annotations

from qa.text.dictionary import chinese_for, crosses
from vectorstore.text.pinyin import romanised


def test_words_meet_only_in_a_dictionary_where_languages_differ() -> None:
    assert crosses("How many villages?", ["全县共有42个行政村。", "Harbour Foods"]) is False
    assert crosses("How many villages?", ["全县共有42个行政村。"])
    assert not crosses("有几个村", ["Harbour Foods employs 380 people."])


def test_a_word_in_the_plural_means_what_it_means_in_the_singular() -> None:
    assert "公司" in chinese_for("companies")
    assert chinese_for("companies") == chinese_for("company")
    assert not chinese_for("xqzzt")


def test_a_name_by_its_sound() -> None:
    assert romanised("中江") == "zhongjiang"
