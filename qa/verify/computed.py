"""Figures of a claim that follow from its evidence, whether or not the claim says that they were computed.

Only values are compared here: which of two is the greater one's, and of what, is for the support judge to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import combinations, permutations

from qa.text.quantities import Quantity
from qa.text.quantities.units import compatible
from qa.verify.operands import Operand, all_in_evidence
from qa.verify.source import Source

MOST_OPERANDS = 16
"""Figures of the evidence that are tried; with more, something would fit by chance."""
_SHARES = ("%", "points")
_HUNDRED = Decimal(100)
_HEDGE = re.compile(
    r"(?:约|大约|近|将近|接近|不到|超过?|about|around|roughly|nearly|almost|approximately|some|(?:just )?(?:under|over)"
    r"|(?:more|less|fewer) than)[为有达]?\s*[£$€¥]?\s*$"
)
_ALMOST = Decimal("0.05")
"""How far a share or a multiple that is said to be about so much may be from what it is."""


def hedged(head: str) -> bool:
    """Whether what stands before a figure says that it is about so much."""
    return bool(_HEDGE.search(head))


def expressions(quantity: Quantity, head: str, sources: Sequence[Source]) -> Iterator[tuple[str, tuple[Operand, ...]]]:
    """Yield how a figure may follow from its evidence: rounded, or by one operation on two figures.

    Args:
        head: what stands before it.
    """
    operands = all_in_evidence(sources)
    if quantity.value is None or len(operands) > MOST_OPERANDS:
        return
    said = quantity.value
    if not any(one.quantity.unit == quantity.unit for one in operands):
        said /= quantity.factor  # the cells of a table, without the unit of its heads
    shown, about = quantity.text.strip(), hedged(head)
    if about:
        for one in operands:
            if compatible(quantity.unit, one.quantity.unit) and rounds(one.value, said):
                yield f"{one.text} ≈ {shown}", (one,)
    for one in operands:
        if quantity.unit == one.quantity.unit == "%" and (sign := _gives(_HUNDRED - one.value, said, about)):
            yield f"100% - {one.text} {sign} {shown}", (one,)
    for one, other in combinations(operands, 2):
        if _alike(quantity, one, other) and (sign := _gives(one.value + other.value, said, about)):
            yield f"{one.text} + {other.text} {sign} {shown}", (one, other)
    for one, other in permutations(operands, 2):
        if _alike(quantity, one, other) and (sign := _gives(one.value - other.value, said, about)):
            yield f"{one.text} - {other.text} {sign} {shown}", (one, other)
    for one, other in permutations(operands, 2):
        value = _quotient(quantity, one, other)
        if value is not None and (_rounded(said, value, quantity.text) or (about and _near(said, value))):
            yield f"{one.text} ÷ {other.text} ≈ {shown}", (one, other)


def _gives(value: Decimal, said: Decimal, about: bool) -> str:
    """Return "=" where a value is what is said, "≈" where it is about that and that is said, else nothing."""
    if value == said:
        return "="
    return "≈" if about and value > 0 and _near(said, value) else ""


def _alike(quantity: Quantity, one: Operand, other: Operand) -> bool:
    """Whether two figures may be added or subtracted to give ``quantity``: percentages also to give points."""
    units = {one.quantity.unit, other.quantity.unit}
    if quantity.unit in _SHARES:
        return units <= set(_SHARES) and (quantity.unit == "%" or units == {"%"})
    return all(compatible(quantity.unit, unit) for unit in units)


def _quotient(quantity: Quantity, one: Operand, other: Operand) -> Decimal | None:
    """Return one figure as a share or a multiple of another, or for each of another, where the claim's is one."""
    shares = one.quantity.unit in _SHARES or other.quantity.unit in _SHARES
    if shares or not other.value or one.value <= 0:
        return None
    if not compatible(one.quantity.unit, other.quantity.unit):
        return one.value / other.value if one.quantity.unit == quantity.unit else None
    if quantity.unit == "%" and one.value < other.value:
        return one.value / other.value * _HUNDRED
    return one.value / other.value if quantity.unit == "倍" and one.value > other.value else None


def _rounded(said: Decimal, value: Decimal, text: str) -> bool:
    match = re.search(r"\d\.(\d+)", text)
    return abs(said - value) <= Decimal(1).scaleb(-(len(match[1]) if match else 0)) / 2


def rounds(value: Decimal, said: Decimal) -> bool:
    """Whether a value, rounded to the significant digits of ``said``, is that."""
    digits = len(said.normalize().as_tuple().digits)
    return value != said and +Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(value) == said


def _near(said: Decimal, value: Decimal) -> bool:
    return abs(said - value) <= _ALMOST * abs(value)
