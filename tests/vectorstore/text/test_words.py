"""Normal form, words and terms."""

from __future__ import annotations

import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.text.words import STOPWORDS, normalise, query_terms, stem, term_set, terms, words


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("羅江縣", "罗江县"),
        ("２０２１年ＧＤＰ增长８．５％", "2021年gdp增长8.5%"),
        ("ABC  def", "abc  def"),
        ("後來的皇后", "后来的皇后"),
        ("", ""),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    # NFKC, lower case and simplification each settle; NFKC of a lowered letter may compose once more.
    once = normalise(normalise(text))
    assert normalise(once) == once


@given(st.text(alphabet="罗江县党组织发展增长年月日的是在。，；“”（）", max_size=40))
def test_simplified_text_keeps_its_length(text: str) -> None:
    assert len(normalise(text)) == len(unicodedata.normalize("NFKC", text))


@given(st.text(alphabet="aＡé，：；（）！？％。、=＝\u0338\u0301\u3099かｶﾞ①ﬁ中"))
def test_marks_are_made_plain_as_nfkc_makes_them(text: str) -> None:
    assert normalise(text) == unicodedata.normalize("NFKC", text).lower()


def test_words_of_chinese_and_numbers() -> None:
    assert words("羅江縣2021年完成投資1,234.5億元，增長8.5％。") == [
        "罗江县", "2021", "年", "完成", "投资", "1234.5", "亿元", "增长", "8.5%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Revenue of 5,120² million came", ["revenue", "of", "5120", "million", "came"]),
        ("letters³ and 8.5%¹,² more", ["letters", "and", "8.5%", "more"]),
        ("2023¹2024", ["2023", "2024"]),
        ("3.2×10⁶ cells", ["3.2", "10", "6", "cells"]),
        ("营业收入5,120\u202f²亿元", ["营业", "收入", "5120", "亿元"]),
        ("收入5,120①亿元", ["收入", "5120", "亿元"]),
        ("①15亩地⁽³⁾", ["1", "15", "亩", "地"]),
    ],
)
def test_the_mark_of_a_note_changes_neither_word_nor_figure(text: str, expected: list[str]) -> None:
    assert words(text) == expected
    assert term_set(text) == frozenset(terms(text)) >= {word for word in expected if word not in ("营业", "收入")}


@pytest.mark.parametrize(
    ("one", "other"), [("300 m²", "300 m2"), ("面积12km²", "面积12km2"), ("3万m³", "3万m3"), ("R² = 0.9", "R2 = 0.9")]
)
def test_the_square_of_a_unit_is_written_either_way(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_words_of_english() -> None:
    assert words("Don't stop: COVID-19, R&D!") == ["don't", "stop", "covid-19", "r&d"]


@given(st.text())
def test_words_and_terms_are_never_empty_or_broken(text: str) -> None:
    for found in (words(text), terms(text), query_terms(text)):
        assert all(word and not any(character.isspace() for character in word) for word in found)


@given(st.text() | st.text(alphabet="中江县党组织〇𠀀羅gdpR&D'-1２3,，.。%％万亿 \n"))
def test_the_set_of_terms_has_each_of_them(text: str) -> None:
    assert term_set(text) == frozenset(terms(text))


def test_terms_hold_long_words_their_parts_and_pairs() -> None:
    found = terms("中江县党组织")
    assert {"中江县", "中江", "江县", "党组织", "党组", "组织"} <= set(found)
    assert "县党" in found  # a pair across two words
    assert len(found) == len(set(found))


def test_a_typo_keeps_most_terms() -> None:
    right, wrong = set(terms("村党组织书记")), set(terms("村党组只书记"))
    assert {"党组", "书记", "村党"} <= right & wrong


def test_an_abbreviation_in_a_chinese_text_is_what_it_stands_for() -> None:
    assert {"生产总值"} <= set(terms("全区GDP增长6%")) & set(terms("地区生产总值增长6%"))
    assert terms("GDP grew") == ["gdp", "grew"]


def test_terms_of_numbers() -> None:
    assert {"87.5", "87.5%"} <= set(terms("占87.5%"))
    assert {"12.3", "12.3万"} <= set(terms("共12.3万元"))
    assert "3456.7" in terms("3,456.7亿元")
    assert "23" not in terms("1234")


def test_threads_do_not_mix_up_their_stems() -> None:
    """Without the cache, and with threads that take turns often."""
    asked = [a + b for a in ("organ", "nation", "condition", "hope") for b in ("isation", "ally", "iveness", "ements")]
    expected = [stem(word) for word in asked]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: [stem.__wrapped__(word) for word in asked], range(200)))
    finally:
        sys.setswitchinterval(interval)
    assert all(stems == expected for stems in found)


def test_terms_of_english_words_and_their_stems() -> None:
    assert set(terms("Companies")) & set(terms("company"))
    assert {"reports", "report"} <= set(terms("reports"))
    assert set(terms("acquired")) & set(terms("acquiring"))
    assert terms("gas bus less") == ["gas", "bus", "less"]
    assert set(terms("the company’s report")) & set(query_terms("company"))  # as print has it
    assert stem("regions’") == stem("regions'") == stem("region")


def test_a_question_loses_its_question_words() -> None:
    found = query_terms("云溪市的村书记占比是多少？")
    assert {"云溪", "书记", "占比"} <= set(found)
    assert not {"的", "是", "多少", "是多", "比是"} & set(found)
    assert query_terms("What is the growth of towns?") == ["growth", "towns", "town"]


def test_a_question_of_nothing_but_stop_words_keeps_them() -> None:
    assert "什么" in query_terms("是什么？")
    assert query_terms("？？") == []


def test_stop_words_are_in_normal_form() -> None:
    assert all(normalise(word) == word for word in STOPWORDS)
