"""Which language a text is in."""

from __future__ import annotations

import re

import pytest

from vectorstore.text.language import HAN, has_han, is_english, is_han, language_of, mostly_han, mostly_latin


@pytest.mark.parametrize("character", "中龍〇㐀豈𠀀")
def test_chinese_characters_of_every_block(character: str) -> None:
    assert is_han(character)
    assert has_han(f"A {character}!")
    assert re.fullmatch(f"[{HAN}]", character)


@pytest.mark.parametrize("character", ["a", "1", "。", "あ", "한", "é", "", "中国"])
def test_what_is_no_chinese_character(character: str) -> None:
    assert not is_han(character)


@pytest.mark.parametrize(
    ("text", "language", "english"),
    [
        ("多少人？", "zh", False),
        ("How many people?", "en", True),
        ("How many in 中江?", "zh", False),
        ("2023?", "en", False),
        ("", "en", False),
    ],
)
def test_language_of_a_question(text: str, language: str, english: bool) -> None:
    assert language_of(text) == language
    assert is_english(text) is english


@pytest.mark.parametrize(
    ("text", "han", "latin"),
    [
        ("全市GDP增长6%。", True, False),
        ("The county (青禾县) pays its staff well.", False, True),
        ("Harbour Trust 港湾信托", True, False),
        ("Отчёт о работе за год", False, True),
        ("12,300 (8.5%)", False, False),
        ("", False, False),
    ],
)
def test_the_language_of_a_mixed_text_is_that_of_most_of_it(text: str, han: bool, latin: bool) -> None:
    assert mostly_han(text) is han
    assert mostly_latin(text) is latin
