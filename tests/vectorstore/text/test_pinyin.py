"""Names by their sound: stretches of Chinese that a name in Latin letters is the pinyin of."""

from __future__ import annotations

import pytest

from vectorstore.text.pinyin import is_pinyin, letters_of, sounding


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Heishiling", "省厅对黑石岭段挂牌督办", {"黑石岭"}),
        ("Gaohuai", "走进高槐村，咖啡香了", {"高槐"}),
        ("Xi'an", "西安的城墙", {"西安"}),
        ("Chongqing", "重庆与重点", {"重庆"}),  # by its second reading
        ("Lyuliang", "吕梁山区", {"吕梁"}),
        ("luliang", "吕梁山区", {"吕梁"}),
        ("Shifang", "创新方式方法，完善设施方面的规定", set()),  # inside of words
        ("Shifang", "示范村", set()),
        ("Shi", "是的", set()),
        ("Bristol", "布里斯托", set()),
        ("", "高槐村", set()),
    ],
)
def test_what_sounds_like_a_name(name: str, text: str, found: set[str]) -> None:
    assert sounding(name, text) == found


@pytest.mark.parametrize(
    ("letters", "its"),
    [("shifang", True), ("lvliang", True), ("xian", True), ("shi", False), ("tencent", False), ("bristol", False)],
)
def test_what_is_pinyin(letters: str, its: bool) -> None:
    assert is_pinyin(letters) is its


def test_letters_of_a_name() -> None:
    assert letters_of("Xi'an") == "xian"
    assert letters_of("Hou-Zhuang") == "houzhuang"
