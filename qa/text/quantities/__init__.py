"""Numbers, percentages, amounts and dates of a text, normalised so that two spellings of one quantity compare equal.

``quantities`` reads Arabic digits (full-width too, thousands separators, 万 and 亿), Chinese numerals, and English
number words and dates. Chinese numerals inside fixed words (三农, 一肩挑, 统一) are no quantities: ``fixed_numerals``
gives those that carry meaning, to be compared letter by letter.
"""

from __future__ import annotations

from qa.text.quantities.numerals import whole_number
from qa.text.quantities.quantity import Date, Kind, Quantity, occurs, same
from qa.text.quantities.reading import flatten, quantities
from qa.text.quantities.strings import number_strings
from qa.text.quantities.terms import NUMERALS, fixed_terms

__all__ = [
    "Date",
    "Kind",
    "Quantity",
    "fixed_numerals",
    "flatten",
    "number_strings",
    "occurs",
    "quantities",
    "same",
    "whole_number",
]


def fixed_numerals(text: str) -> list[str]:
    """Return the pieces of ``text`` in which a Chinese numeral belongs to a name or term; see ``terms.fixed_terms``."""
    if not any(char in NUMERALS for char in text):
        return []
    counted = frozenset(i for quantity in quantities(text) for i in range(quantity.start, quantity.end))
    return fixed_terms(flatten(text), counted)
