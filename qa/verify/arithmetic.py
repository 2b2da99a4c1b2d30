"""Arithmetic of a claim: figures that no document spells out but that follow from those it cites, as expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations, permutations

from qa.text.quantities import Kind, Quantity, occurs, quantities, same
from qa.text.quantities.units import compatible
from qa.verify import computed
from qa.verify.operands import Operand, against, in_claim, in_evidence, told_against
from qa.verify.owners import figures_in
from qa.verify.source import Source, quantities_of
from vectorstore.text.words import normalise

MOST_SUMMANDS = 8
_SPAN = 24
"""Characters around a figure among which stands what was done to get it."""


def _cue(chinese: str, english: str, gap: int = 6) -> re.Pattern[str]:
    """Return a pattern of what stands before a computed figure, with a few characters and no figure between."""
    return re.compile(rf"(?:{chinese})[^，。；\d]{{0,{gap}}}$|\b(?:{english})\b[^,;.\d]{{0,24}}$")


_UP = _cue("[多高增升涨超长]", r"grew|grown|rose|risen|increas(?:e|ed|ing)|up|gained|climbed|exceed\w*")
_UP_BEHIND = re.compile(r"\s{0,9}(?:more|higher|larger|longer|over|above|extra|additional|increase|rise)\b")
_DOWN = _cue("[少低减降跌缩短]", r"fell|fallen|decreased?|declined?|dropped|down|lost|cut|reduced")
_DOWN_BEHIND = re.compile(r"\s{0,9}(?:fewer|less|lower|smaller|shorter|under|below|short|decrease|drop|fall)\b")
_APART = _cue("差|差距|差额|减去|剩|余|还有|净|等于", r"difference|gap|remaining|left|minus|leaves|leaving|margin", 8)
_APART_BEHIND = re.compile(r"\s{0,9}(?:apart|difference|gap|remain\w*|left)\b|的?(?:差距|差额)")
_SUM = _cue(
    "合计|共计|总计|一共|总共|共有|共|加起来|之和|相加|等于|总额|总数",
    r"total|totall?ing|together|combined|sum|altogether|in all|makes?|adds? up",
    8,
)
_SUM_BEHIND = re.compile(r"\s{0,9}(?:in total|in all|together|altogether|combined)\b")
_ADDED = re.compile(
    r"^[^，；。;,\d]{0,8}(?:合计|共计|总计|加起来)[^，；。;,\d]{0,4}$"
    r"|\b(?:together|in total|altogether)\b[^;.\d]{0,12}$"
)
_MEAN = _cue("平均|人均|户均|每", r"average|averag\w*|mean", 10)
_MEAN_OF = re.compile(r"平均(?:每.{1,2}?)?约?\s*$|\b[Aa]n average of (?:about )?$|\b[Oo]n average,? (?:about )?$")
_MEAN_BEHIND = re.compile(r"\s{0,9}(?:\w+\s){0,2}?(?:per|each|apiece|on average)\b|/|每")
_SHARE = _cue("占|比例|比重|[^，。；]率", r"share|proportion|percentage|represents?|accounts? for", 8)
_SHARE_BEHIND = re.compile(r"\s{0,9}of\b")
_HEDGE = re.compile(
    r"(?:约|大约|左右|近|将近|about|around|roughly|nearly|almost|approximately|some)\s{0,9}[£$€¥]?\s{0,9}$"
)
_NEAR = Decimal("0.05")
"""How far a figure that is said to be about so much may be from what is computed."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A figure of a claim that follows from others: ``494个 - 213个 = 281个``."""

    index: int
    """Of the figure among the claim's quantities."""
    expression: str
    inputs: tuple[int, ...]
    """Indices of the sources that give the figures it is computed from."""
    new: bool
    """Whether no source spells the figure out."""


def derived(claim: str, sources: Sequence[Source], unsaid: bool = False) -> tuple[Derivation, ...]:
    """Return how those figures of a claim follow that are said to be computed and that do.

    Args:
        unsaid: those too that are in no source and follow without being said to: a judge has to see whether they are of
            what the claim says.
    """
    text = normalise(claim)
    found: list[Derivation] = []
    for index, quantity in enumerate(quantities_of(text)):
        if quantity.kind is Kind.NUMBER and not quantity.article and quantity.value is not None:
            derivation = _derive(text, index, quantity, sources, unsaid)
            if derivation:
                found.append(derivation)
    return tuple(found)


def without(claim: str, derivations: Sequence[Derivation]) -> str:
    """Return a claim with blanks for its derived figures, which no evidence has, and for the "more" behind them."""
    written = quantities(claim)
    for one in derivations:
        if one.index < len(written):
            start, end = written[one.index].start, written[one.index].end
            if mean := _MEAN_OF.search(claim[:start]):
                start = mean.start()
            if behind := _UP_BEHIND.match(claim, end) or _DOWN_BEHIND.match(claim, end):
                end = behind.end()
            claim = claim[:start] + " " * (end - start) + claim[end:]
    return claim


def sums_hold(claim: str, sources: Sequence[Source]) -> str | None:
    """Figures that a claim adds up are its sum: "62 villages and 59 estates, 121 in all"."""
    text = normalise(claim)
    figures = figures_in(text)
    for place, total in enumerate(figures):
        parts = [q for q in figures[max(0, place - 2) : place] if q.unit == total.unit]
        if len(parts) < 2 or not _ADDED.search(text[parts[-1].end : total.start]):
            continue
        if re.search(r"[，；。;]|,(?!\d)", text[parts[0].end : parts[-1].start]) or any(
            q.bound for q in (*parts, total)
        ):
            continue
        if sum(q.value or 0 for q in parts) != total.value:
            return f"{' + '.join(q.text.strip() for q in parts)} is not {total.text.strip()}"
    return None


def _derive(text: str, index: int, quantity: Quantity, sources: Sequence[Source], unsaid: bool) -> Derivation | None:
    head = text[max(0, quantity.start - _SPAN) : quantity.start]
    tail = text[quantity.end : quantity.end + _SPAN]
    stated = in_claim(text, quantity, sources)
    new = not any(occurs(quantity, source.quantities) for source in sources)
    for expression, operands in (
        *_differences(text, quantity, head, tail, stated, sources),
        *_sums(quantity, head, tail, stated),
        *_quotients(quantity, head, tail, stated),
    ):
        used = tuple(sorted({index for operand in operands for index in operand.sources}))
        if used:
            return Derivation(index, expression, used, new)
    said, sign = _said(head, tail), _sign(head, tail)
    for expression, operands in computed.expressions(quantity, head, sources) if unsaid and new else ():
        turned = sign and len(operands) == 2 and told_against(text, quantity, *operands, sign) is False
        if said in expression and not turned:
            return Derivation(index, expression, tuple(sorted({i for one in operands for i in one.sources})), new)
    return None


def _sign(head: str, tail: str) -> int:
    """Return 1 for a figure that is said to be so much more, -1 for less, and 0 for neither or both."""
    up, down = (bool(b.search(head) or a.match(tail)) for b, a in ((_UP, _UP_BEHIND), (_DOWN, _DOWN_BEHIND)))
    apart = bool(_APART.search(head) or _APART_BEHIND.match(tail))
    return 0 if apart or up == down else 1 if up else -1


def _said(head: str, tail: str) -> str:
    """Return the operation that a figure may come from, where it is said to come from one; else nothing.

    Which of two figures is more, and of what, values alone don't tell: that is for the support judge.
    """
    if any(c.search(head) for c in (_UP, _DOWN, _APART)) or any(
        c.match(tail) for c in (_UP_BEHIND, _DOWN_BEHIND, _APART_BEHIND)
    ):
        return " - "
    return " + " if _SUM.search(head) or _SUM_BEHIND.match(tail) else ""


def _differences(
    text: str,
    quantity: Quantity,
    head: str,
    tail: str,
    stated: Sequence[Operand],
    sources: Sequence[Source],
) -> Iterator[tuple[str, tuple[Operand, ...]]]:
    up, down = (bool(b.search(head) or a.match(tail)) for b, a in ((_UP, _UP_BEHIND), (_DOWN, _DOWN_BEHIND)))
    apart = bool(_APART.search(head) or _APART_BEHIND.match(tail))
    if not (up or down or apart):
        return
    sign = 0 if apart or up == down else 1 if up else -1
    pairs = [pair for pair in permutations(stated, 2) if _comparable(quantity, *pair)]
    if not any(operand.quantity.value == quantity.value for operand in stated):
        pairs += [pair for pair in in_evidence(text, quantity, sources) if _comparable(quantity, *pair)]
    for more, less in pairs:
        if more.value - less.value != quantity.value or (sign and not against(text, quantity, more, less, sign)):
            continue
        yield f"{more.text} - {less.text} = {quantity.text.strip()}", (more, less)
    if quantity.unit == "%" and sign:
        for more, less in permutations(_of_one_unit(stated), 2):
            change = (more.value - less.value) / (less.value if sign > 0 else more.value) * 100
            right = more.value > less.value and _rounds_to(quantity, change, head)
            if right and against(text, quantity, more, less, sign):
                base = less if sign > 0 else more
                shown = f"({more.text} - {less.text}) ÷ {base.text} ≈ {quantity.text.strip()}"
                yield shown, (more, less)


def _sums(
    quantity: Quantity, head: str, tail: str, stated: Sequence[Operand]
) -> Iterator[tuple[str, tuple[Operand, ...]]]:
    if not (_SUM.search(head) or _SUM_BEHIND.match(tail)):
        return
    parts = [operand for operand in stated if compatible(quantity.unit, operand.quantity.unit)]
    for count in range(len(parts), 1, -1):
        for some in combinations(parts[:MOST_SUMMANDS], count):
            if sum(operand.value for operand in some) == quantity.value:
                yield f"{' + '.join(operand.text for operand in some)} = {quantity.text.strip()}", some


def _quotients(
    quantity: Quantity, head: str, tail: str, stated: Sequence[Operand]
) -> Iterator[tuple[str, tuple[Operand, ...]]]:
    """Times ("五倍"), shares in per cent, and averages."""
    mean = bool(_MEAN.search(head) or _MEAN_BEHIND.match(tail))
    share = bool(_SHARE.search(head) or _SHARE_BEHIND.match(tail))
    for one, other in permutations(stated, 2):
        if not other.value or one.value <= 0:
            continue
        alike = compatible(one.quantity.unit, other.quantity.unit) and one.quantity.unit not in ("%", "points")
        if quantity.unit == "倍" and alike:
            value = one.value / other.value
        elif quantity.unit == "%" and share and alike and one.value <= other.value:
            value = one.value / other.value * 100
        elif mean and one.quantity.unit == quantity.unit and other.quantity.unit != quantity.unit:
            value = one.value / other.value
        else:
            continue
        if _rounds_to(quantity, value, head):
            yield f"{one.text} ÷ {other.text} ≈ {quantity.text.strip()}", (one, other)


def _of_one_unit(operands: Sequence[Operand]) -> list[Operand]:
    return [one for one in operands if one.quantity.unit not in ("%", "points") and one.value > 0]


def _comparable(quantity: Quantity, more: Operand, less: Operand) -> bool:
    units = (quantity.unit, more.quantity.unit, less.quantity.unit)
    if units[0] == "points" and units[1:] == ("%", "%"):
        return True
    bounded = {more.quantity.bound, less.quantity.bound} - {""}
    return (
        more.quantity is not less.quantity
        and compatible(units[1], units[2])
        and any(compatible(units[0], unit) for unit in units[1:])
        and (not bounded or bool(quantity.bound))
    )


def _rounds_to(quantity: Quantity, value: Decimal, head: str) -> bool:
    """Whether a figure says a computed value: rounded as it is written, or about so much, or more than that."""
    said = quantity.value
    if said is None:
        return False
    places = _places(quantity.text)
    step = Decimal(1).scaleb(-places)
    if quantity.bound == "over":
        return said <= value < said + max(step, said / 10) or value.quantize(step, ROUND_FLOOR) == said
    if quantity.bound == "under":
        return said - max(step, said / 10) <= value < said
    if abs(value - said) <= step / 2:
        return True
    return bool(_HEDGE.search(head)) and abs(value - said) <= _NEAR * said


def _places(text: str) -> int:
    match = re.search(r"\d\.(\d+)", text)
    return len(match[1]) if match else 0


def holds(expression: str) -> bool:
    """Whether an expression as ``Derivation`` has it is right: its quantities, as they are written, give the last.

    Several, parted by semicolons, must all be.
    """
    return bool(expression.strip()) and all(_one_holds(part) for part in expression.split(";"))


def figures_of(expression: str) -> tuple[list[Quantity], list[Quantity]]:
    """Return the quantities that an expression computes from, and those that it computes."""
    inputs: list[Quantity] = []
    results: list[Quantity] = []
    for part in expression.split(";"):
        left, _, right = re.sub("≈", "=", part).partition("=")
        results += quantities(normalise(right))
        inputs += [q for q in quantities(normalise(left)) if not any(same(q, result) for result in results)]
    return inputs, results


def _one_holds(part: str) -> bool:
    left, sign, right = re.sub("≈", "=", part).partition("=")
    results = quantities(normalise(right))
    terms = [quantities(normalise(term)) for term in re.split(r" [-+÷] |[()]", left) if term.strip()]
    operators = re.findall(r" ([-+÷]) ", left)
    if not sign or len(results) != 1 or any(len(term) != 1 for term in terms) or len(operators) != len(terms) - 1:
        return False
    said, values = results[0], [term[0].value for term in terms]
    if said.value is not None and not any(term[0].unit for term in terms):  # of a table's cells
        said = replace(said, value=said.value / said.factor, factor=Decimal(1))
    numbers = [value for value in values if value is not None]
    if said.value is None or len(numbers) != len(values):
        return False
    if not operators:  # rounded
        return "≈" in part and computed.rounds(numbers[0], said.value)
    value = numbers[0]
    for operator, number in zip(operators, numbers[1:], strict=True):
        if operator == "÷" and not number:
            return False
        value = value - number if operator == "-" else value + number if operator == "+" else value / number
    if operators[-1:] != ["÷"]:
        return value == said.value or ("≈" in part and _rounds_to(said, value, "about "))
    if said.unit == "%":
        value *= 100
    return _rounds_to(said, value, "about ")
