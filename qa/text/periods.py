"""Quarters and halves of a year that a text speaks of, in Chinese and English: no other quarter's figure answers."""

from __future__ import annotations

import re

_DASH = r"\s*(?:[-–—~至到]|to|through|and)\s*"
_ORDINALS = {"1": "一1首", "2": "二2", "3": "三3", "4": "四4"}
_WORDS = {"1": "first|1st", "2": "second|2nd", "3": "third|3rd", "4": "fourth|4th"}
_MONTHS = {"1": ("january", "march"), "2": ("april", "june"), "3": ("july", "september"), "4": ("october", "december")}


def _quarter(number: str) -> str:
    return (
        rf"(?<!前)[{_ORDINALS[number]}]\s*季度?|(?<![a-z])q{number}(?![\da-z])|(?<!\d){number}q(?=\d|\b)"
        rf"|\b(?:{_WORDS[number]})[ -](?:fiscal )?quarter\b"
    )


def _months(first: int, last: int) -> str:
    """Return what else stands for the months of a quarter or a half: "1-6月", "January to June", "ended 30 June"."""
    names = [name for pair in _MONTHS.values() for name in pair]
    begin, end = names[(first - 1) // 3 * 2], names[last // 3 * 2 - 1]
    day = 31 if last in (3, 12) else 30
    return (
        rf"(?<!\d){first}月?{_DASH}{last}月|\b{begin}{_DASH}{end}\b|(?<!\d){last}月(?:底|末|{day}日)"
        rf"|\b(?:{day} {end}|{end} {day})\b"
    )


_HALVES = {
    "H1": r"上半年|(?<![a-z])h1(?![a-z])|(?<!\d)1h(?=\d|\b)|\b(?:first|1st)[ -]half\b|半年度|\bhalf[ -]year",
    "H2": r"下半年|(?<![a-z])h2(?![a-z])|(?<!\d)2h(?=\d|\b)|\b(?:second|2nd)[ -]half\b",
    "9M": r"前[三3]个?季度|\bfirst three quarters\b|\bnine months\b",
}
_NAMED = {**{f"Q{number}": _quarter(number) for number in _ORDINALS}, **_HALVES}
_ASKED = {label: re.compile(pattern) for label, pattern in _NAMED.items()}
_WRITTEN = {
    label: re.compile(f"{_NAMED[label]}|{_months(first, last)}{more}")
    for label, first, last, more in (
        ("Q1", 1, 3, r"|\bthree months\b"),
        ("Q2", 4, 6, r"|\bthree months\b"),
        ("Q3", 7, 9, r"|\bthree months\b"),
        ("Q4", 10, 12, r"|\bthree months\b"),
        ("H1", 1, 6, r"|中期|\binterim\b|\bsix months\b|半年"),
        ("H2", 7, 12, r"|\bsix months\b|半年"),
        ("9M", 1, 9, ""),
    )
}


def asked_periods(question: str) -> dict[str, str]:
    """Return the parts of a year that ``question`` (normalised) names: "Q1" to "Q4", "H1", "H2", "9M" (nine months).

    Each with the words that name it.
    """
    found = {label: pattern.search(question) for label, pattern in _ASKED.items()}
    return {label: match[0] for label, match in found.items() if match}


def written_periods(text: str) -> frozenset[str]:
    """Return those that ``text`` (normalised) may speak of, be it by their months or their last day."""
    return frozenset(label for label, pattern in _WRITTEN.items() if pattern.search(text))
