"""Markup of a line: headings, lists, labels, tables, bold, code; and the line's text without it.

Nothing is rewritten: marks are left out of a piece's spans. Plain text passes through unchanged but for stray blanks.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

from vectorstore.layout.contents import is_page_number
from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed, label_end, label_of
from vectorstore.text.language import HAN
from vectorstore.text.lines import INVISIBLE, Line
from vectorstore.types import BlockKind, Span

BOLD = 7
"""Level of a heading that is a line in bold."""

_FENCE = re.compile(r"(?:`{3,}|~{3,})\s*[\w+.#-]{0,20}$", re.ASCII)
_HEADING = re.compile(rf"(#{{1,6}})(?:[ \t\u3000]+|(?=[{HAN}（(“《【]))(?=[^#\s])")
_HEADING_TAIL = re.compile(r"(?<!\s)\s+#+$")
_RULE = re.compile(r"(?:[-*_=~·—–#+.]\s*){3,}$")
_UNDERLINE = re.compile(r"(=+|-{3,})$")
_TABLE_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?$")
_BULLET = re.compile(r"(?:[-*+]|[•●○■□◆◇▪‣➢✓√])[ \t\u3000]+(?=\S)|[•●■◆▪‣➢](?=\S)")
_QUOTE = re.compile(r"(?:>(?![\d=])\s?)+")
"""Marks of a quotation; "more than" stands right before its figure."""
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)$")
_ORDINAL = re.compile(
    r"(?P<digits>\d{1,3})(?P<dot>[.．](?!\d)|[、)）])|[（(](?P<inner>\d{1,3}|[一二三四五六七八九十]{1,3})[)）]"
    r"|(?P<circled>[①-⑳])|(?P<chinese>[一二三四五六七八九十]{1,3})、|第(?P<nth>[一二三四五六七八九十\d]{1,3})[，、,]"
)
_ANCHOR = re.compile(r"(?:[-*+]\s+|\d+[.)]\s+)?\[[^\]\[]+\]\(#[^()\s]*\)$|\[\[?_?toc_?\]?\]$", re.I)
"""A line of a table of contents: a link to a place in the same document, or the mark that is replaced by one."""
_BOLD_LINE = re.compile(r"(\*\*|__)(?P<text>(?:(?!\1).)+)\1(?P<after>\s*[：:]?)$")
_LEFT_OUT = re.compile(
    r"(?<!\w)__(?=\S)|(?<=\S)__(?!\w)|`+|(?<!!)\[(?=[^\]\[]+\]\([^()\s]+\))|(?<=[^\s\[])\]\([^()\s]+\)"
    rf"|[{INVISIBLE}]+"
    rf"|(?<=[，、；：《“（])[ \u3000\xa0]+(?=\S)|(?<=[{HAN}”》）])[ \u3000\xa0]+(?=[，。、；：！？》”）])"
)
_EMPHASISED = re.compile(
    r"(?<![A-Za-z0-9*])(?P<star>\*)(?=[^\s*])[^*\n]{1,200}?(?<=[^\s*])(?P<end>\*)(?![A-Za-z0-9*])"
    r"|(?<![\w_])(?P<line>_)(?=[^\s_])[^_\n]{1,200}?(?<=[^\s_])(?P<close>_)(?![\w_])"
    r"|(?P<picture>!\[)[^\]\[\n]{0,200}(?P<address>\]\([^()\s]{1,500}\))"
)
"""Emphasis, and a picture inside a line: marks on both sides of what is read."""
_STRONG = re.compile(
    r"(?:(?<![A-Za-z0-9*])(?P<open>\*{2,3})(?=[^\s*，、。；：,;:.)）])(?:(?!\*\*)[^\n])+?(?<=[^\s*])(?P<close>(?P=open))"
    r"|(?<![\w*])(?P<above>\*{2,3})(?=[^\s*，、。；：,;:.)）])(?:(?!\*\*)(?:[^\n]|\n(?!\s*\n)))+?(?<=[^\s*])(?P<below>(?P=above)))"
    r"(?!\*)"
)
"""Bold, in a line or over several. Other stars hide something, or are a sign: 138****5678, 张**, 2**10."""
_STARS = re.compile(r"\*{2,3}")
_SHOWN = re.compile(f"[^{INVISIBLE}]+")
_SPACED_WORD = re.compile(rf"(?<![{HAN}])(?:[{HAN}][ \u3000]{{1,4}}){{2,}}[{HAN}](?![{HAN}])")
_SPACED_LABEL = re.compile(rf"(?<![{HAN}])[{HAN}][ \u3000]{{1,6}}[{HAN}](?=\s*[：:])")
_BLANKS = re.compile(r"[ \u3000]+")
_CHINESE_NUMBER = {character: value for value, character in enumerate("一二三四五六七八九十", start=1)}


def strong_marks(text: str) -> frozenset[int]:
    """Return where the marks around what is bold begin in a text."""
    return frozenset(
        match.start(name) for match in _STRONG.finditer(text) for name, part in match.groupdict().items() if part
    )


def pieces(lines: Sequence[Line], headings: Mapping[int, int], strong: Container[int]) -> list[Piece]:
    """Turn lines into pieces, one each; rules, fences and underlines become gaps between their neighbours.

    Args:
        headings: offset of a line that HTML says is a heading -> its level.
        strong: see ``strong_marks``.
    """
    found: list[Piece] = []
    in_code = False
    least_gap = 0
    numbers = _Numbers()
    for line in lines:
        if _FENCE.match(line.text):
            in_code, least_gap = not in_code, max(least_gap, line.gap, 1)
            continue
        gap, least_gap = max(line.gap, least_gap), 0
        if in_code:
            spans = [(line.start + run.start(), line.start + run.end()) for run in _SHOWN.finditer(line.text)]
            found.append(Piece("".join(_SHOWN.findall(line.text)), spans, gap, Role.CODE))
            continue
        if gap == 0 and found and _UNDERLINE.match(line.text) and _can_be_underlined(found[-1]):
            found[-1].role, found[-1].level = Role.HEADING, 1 if line.text[0] == "=" else 2
            least_gap = 1
            continue
        if _RULE.match(line.text) or _TABLE_RULE.match(line.text):
            least_gap = gap if "|" in line.text else max(gap, 1)
            continue
        piece = _piece(line, gap, numbers, strong)
        if piece is None:
            least_gap = gap
            continue
        if piece.start in headings:
            piece.role, piece.level = Role.HEADING, headings[piece.start]
        if is_page_number(line.text) or _ANCHOR.match(line.text):
            piece.kind = BlockKind.FURNITURE
        found.append(piece)
    return found


def _can_be_underlined(piece: Piece) -> bool:
    return piece.role is Role.TEXT and piece.lines == 1 and len(piece.text) <= 80 and not is_closed(piece.text)


def _piece(line: Line, gap: int, numbers: _Numbers, strong: Container[int]) -> Piece | None:
    """Return the piece that a line outside of code becomes; None when nothing but marks is on it."""
    image = _IMAGE.match(line.text)
    if image:
        span = (line.start + image.start(1), line.start + image.end(1))
        return Piece(image[1], [span], gap, kind=BlockKind.CAPTION) if image[1].strip() else None
    skip, role, level = _leading_marks(line.text)
    body, end = line.text[skip:], line.end
    if role is Role.HEADING:
        tail = _HEADING_TAIL.search(body)
        end -= len(tail[0]) if tail else 0
        body = line.text[skip : end - line.start]
    bold = _BOLD_LINE.match(body)
    spans = _without_marks(line.text, line.start, line.start + skip, end, strong)
    text = "".join(line.text[left - line.start : right - line.start] for left, right in spans)
    if not text.strip():
        return None
    piece = Piece(text, spans, gap, role, level, indent=line.indent)
    if role is Role.TEXT and bold and _heads(bold["text"] + bold["after"]):
        piece.role, piece.level = Role.HEADING, BOLD
    _recognise(piece, numbers)
    return piece


def _heads(text: str) -> bool:
    """Whether a line in bold is a heading: short, no sentence, and not a label with its value."""
    value = text[label_end(text) :]
    return len(text) <= 60 and not is_closed(text) and (label_of(text) is None or not value.strip())


def _leading_marks(text: str) -> tuple[int, Role, int]:
    """Return how many characters of marks a line begins with, and what they say."""
    skip = 0
    quote = _QUOTE.match(text)
    if quote and quote.end() < len(text):
        skip = quote.end()
    heading = _HEADING.match(text, skip)
    if heading:
        return heading.end(), Role.HEADING, len(heading[1])
    bullet = _BULLET.match(text, skip)
    if bullet:
        return bullet.end(), Role.ITEM, 0
    if "\t" in text.strip() or (text.count("|") >= 2 and (text[skip] == "|" or text.count(" | ") >= 2)):
        return skip + (text[skip] == "|"), Role.ROW, 0
    return skip, Role.TEXT, 0


def _recognise(piece: Piece, numbers: _Numbers) -> None:
    """Find numbers in sequence, and labels; a heading that holds a label's value is a line of a form."""
    if piece.role in (Role.TEXT, Role.ITEM) and numbers.next(piece.text):
        piece.role = Role.ITEM
    label = label_of(piece.text)
    if label is None or piece.role is Role.ROW:
        return
    valued = label_end(piece.text) < len(piece.text.rstrip())
    if piece.role is Role.TEXT or (piece.role is Role.HEADING and piece.level > 1 and valued):
        piece.role, piece.label = Role.LABEL, label
    elif piece.role is Role.ITEM:
        piece.label = label


def _without_marks(text: str, offset: int, start: int, end: int, strong: Container[int]) -> list[Span]:
    """Return the spans of ``raw[start:end]`` without inline marks; ``text`` is the line that begins at ``offset``."""
    holes = [match.span() for match in _LEFT_OUT.finditer(text, start - offset, end - offset)]
    for match in _EMPHASISED.finditer(text, start - offset, end - offset):
        holes.extend(match.span(name) for name, part in match.groupdict().items() if part is not None)
    stars = _STARS.finditer(text, start - offset, end - offset)
    holes.extend(match.span() for match in stars if match.start() + offset in strong)
    for pattern in (_SPACED_WORD, _SPACED_LABEL):
        for match in pattern.finditer(text, start - offset, end - offset):
            holes.extend(blank.span() for blank in _BLANKS.finditer(text, *match.span()))
    if text.rstrip().endswith("|") and end == offset + len(text):
        bar = text.rindex("|")
        holes.append((bar, bar + 1))
    spans: list[Span] = []
    position = start
    for left, right in sorted(holes):
        if left + offset > position:
            spans.append((position, left + offset))
        position = max(position, right + offset)
    if position < end:
        spans.append((position, end))
    return _trimmed(text, offset, spans)


def _trimmed(text: str, offset: int, spans: list[Span]) -> list[Span]:
    """Take the blanks off both ends of what is left of a line."""
    while spans and not text[spans[0][0] - offset : spans[0][1] - offset].strip():
        del spans[0]
    while spans and not text[spans[-1][0] - offset : spans[-1][1] - offset].strip():
        del spans[-1]
    if spans:
        first = text[spans[0][0] - offset : spans[0][1] - offset]
        spans[0] = (spans[0][1] - len(first.lstrip()), spans[0][1])
        last = text[spans[-1][0] - offset : spans[-1][1] - offset]
        spans[-1] = (spans[-1][0], spans[-1][0] + len(last.rstrip()))
    return spans


class _Numbers:
    """Tells a number that counts on from one that a broken sentence happens to begin with."""

    def __init__(self) -> None:
        self._seen: dict[str, set[int]] = {}

    def next(self, text: str) -> bool:
        match = _ORDINAL.match(text)
        if not match or match.end() == len(text):
            return False
        style = "".join(name for name, value in match.groupdict().items() if value) + text[match.end() - 1]
        number = _value(next(value for name, value in match.groupdict().items() if value and name != "dot"))
        seen = self._seen.setdefault(style, set())
        counts = number == 1 or number - 1 in seen
        if counts:
            seen.add(number)
        return counts


def _value(number: str) -> int:
    if number.isascii() and number.isdigit():
        return int(number)
    if "①" <= number <= "⑳":
        return ord(number) - ord("①") + 1
    tens, ten, units = number.rpartition("十")
    if ten:
        return 10 * _CHINESE_NUMBER.get(tens, 1) + _CHINESE_NUMBER.get(units, 0)
    return _CHINESE_NUMBER.get(number, 0)
