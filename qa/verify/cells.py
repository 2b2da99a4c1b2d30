"""Cells of a table: bare figures, read with the scale and the per cent sign that its head or caption has for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from qa.text.quantities import Kind, Quantity
from qa.text.quantities.units import MAGNITUDE

_CURRENCIES = r"(?:us\$|usd|rmb|cny|hkd|eur|gbp)\s?"
_CHINESE = re.compile(
    r"(?:^|[(:/|,\s]|单位|人民币|币种)\s?(?P<scale>万亿|[十百千]亿|亿|[十百千]万|[万千百])"
    r"(?=元|美元|港元|欧元|日元|英镑|人次?|户|吨|股|亩|平方米|立方米|千瓦|件|台|套|辆|[)\]])",
    re.M,
)
_ENGLISH = re.compile(
    r"[£$€¥]\s?(?P<scale>(?:million|billion|thousand|trillion)(?=s?\b)|(?:bn|mn|m|k)\b)"
    rf"|(?:\bin\s|[(|]\s?|\b{_CURRENCIES})(?P<word>million|billion|thousand|trillion|bn|mn)s?\b"
)
_THOUSANDS = re.compile(r"(?:['’]|[£$€¥]\s?)000s?(?![\d,.])")
_PER_CENT = re.compile(r"%|\bper ?cent\b")
_BARE = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")


def read_by_head(text: str, figures: Sequence[Quantity], context: str) -> Iterator[Quantity]:
    """Yield the bare figures of ``text`` as its head's scales and per cent sign make them; none without such a head.

    Which column a head is of isn't told: that is for who weighs the words.

    Args:
        text: of the evidence, in normal form.
        figures: its quantities.
        context: what stands above it, in normal form.
    """
    bare = [q for q in figures if q.kind is Kind.NUMBER and not q.unit and q.value and _BARE.fullmatch(q.text.strip())]
    if not bare:
        return
    rest = text
    for quantity in figures:
        rest = rest[: quantity.start] + "0" * (quantity.end - quantity.start) + rest[quantity.end :]
    head = f"{rest}\n{context}"
    scales = {MAGNITUDE[match["scale"]] for match in _CHINESE.finditer(head)}
    for match in _ENGLISH.finditer(head):
        word = match["scale"] or match["word"]
        scales.add(Decimal(10**6) if word == "m" else MAGNITUDE[word])
    if _THOUSANDS.search(f"{text}\n{context}"):
        scales.add(Decimal(1000))
    for quantity in bare:
        value = quantity.value or Decimal(0)
        yield from (replace(quantity, value=(value * scale).normalize()) for scale in sorted(scales))
        if _PER_CENT.search(head):
            yield replace(quantity, unit="%")
