"""Numbers, percentages, amounts and dates of a text, normalised so that two spellings of one quantity compare equal.

``quantities`` reads Arabic digits (full-width too, thousands separators, 万 and 亿), Chinese numerals, and English
number words and dates. Chinese numerals inside fixed words (三农, 一肩挑, 统一) are no quantities: ``fixed_numerals`` gives
those that carry meaning, to be compared letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from qa.numerals import CHINESE_DIGITS, ENGLISH_NUMBER, ENGLISH_ORDINALS, chinese_value, english_value
from qa.units import CURRENCY_SIGNS, MAGNITUDE, MONTHS, UNITS, Unit, compatible

Date = tuple[int | None, int | None, int | None]


class Kind(StrEnum):
    NUMBER = "number"
    """A count, a measure, an amount of money: ``value`` in units of ``unit``."""
    DATE = "date"
    """``date`` holds year, month and day, None where the text doesn't say."""
    ORDINAL = "ordinal"
    CODE = "code"
    """Digits that are compared letter by letter: 1+24+3, COVID-19, 11:42."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of a text. ``start`` and ``end`` are offsets into that text, its unit included."""

    text: str
    start: int
    end: int
    kind: Kind
    value: Decimal | None = None
    unit: str = ""
    """A unit's normalised name (``qa.units``), empty when none follows the number."""
    date: Date = (None, None, None)
    bound: str = ""
    """"over" (超过, 余, at least), "under" (不到, 以内, at most) or empty."""
    article: bool = False
    """A Chinese 一 with a measure word, or an English "one": as often an article as a number."""


_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FULL_WIDTH |= dict(zip(map(ord, "％．＋－　￥＄：／～"), map(ord, "%.+- ¥$:/~"), strict=True))
_WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")


def _alternatives(words: dict[str, object]) -> str:
    """A pattern for any of ``words``, longest first; Latin ones end where the word ends."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(word) + (r"(?![a-z])" if word.isascii() and word[-1].isalpha() else "") for word in longest
    )


_ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_CHINESE = rf"[{CHINESE_DIGITS}]+(?:点[零〇一二三四五六七八九]+)?"
_MONTH = _alternatives(dict(MONTHS))
_SCALE = _alternatives(dict(MAGNITUDE)).replace("百|", "百(?!分)|")
_UNIT = _alternatives(dict(UNITS)).replace("部|", "部(?!分)|").replace("成|", "成(?![立员为都功果本人长效熟品交绩就])|")
_ORDINAL_WORD = _alternatives(dict(ENGLISH_ORDINALS))

_CODE = re.compile(
    r"\d+(?:\+(?:\d+|[a-z]))+"  # 1+24+3, 1+7+N
    r"|(?<![a-z\d])(?!usd|rmb|cny|eur|hk)[a-z]+-?\d+[a-z\d]*(?![\d.,])"  # COVID-19, A4
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)",  # 11:42
    re.I,
)
_NUMERIC_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:1[89]|20)\d\d)(?P<sep>[-/.])(?P<m>\d{1,2})(?:(?P=sep)(?P<d>\d{1,2}))?(?![\d%])"
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_CHINESE_DATE = re.compile(
    rf"(?:(?<![\d.])(?P<y>(?:1\d|20)\d\d|[零〇一二三四五六七八九]{{4}})\s*年(?!代))?"
    rf"(?:\s*(?<![\d.])(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月(?:份)?(?:\s*(?P<d>{_DAY})\s*[日号])?"
    rf"|(?<![\d.])(?P<d3>[12]\d|3[01]|0?[1-9])\s*日)?"
)
_ENGLISH_DATE = re.compile(
    rf"(?<![a-z])(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<m>{_MONTH})\.?"
    rf"(?:\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?(?:,?\s+(?P<y>(?:1[89]|20)\d\d)(?!\d))?",
    re.I,
)
_SHARE = re.compile(rf"(?P<whole>[百千万]|{_CHINESE}|\d+)分之(?P<part>{_CHINESE}|{_ARABIC})")
_NUMBER = re.compile(
    rf"(?P<ordinal>第)?(?P<money>(?:us|hk|rmb|cny)?\s?[$¥€£]\s?|(?<![a-z])(?:rmb|cny|usd|eur|hk)\s?)?"
    rf"(?P<minus>(?<![a-z\d)）%])[-−])?"
    rf"(?P<value>(?<![\d.])(?:{_ARABIC})|{_CHINESE}|(?<![a-z])(?:{ENGLISH_NUMBER}|{_ORDINAL_WORD})(?![a-z]))"
    rf"(?P<th>(?<=\d)(?:st|nd|rd|th)(?![a-z]))?"
    rf"(?P<more>\s?[余多餘])?(?P<scale>\s?(?:{_SCALE})|(?(money)m(?![a-z])))?(?P<more2>[余多餘])?(?:[\s-]?(?P<unit>{_UNIT}))?",
    re.I,
)
_OVER_BEFORE = re.compile(
    r"(?:(?<!不)超过?|逾|突破|不少于|不低于|至少|高于|大于|over|(?<!no )more than|at least|exceed\w*|above)\s*$", re.I
)
_UNDER_BEFORE = re.compile(
    r"(?:不到|不足|不超过?|(?<!不)[低少]于|小于|未达|未超过|最多|至多|不高于|不多于|fewer than|less than|at most|under|below"
    r"|up to|no more than)\s*$",
    re.I,
)
_OVER_AFTER = re.compile(r"[^\d，。；,;、]{0,3}(?:以上|or more)", re.I)
_UNDER_AFTER = re.compile(r"内|[^\d，。；,;、]{0,3}(?:以下|以内|之内|or less|or fewer)", re.I)
_RANGE = re.compile(r"\s?(?:[-–—~至到]|to)\s?")


def flatten(text: str) -> str:
    """Return ``text`` with full-width digits, letters and signs made half-width; the same length."""
    return _WIDE_COMMA.sub(",", text).translate(_FULL_WIDTH)


def quantities(text: str) -> list[Quantity]:
    """Return every quantity of ``text`` in its order; a range ("3至5万元") gives both ends with the unit of the second."""
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


def same(claim: Quantity, source: Quantity) -> bool:
    """Whether ``source`` says what ``claim`` says: one value, compatible units, no bound turned round.

    A claim may leave out what the source adds (2300 for 2300余, 3月 for 2023年3月), never the other way about.
    """
    if claim.kind is Kind.DATE and source.kind is Kind.DATE:
        return all(c is None or c == s for c, s in zip(claim.date, source.date, strict=True))
    if {claim.kind, source.kind} == {Kind.DATE, Kind.NUMBER} and _days_of(claim) == _days_of(source) is not None:
        return True
    if claim.kind is Kind.DATE:
        return claim.date[1:] == (None, None) and claim.date[0] == _bare_year(source)
    if source.kind is Kind.DATE:
        return _bare_year(claim) is not None and _bare_year(claim) == source.date[0]
    if Kind.CODE in (claim.kind, source.kind):
        return flatten(claim.text).lower() == flatten(source.text).lower()
    if claim.kind is not source.kind or claim.value != source.value:
        return False
    if "under" in (claim.bound, source.bound) and claim.bound not in ("", source.bound):
        return False
    return compatible(claim.unit, source.unit)


def _bare_year(quantity: Quantity) -> int | None:
    """The year that a number without a unit may be ("in 2023", "2019-2021年"), or None."""
    value = quantity.value
    if quantity.kind is Kind.NUMBER and not quantity.unit and value is not None and len(quantity.text.strip()) == 4:
        return int(value) if 1800 <= value < 2100 else None
    return None


def _days_of(quantity: Quantity) -> Decimal | None:
    """A day of no month ("10日内") read as a number of days, as 十日 is."""
    if quantity.kind is Kind.DATE:
        day = quantity.date[2]
        return Decimal(day) if day is not None and quantity.date[:2] == (None, None) else None
    return quantity.value if quantity.unit == "天" else None


def _codes(flat: str) -> Iterator[Quantity]:
    for match in _CODE.finditer(flat):
        yield Quantity(match[0], match.start(), match.end(), Kind.CODE)


def _dates(flat: str) -> Iterator[Quantity]:
    for pattern in (_NUMERIC_DATE, _CHINESE_DATE, _ENGLISH_DATE):
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
    return match.re is not _ENGLISH_DATE or match[0].lower() not in ("may", "march", "mar") or date[::2] != (None, None)


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
    """百分之四十, 千分之三, 三分之二."""
    for match in _SHARE.finditer(flat):
        whole, part = _value(match["whole"]), _value(match["part"])
        if match["whole"] in "百千万":
            whole = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10000)}[match["whole"]]
        if whole and part is not None:
            value = (part * 100 / whole).normalize()
            yield Quantity(match[0], match.start(), match.end(), Kind.NUMBER, value, "%", bound=_bound(flat, match))


def _numbers(flat: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(flat):
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
    if text[0] in "百千万萬亿億" or flat[max(0, start - 1) : start + 1] in _ORDINARY_ENDS:
        return False
    return bool(match["ordinal"] or match["unit"] or match["more"] or len(text) > 1)


def _sign(text: str) -> str:
    """The currency's sign out of "US$" or "RMB "."""
    text = text.strip().lower()
    return "hk" if text.startswith("hk") else text[-1] if text[-1] in "$¥€£" else text


def _bound(flat: str, match: re.Match[str]) -> str:
    before, after = flat[max(0, match.start() - 14) : match.start()], flat[match.end() : match.end() + 12]
    if _UNDER_BEFORE.search(before) or _UNDER_AFTER.match(after):
        return "under"
    more = match.groupdict().get("more") or match.groupdict().get("more2")
    return "over" if more or _OVER_BEFORE.search(before) or _OVER_AFTER.match(after) else ""


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
            and _RANGE.fullmatch(flat[quantity.end : following.start])
        ):
            scale = next((MAGNITUDE[word] for word in MAGNITUDE if word in following.text.lower()), Decimal(1))
            scaled = any(word in quantity.text.lower() for word in MAGNITUDE)
            value = quantity.value if scaled else (quantity.value * scale).normalize()
            yield replace(quantity, value=value, unit=following.unit)
        else:
            yield quantity


_FIXED = re.compile(rf"(?<![{CHINESE_DIGITS}])[{CHINESE_DIGITS}半]+")
_ORDINARY = frozenset(
    "一些 一定 一直 一起 一样 一般 一旦 一致 一律 一切 一体 一方 一步 一边 一面 一时 一度 一向 一再 一共 一并 一经 一味 一同 "
    "一系 一是 二是 三是 四是 五是 六是 七是 八是 两者 两方 两种 三者 四周 千万 十分 万一 百姓 百分 一来 二来 一则 一次".split()
)
_ORDINARY_ENDS = frozenset(
    "统一 进一 唯一 之一 同一 单一 专一 不一 万一 逐一 合一 其一 其二 再三 每一 任一 某一 这一 那一 另一 此一".split()
)


def fixed_numerals(text: str) -> list[str]:
    """Return the pieces of ``text`` in which a Chinese numeral belongs to a name or term: 三农, 一肩, 五社, 四川.

    Each is the numeral with the character behind it (before it, at the end of a word). Whoever repeats such a term has to
    repeat it letter by letter. Ordinary words (一些, 统一, 一是) are left out.
    """
    flat = flatten(text)
    counted = {i for q in quantities(text) for i in range(q.start, q.end)}
    pieces = []
    for match in _FIXED.finditer(flat):
        start, end = match.span()
        before, after = flat[max(0, start - 1) : end], flat[start : end + 1]
        if start in counted or after in _ORDINARY or before in _ORDINARY_ENDS:
            continue
        if len(after) > end - start and after[-1].isalpha():
            pieces.append(after)
        elif len(before) > end - start and before[0].isalpha():
            pieces.append(before)
    return pieces
