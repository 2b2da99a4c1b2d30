"""Sentences: where one ends and the next begins, in Chinese, English, and both mixed.

The sentence is the unit of citation, so a cut in the wrong place costs more than a missing one. A Chinese sentence
ends at its full stop, question or exclamation mark (closing quotes and brackets stay with it); clauses between
semicolons stay together. A half-width full stop ends a sentence only where it can't be a decimal, an abbreviation, an
ordinal or part of a name; so does a full-width point ("．"), where the text ends in one too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from vectorstore.text.language import is_han
from vectorstore.text.quotes import OPENER_OF, PAIRS, STRAIGHT
from vectorstore.text.spans import SpanMap
from vectorstore.types import Sentence, Spans

CLOSERS = "".join(OPENER_OF) + STRAIGHT + "]"
"""Marks that stay with the full stop before them."""
TERMINALS = "。！？!?｡"
"""Marks that end a sentence; a full stop of English and an ellipsis do so only sometimes."""

_LONG_QUOTE = 120
"""A quotation with more characters than this is a speech: it is split into its own sentences."""
_LOOKED_BACK = 200
"""Characters before a full stop that say what it is: more would cost a text without ends quadratic time."""
_DEEPEST = 16
"""Brackets inside brackets beyond this depth are noise."""
_MARK = re.compile("[" + re.escape("".join([*PAIRS, *OPENER_OF])) + "]")
_STOP = re.compile(rf"[{TERMINALS}…]+|\.+|．")
_SEMICOLON = re.compile("[；;]")
_NOTE = re.compile(r"(?:\[\d{1,3}\])+")
ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Rev|Hon|Gen|Col|Lt|Capt|Sen|Rep|Gov|Messrs|No|Nos|Vol|Fig|Figs|Eq|Sec|Ch|Art|"
    r"Para|pp?|vs|cf|al|etc|approx|ca|Inc|Ltd|Co|Corp|Bros|Dept|Univ|Assn|est|ed|eds|e\.g|i\.e|viz|a\.m|p\.m|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|(?:[A-Za-z]\.)*[A-Za-z])$"
)
"""An abbreviation, or an initial, at the end of what stands before a full stop."""
_ENDS_ANYWAY = re.compile(r"(?:^|\s)(?:etc|al|Inc|Ltd|Co|Corp|Jr|Sr|a\.m|p\.m|(?:[A-Z]\.)+[A-Z])$")
"""Abbreviations that often close a sentence: they do when a capital follows."""
_ORDINAL = re.compile(r"^\W*(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})$")


def split(text: str, spans: Spans) -> list[Sentence]:
    """Split one block of text, where line ends are mere white space, into sentences without surrounding white space.

    Args:
        text: the block's text.
        spans: its spans in the raw text, ``cut(raw, spans) == text``; every sentence's spans keep that promise.
    """
    places = SpanMap(spans)
    return [Sentence(text[start:end], places.slice(start, end)) for start, end in bounds(text)]


def clauses(sentence: Sentence, longest: int = 110, shortest: int = 12) -> list[Sentence]:
    """Return ``sentence`` itself, or its clauses when it has over ``longest`` characters and semicolons to part it.

    A report's enumeration ("实施……；开展……；") runs to hundreds of characters: its clauses are what a question asks for
    and what a citation should show. A clause shorter than ``shortest`` stays with the one behind it.
    """
    if len(sentence.text) <= longest:
        return [sentence]
    places, depths, quotes = SpanMap(sentence.spans), _protected(sentence.text), _straight_quotes(sentence.text)
    parts, start = [], 0
    for match in _SEMICOLON.finditer(sentence.text):
        end = _with_closers(sentence.text, match.end(), quotes)
        if end - start >= shortest and not depths[match.start()] and len(sentence.text) - end >= shortest:
            parts.append((start, end))
            start = end
    bounds = [_stripped(sentence.text, *part) for part in (*parts, (start, len(sentence.text)))]
    return [Sentence(sentence.text[a:b], places.slice(a, b)) for a, b in bounds]


def split_text(text: str) -> list[str]:
    """Split loose text (a question, what a model wrote); every line ends a sentence."""
    return [line[start:end] for line in text.splitlines() for start, end in bounds(line)]


def bounds(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, without the white space around it; nothing else lies between them.

    A mark without a word ("#." before an item) belongs to the sentence behind it.
    """
    found: list[tuple[int, int]] = []
    start = looked = 0  # no word stands between the two: a text of marks alone would cost quadratic time
    for end in [*_ends(text), len(text)]:
        has_word = any(map(str.isalnum, text[looked:end]))
        looked = end
        if end < len(text) and not has_word:
            continue
        left, right = _stripped(text, start, end)
        if left < right:
            found.append((left, right))
        start = end
    return found


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _ends(text: str) -> Iterator[int]:
    inside, quotes = _protected(text), _straight_quotes(text)
    dots_are_stops = "。" not in text
    wide_dots_are = dots_are_stops and text.rstrip().endswith("．")  # else they are points, or parts of names
    start = 0
    for match in _STOP.finditer(text):
        if match.start() < start:
            continue
        end = _with_closers(text, match.end(), quotes)
        if inside[match.start()] and inside[match.start()] > end:
            continue
        stops = wide_dots_are if match[0] == "．" else dots_are_stops
        if _is_end(text, start, match.start(), match.end(), end, stops):
            yield end
            start = end


def _protected(text: str) -> list[int]:
    """For each character, the end of the outermost pair of marks around it that must not be cut in, or 0."""
    inside = [0] * len(text)
    open_marks: list[tuple[str, int]] = []
    for match in _MARK.finditer(text):
        index, character = match.start(), match[0]
        if character in PAIRS:
            open_marks = [*open_marks[-_DEEPEST:], (PAIRS[character], index)]
            continue
        depth = next((d for d in range(len(open_marks) - 1, -1, -1) if open_marks[d][0] == character), None)
        if depth is None:
            continue
        begin = open_marks[depth][1]
        del open_marks[depth:]
        if index - begin <= _LONG_QUOTE:
            inside[begin : index + 1] = [index + 1] * (index + 1 - begin)
    return inside


def _straight_quotes(text: str) -> list[int]:
    """Return where quotation marks stand that open as well as close."""
    return [index for index, character in enumerate(text) if character == '"']


def _with_closers(text: str, end: int, quotes: Sequence[int]) -> int:
    """Take the marks that close around a full stop, and a note's number such as [12], into the sentence."""
    while end < len(text) and text[end] in CLOSERS:
        if text[end] == '"' and bisect_left(quotes, end) % 2 == 0:
            break  # this one opens
        end += 1
    note = _NOTE.match(text, end)
    return note.end() if note else end


def _is_end(text: str, start: int, stop: int, after_stop: int, end: int, dots_are_stops: bool) -> bool:
    following = text[end] if end < len(text) else "\n"
    if following in "，、；：,;:。！？!?％%" or (end == after_stop and following in "）)》”’】"):
        return False
    mark = text[stop:after_stop]
    if mark == "．" and not dots_are_stops:
        return False
    if mark[0] in ".．":
        return _is_full_stop(text, start, stop, after_stop, end, dots_are_stops)
    closed = end > after_stop
    if following.isspace():
        return not (closed and _next(text, end).islower())
    if closed and following in "的地得等之":
        return False
    if set(mark) == {"…"}:
        return closed
    if mark[-1] in "?!？！":
        before = text[stop - 1] if stop > start else " "
        if before.isascii() and before.isalnum() and following.isascii() and following.isalnum():
            return False  # an address such as /search?q=1
        return not closed or following in "“‘「『《" or text[start] in PAIRS
    return True


def _next(text: str, start: int) -> str:
    """Return the first character from ``start`` on that is no white space; empty at the end."""
    while start < len(text) and text[start].isspace():
        start += 1
    return text[start : start + 1]


def _is_full_stop(text: str, start: int, stop: int, after_stop: int, end: int, dots_are_stops: bool) -> bool:
    following = text[end] if end < len(text) else "\n"
    if after_stop - stop > 1:  # an ellipsis of dots
        return following.isspace() and (_next(text, end) or "A").isupper()
    before = text[max(start, stop - _LOOKED_BACK) : stop].rstrip() if stop > start else ""
    if not before:
        return False
    if not following.isspace():
        goes_before = is_han(before[-1]) or before[-1] in "%％"
        return dots_are_stops and goes_before and is_han(following) and len(before.lstrip()) >= 10
    if _ORDINAL.match(before.lstrip()):
        return False
    rest = _next(text, end)
    if not rest:
        return True
    if rest.islower():
        return False
    if ABBREVIATION.search(before[-12:]):
        return bool(_ENDS_ANYWAY.search(before[-12:])) and rest.isupper() and before[-1].islower()
    return True
