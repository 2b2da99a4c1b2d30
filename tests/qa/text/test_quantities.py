"""Quantities in all their spellings: what is found, what is the same, and what only looks like a number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.text.quantities import (
    Kind,
    fixed_numerals,
    flatten,
    occurs,
    quantities,
    same,
)
from qa.text.quantities.numerals import chinese_value, english_value

FOUND = [
    ("工作队员2300余名", [("2300", "人")]),
    ("1.1万余名党员", [("11000", "人")]),
    ("投资８．８亿余元", [("880000000", "CNY")]),
    ("撬动3000余万元", [("30000000", "CNY")]),
    ("20多万人", [("200000", "人")]),
    ("占比达97.48％", [("97.48", "%")]),
    ("百分之四十", [("40", "%")]),
    ("千分之三", [("0.3", "%")]),
    ("提高3.5个百分点", [("3.5", "points")]),
    ("七成以上", [("70", "%")]),
    ("两千三百余名", [("2300", "人")]),
    ("三十五个村", [("35", "个")]),
    ("一万二千零五十元", [("12050", "CNY")]),
    ("3至5万元", [("30000", "CNY"), ("50000", "CNY")]),
    ("10-15人", [("10", "人"), ("15", "人")]),
    ("12,345,678.90元", [("12345678.9", "CNY")]),
    ("１，２３４人", [("1234", "人")]),
    ("增长-5.2%", [("-5.2", "%")]),
    ("5公里和300米", [("5000", "米"), ("300", "米")]),
    ("每次10mg", [("0.01", "克")]),
    ("体温36.5℃", [("36.5", "°C")]),
    ("2,300 officials", [("2300", "")]),
    ("$1.2 billion", [("1200000000", "USD")]),
    ("US$3m", [("3000000", "USD")]),
    ("RMB 500", [("500", "CNY")]),
    ("5.5 per cent", [("5.5", "%")]),
    ("twenty-one villages", [("21", "")]),
    ("three hundred and five people", [("305", "人")]),
    ("a quarter of the budget", [("25", "%")]),
    ("nine in ten agreed", [("90", "%")]),
    ("three-fifths", [("60", "%")]),
    ("four out of five", [("80", "%")]),
    ("the third quarter of 2023", [("3", ""), ("2023", "")]),
    ("a third school", [("3", "")]),
]


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[text for text, _ in FOUND])
def test_numbers_are_read(text: str, expected: list[tuple[str, str]]) -> None:
    read = [(q.value, q.unit) for q in quantities(text)]
    assert read == [(Decimal(value), unit) for value, unit in expected]


DATES = [
    ("2023年3月15日", (2023, 3, 15)),
    ("二〇二三年三月十五日", (2023, 3, 15)),
    ("2022-09-16", (2022, 9, 16)),
    ("2022/9", (2022, 9, None)),
    ("十二月", (None, 12, None)),
    ("5月2日", (None, 5, 2)),
    ("2021年", (2021, None, None)),
    ("March 2023", (2023, 3, None)),
    ("15 March 2023", (2023, 3, 15)),
    ("Sept. 3, 2021", (2021, 9, 3)),
]


@pytest.mark.parametrize(("text", "expected"), DATES, ids=[text for text, _ in DATES])
def test_dates_are_read(text: str, expected: tuple[int | None, int | None, int | None]) -> None:
    assert [(q.kind, q.date) for q in quantities(text)] == [(Kind.DATE, expected)]


@pytest.mark.parametrize(
    "text", ["三农工作", "一肩挑", "五社联动", "统一部署", "进一步", "十分重要", "千方百计", "四川省"]
)
def test_numerals_in_fixed_words_are_no_quantities(text: str) -> None:
    assert quantities(text) == []


def test_fixed_words_are_kept_to_the_letter_unless_they_are_ordinary() -> None:
    assert fixed_numerals("三农、一肩挑、五社联动、统一、进一步、十分、一些") == ["三农", "一肩", "五社"]
    assert fixed_numerals("选派三十五名干部") == []


@pytest.mark.parametrize("text", ["1+24+3", "1+7+N", "COVID-19", "11:42"])
def test_codes_are_compared_letter_by_letter(text: str) -> None:
    (code,) = quantities(f"按照{text}执行")
    assert code.kind is Kind.CODE
    assert same(code, quantities(text.lower())[0])
    assert not any(same(code, q) for q in quantities("按照1+24+4执行，COVID-18，11:43"))


@pytest.mark.parametrize("mark", ["", ",", ".", "，", "。", " in 2023", ", 5 of them"])
@pytest.mark.parametrize("text", ["COVID-19", "PM10", "G20", "Q3"])
def test_a_code_is_one_before_any_mark(text: str, mark: str) -> None:
    assert quantities(f"It was {text}{mark}")[0].code == text.lower()
    assert quantities(f"关于{text}{mark}")[0].code == text.lower()


SAME = [
    ("2300名", "2300余名"),
    ("1.1万名", "11000名"),
    ("两千三百名", "2300余名"),
    ("8.8亿元", "880 million yuan"),
    ("百分之四十", "40%"),
    ("3月", "2023年3月15日"),
    ("in 2023", "2023年3月"),
    ("in 2023", "since mid-2023, "),
    ("mid-2023.", "since mid-2023 it"),
    ("2023年", "FY2023 was"),
    ("2021年", "2019-2021年"),
    ("10日内", "十日内"),
    ("30名", "30个"),
    ("5项", "5个"),
    ("5公里", "5000米"),
    ("2千克", "2公斤"),
    ("8,400吨", "8,400"),  # a table's cell: the unit stands in the column's head
    ("8.4 km", "8.4"),
    ("ninety per cent", "nine in ten"),
    ("最多60课时", "不得超过60课时"),
    ("最多50%", "不应超过50%"),
    ("180立方米以内", "180立方米（含）以内"),
    ("at most 5 days", "must not exceed 5 days"),
    ("up to 5 days", "not more than 5 days"),
]
DIFFERENT = [
    ("97.84%", "97.48%"),
    ("97%", "97.48%"),
    ("30天", "30个工作日"),
    ("4.2%", "4.2岁"),
    ("2%", "2个百分点"),
    ("36213人", "36213户"),
    ("1800人次", "1800名"),
    ("8.8万元", "8.8亿元"),
    ("100美元", "100元"),
    ("不足2300名", "2300余名"),
    ("2300余名", "不足2300名"),
    ("2023年3月15日", "2023年3月"),
    ("2022年3月", "2023年3月"),
    ("第三", "3个"),
    ("8,400吨", "84"),
    ("超过60课时", "不得超过60课时"),
    ("more than 5 days", "must not exceed 5 days"),
]


@pytest.mark.parametrize(("claim", "source"), SAME)
def test_two_spellings_of_one_quantity(claim: str, source: str) -> None:
    assert any(same(quantities(claim)[0], other) for other in quantities(source))


@pytest.mark.parametrize(("claim", "source"), DIFFERENT)
def test_two_quantities(claim: str, source: str) -> None:
    assert not any(same(quantities(claim)[0], other) for other in quantities(source))


def test_a_date_may_be_put_together_from_its_year_and_the_rest_but_not_from_two_dates() -> None:
    claim = quantities("2019年3月")[0]
    assert occurs(claim, quantities("2019年，公司于3月分红"))
    assert not occurs(claim, quantities("2019年6月和2020年3月"))
    assert not occurs(claim, quantities("2019年，公司于6月分红"))


@pytest.mark.parametrize("text", ["十四五", "三五", "一二", "百"])
def test_what_is_no_chinese_number(text: str) -> None:
    assert chinese_value(text) is None or text == "百"


@given(st.integers(min_value=1, max_value=10**9))
def test_arabic_numbers_are_read_in_every_form(number: int) -> None:
    for text in (str(number), f"{number:,}", "".join(chr(ord(c) + 0xFEE0) for c in str(number))):
        assert [q.value for q in quantities(f"共{text}元")] == [Decimal(number)]


def _in_chinese(number: int) -> str:
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千"]
    if number >= 10_000:
        rest = number % 10_000
        return _in_chinese(number // 10_000) + "万" + ("零" * (0 < rest < 1000)) + (_in_chinese(rest) if rest else "")
    text, zero = "", False
    for place, digit in enumerate(map(int, reversed(str(number)))):
        if digit:
            text = digits[digit] + units[place] + ("零" if zero and text else "") + text
        zero = digit == 0
    return text


@given(st.integers(min_value=1, max_value=99_999_999))
def test_chinese_numerals_are_read(number: int) -> None:
    assert chinese_value(_in_chinese(number)) == number


@given(st.integers(min_value=1, max_value=999))
def test_english_numbers_are_read(number: int) -> None:
    ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    names = [*ones.split(), "seventeen", "eighteen", "nineteen"]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    hundreds, rest = divmod(number, 100)
    words = [names[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        words.append(tens[rest // 10 - 2] + (f"-{names[rest % 10]}" if rest % 10 else ""))
    elif rest:
        words.append(names[rest])
    assert english_value(" ".join(words)) == number


@given(st.text(alphabet="0123456789０１９年月日%％个名万亿元余第三十五两千百,，.。:+-A 分之至", max_size=60))
def test_quantities_lie_in_the_text_in_order_and_do_not_overlap(text: str) -> None:
    assert len(flatten(text)) == len(text)
    end = 0
    for quantity in quantities(text):
        assert end <= quantity.start < quantity.end <= len(text)
        assert text[quantity.start : quantity.end] == quantity.text
        assert same(quantity, quantity)
        end = quantity.end


def test_months_and_the_verb_may() -> None:
    def months(text: str) -> set[int]:
        return {found.date[1] for found in quantities(text) if found.kind is Kind.DATE and found.date[1]}

    assert months("from april to june") == {4, 6}
    assert months("in may 2024 and on 3 may") == {5}
    assert months("it may rise") == set()
