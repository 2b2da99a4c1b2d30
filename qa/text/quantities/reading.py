"""Reading the quantities of a text: every number, percentage, amount and date, in any of their spellings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from qa.text.quantities import patterns
from qa.text.quantities.numerals import CHINESE_DIGITS, ENGLISH_ORDINALS, chinese_value, english_value
from qa.text.quantities.quantity import Date, Kind, Quantity
from qa.text.quantities.terms import is_ordinary
from qa.text.quantities.units import CURRENCY_SIGNS, MAGNITUDE, MONTHS, UNITS, Unit

_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FULL_WIDTH |= dict(zip(map(ord, "％．＋－　￥＄：／～"), map(ord, "%.+- ¥$:/~"), strict=True))
_WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")


def flatten(text: str) -> str:
    """Return ``text`` with full-width digits, letters and signs made half-width; the same length."""
    return _WIDE_COMMA.sub(",", text).translate(_FULL_WIDTH)


def quantities(text: str) -> list[Quantity]:
    """Return every quantity of ``text`` in its order; of a range ("3至5万元") both ends, with the second one's unit."""
    flat = flatten(text)
    found: list[Quantity] = []
    taken = [False] * len(flat)
    for reader in (_codes, _dates, _shares, _numbers):
        for quantity in reader(flat):
            if not any(taken[quantity.start : quantity.end]):
                found.append(quantity)
                taken[quantity.start : quantity.end] = [True] * (quantity.end - quantity.start)
    found.sort(key=lambda quantity: quantity.start)
    return [replace(q, text=text[q.start : q.end]) for q in _ranges(flat, found)]


def _codes(flat: str) -> Iterator[Quantity]:
    for match in patterns.CODE.finditer(flat):
        yield Quantity(match[0], match.start(), match.end(), Kind.CODE, code=match[0].lower())


def _dates(flat: str) -> Iterator[Quantity]:
    for pattern in (patterns.NUMERIC_DATE, patterns.CHINESE_DATE, patterns.ENGLISH_DATE):
        for match in pattern.finditer(flat):
            parts = match.groupdict()
            date = (_number(parts.get("y")), _month(parts.get("m")), _number(next(_days(parts), None)))
            if date == (None, None, None) or not _possible(date) or not _is_date(match, date):
                continue
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            yield Quantity(match[0].strip(), start, start + len(match[0].strip()), Kind.DATE, date=date)


def _days(parts: dict[str, str | None]) -> Iterator[str]:
    yield from (value for name in ("d", "d2", "d3") if (value := parts.get(name)))


def _is_date(match: re.Match[str], date: Date) -> bool:
    """ "may" and "march" alone are verbs; "2.5" style decimals never come here, they have no year."""
    return (
        match.re is not patterns.ENGLISH_DATE
        or match[0].lower() not in ("may", "march", "mar")
        or date[::2] != (None, None)
    )


def _possible(date: Date) -> bool:
    return (date[1] is None or 1 <= date[1] <= 12) and (date[2] is None or 1 <= date[2] <= 31)


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if text.isdigit() and text.isascii():
        return int(text)
    value = chinese_value(text)
    return None if value is None else int(value)


def _month(text: str | None) -> int | None:
    return None if not text else MONTHS.get(text.lower()) or _number(text)


def _shares(flat: str) -> Iterator[Quantity]:
    """百分之四十, 千分之三, 三分之二, two thirds, nine in ten."""
    for match in patterns.SHARE.finditer(flat):
        whole, part = _value(match["whole"]), _value(match["part"])
        if match["whole"] in "百千万":
            whole = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10000)}[match["whole"]]
        if whole and part is not None:
            value = (part * 100 / whole).normalize()
            yield Quantity(match[0], match.start(), match.end(), Kind.NUMBER, value, "%", bound=_bound(flat, match))

    for match in patterns.FRACTION.finditer(flat):
        part, whole = _fraction(match)
        if part is not None and whole and part < whole:
            value = (part * 100 / whole).normalize()
            yield Quantity(match[0], match.start(), match.end(), Kind.NUMBER, value, "%", bound=_bound(flat, match))


def _fraction(match: re.Match[str]) -> tuple[Decimal | None, Decimal | None]:
    if match["one"]:
        return Decimal(1), Decimal(patterns.FRACTIONS[match["one"].lower()])
    if match["part"]:
        return _value(match["part"]), Decimal(patterns.FRACTIONS[match["whole"].lower()])
    return _value(match["some"]), _value(match["all"])


def _numbers(flat: str) -> Iterator[Quantity]:
    for match in patterns.NUMBER.finditer(flat):
        quantity = _quantity(flat, match)
        if quantity is not None:
            yield quantity


def _quantity(flat: str, match: re.Match[str]) -> Quantity | None:
    text, unit = match["value"], UNITS.get((match["unit"] or "").lower(), Unit(""))
    value = _value(text)
    chinese = text[0] in CHINESE_DIGITS
    if value is None or (chinese and not _counts(flat, match, text)):
        return None
    ordinal = bool(match["ordinal"] or match["th"] or text.lower() in ENGLISH_ORDINALS)
    name = unit.name or (CURRENCY_SIGNS[_sign(match["money"])] if match["money"] else "")
    scale = MAGNITUDE.get((match["scale"] or "").strip().lower(), Decimal(1))
    scale = Decimal(10**6) if (match["scale"] or "").lower() == "m" else scale
    value = value * scale * unit.factor * (-1 if match["minus"] else 1)
    return Quantity(
        match[0].strip(),
        match.start(),
        match.start() + len(match[0].rstrip()),
        Kind.ORDINAL if ordinal else Kind.NUMBER,
        value.normalize(),
        name,
        unit.factor,
        bound=_bound(flat, match),
        article=text.lower() in ("一", "one", "first") and (bool(unit.name) or not chinese),
    )


def _value(text: str) -> Decimal | None:
    if text[0].isdigit() and text.isascii():
        return Decimal(text.replace(",", ""))
    if text[0] in CHINESE_DIGITS:
        return chinese_value(text)
    return Decimal(ENGLISH_ORDINALS[text.lower()]) if text.lower() in ENGLISH_ORDINALS else english_value(text)


def _counts(flat: str, match: re.Match[str], text: str) -> bool:
    """Whether a Chinese numeral counts something here, and isn't a piece of a fixed word (三农, 统一, 十分)."""
    start = match.start("value")
    if text[0] in "百千万萬亿億" or is_ordinary(flat, start):
        return False
    return bool(match["ordinal"] or match["unit"] or match["more"] or len(text) > 1)


def _sign(text: str) -> str:
    """The currency's sign out of "US$" or "RMB "."""
    text = text.strip().lower()
    return "hk" if text.startswith("hk") else text[-1] if text[-1] in "$¥€£" else text


def _bound(flat: str, match: re.Match[str]) -> str:
    before, after = flat[max(0, match.start() - 14) : match.start()], flat[match.end() : match.end() + 12]
    if patterns.UNDER_BEFORE.search(before) or patterns.UNDER_AFTER.match(after):
        return "under"
    more = match.groupdict().get("more") or match.groupdict().get("more2")
    return "over" if more or patterns.OVER_BEFORE.search(before) or patterns.OVER_AFTER.match(after) else ""


def _ranges(flat: str, found: list[Quantity]) -> Iterator[Quantity]:
    """Give the first end of a range the scale and unit that stand behind its second end only."""
    for quantity, following in zip(found, (*found[1:], None), strict=False):
        if (
            following is not None
            and quantity.kind is following.kind is Kind.NUMBER
            and not quantity.unit
            and following.unit
            and quantity.value is not None
            and following.value is not None
            and patterns.RANGE.fullmatch(flat[quantity.end : following.start])
        ):
            scale = next((MAGNITUDE[word] for word in MAGNITUDE if word in following.text.lower()), Decimal(1))
            scaled = any(word in quantity.text.lower() for word in MAGNITUDE)
            value = quantity.value if scaled else (quantity.value * scale).normalize()
            yield replace(quantity, value=value, unit=following.unit)
        else:
            yield quantity
