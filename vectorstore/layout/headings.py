"""Titles and headings: by markup, by number, or, in plain text, as short lines that stand alone between paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed, label_end
from vectorstore.text.language import HAN, mostly_latin
from vectorstore.text.quotes import unclosed, unopened
from vectorstore.types import BlockKind

_NUMBERED = (
    (re.compile(r"第[一二三四五六七八九十百\d]{1,4}(?:编|部分|卷)(?![，,。])|(?:Part|PART) [IVX\d]+\b"), 10),
    (re.compile(r"第[一二三四五六七八九十百\d]{1,4}[章篇](?![，,。])|(?:Chapter|CHAPTER) \d+\b"), 11),
    (re.compile(r"第[一二三四五六七八九十百\d]{1,4}节(?![，,。])|(?:Section|SECTION) \d+\b"), 12),
    (re.compile(r"[一二三四五六七八九十]{1,3}、"), 13),
    (re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]"), 14),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}\s+\D"), 17),
    (re.compile(r"\d{1,2}\.\d{1,2}\s+(?![a-z万亿])\D"), 16),
)
"""Forms of numbered headings, with their ranks (after the six of markup); "3.5 million" is none."""
_PLAIN_NUMBER, _PLAIN_NUMBER_RANK = re.compile(r"(?P<number>\d{1,2})\.?\s+[A-Z]"), 15
"""A chapter of an English report, where each of them has text below; else items of a list."""
_FEWEST_CHAPTERS = 2
PLAIN_RANK = 13
_BOLD, _BOLD_RANK = 7, 18
_DOCUMENT_NUMBER = re.compile(r"\D*+\d.*号$")
_DATE = re.compile(
    r"[(（]\s*(?:\d{4}|[〇○零一二三四五六七八九十]{2,4})\s*年(?:\s*[\d一二三四五六七八九十]{1,3}\s*[月日]){0,2}\s*[)）]"
)
"""A date in brackets below a title: it says when the text was written, however large it is set."""
_LONGEST, _LONGEST_LATIN = 32, 90
_TITLE, _TITLE_LATIN = 60, 150
_WORDS = re.compile(rf"[{HAN}]|[A-Za-z]+")
_BAD_LAST = "，、；：,;:—-"


def find_title(pieces: Sequence[Piece], date_line: int | None) -> int | None:
    """Return the index of the title's piece, or None when the document begins without one.

    Args:
        date_line: index of the line with date and source, which stands below the title on a web page.
    """
    shown = [index for index, piece in enumerate(pieces) if piece.kind is None]
    for index in shown[:5]:
        if pieces[index].role is Role.HEADING and pieces[index].level == 1:
            return index
    if not shown:
        return None
    above_date = [index for index in shown if date_line is not None and index < date_line]
    if above_date and _could_be_title(pieces, above_date[0], above_date=True):
        return above_date[0]
    if len(shown) < 2 or _is_one_of_several(pieces, shown) or not _could_be_title(pieces, shown[0]):
        return None
    return shown[0]


def _is_one_of_several(pieces: Sequence[Piece], shown: Sequence[int]) -> bool:
    """Whether the first of the ``shown`` pieces is a heading of the second level or below, and not the only one: of a
    book of sheets, say."""
    level = pieces[shown[0]].level
    same = [at for at in shown if pieces[at].role is Role.HEADING and pieces[at].level == level]
    return pieces[shown[0]].role is Role.HEADING and 1 < level < _BOLD and len(same) > 1


def _could_be_title(pieces: Sequence[Piece], index: int, above_date: bool = False) -> bool:
    piece = pieces[index]
    text = piece.text.strip()
    limit = _TITLE_LATIN if mostly_latin(text) else _TITLE
    if not 2 <= len(text) <= limit or piece.lines > 1 or piece.role in (Role.ROW, Role.CODE, Role.ITEM):
        return False
    if text[-1] in _BAD_LAST or text.endswith(("。", ".")) or unclosed(text) or text.count("，") > 1:
        return False
    following = next((other for other in pieces[index + 1 :] if other.kind is None), None)
    if following is None or unopened(following.text[:40]) or following.text[0].islower():
        return False
    if piece.role is not Role.LABEL:
        return True
    # "place: what was done there" is a title, "name: value" is not; a form has many of them
    value = text[label_end(text) :]
    stands_apart = following.gap > 0 or above_date
    return stands_apart and following.role is not Role.LABEL and len(_WORDS.findall(value)) >= 6


def mark_numbered(pieces: Sequence[Piece]) -> None:
    """Make headings of numbered lines that have text of their own below them."""
    for index, piece in enumerate(pieces[:-1]):
        rank = _rank(piece.text) if _may_be_numbered(piece) else None
        following = pieces[index + 1]
        if rank is None or not _reads_as_heading(piece.text):
            continue
        if following.kind is None and _rank(following.text) != rank and not unopened(following.text[:40]):
            piece.role, piece.level = Role.HEADING, rank
    _mark_chapters(pieces)


def _mark_chapters(pieces: Sequence[Piece]) -> None:
    """Make headings of "1. Introduction", "2. Costs" where they count on from one, and each has a sentence below it."""
    shown = [piece for piece in pieces if piece.kind is None]
    numbered = {
        at: int(match["number"])
        for at, piece in enumerate(shown)
        if _may_be_numbered(piece) and (match := _PLAIN_NUMBER.match(piece.text))
    }
    counts_on = list(numbered.values()) == list(range(1, len(numbered) + 1))
    if len(numbered) < _FEWEST_CHAPTERS or not counts_on or len(shown) - 1 in numbered:
        return
    if all(_reads_as_heading(shown[at].text) and _has_text(shown[at + 1]) for at in numbered):
        for at in numbered:
            shown[at].role, shown[at].level = Role.HEADING, _PLAIN_NUMBER_RANK


def _has_text(below: Piece) -> bool:
    """Whether what stands below a line is a heading or a sentence of its own."""
    return below.role is Role.HEADING or (is_closed(below.text) and below.text[0].isupper())


def _may_be_numbered(piece: Piece) -> bool:
    return piece.kind is None and piece.role in (Role.TEXT, Role.ITEM) and piece.lines == 1


def _reads_as_heading(text: str) -> bool:
    return _is_short(text) and not is_closed(text) and text[-1] not in "，、；,;"


def _rank(text: str) -> int | None:
    return next((rank for pattern, rank in _NUMBERED if pattern.match(text)), None)


def _is_short(text: str) -> bool:
    return len(text) <= (_LONGEST_LATIN if mostly_latin(text) else _LONGEST)


def find_plain(pieces: Sequence[Piece]) -> list[int]:
    """Return the pieces that look like headings of plain text; none where headings are marked by signs."""
    if sum(piece.role is Role.HEADING and piece.level <= 7 for piece in pieces) >= 2:
        return []
    return [index for index in range(1, len(pieces) - 1) if _could_be_heading(pieces, index)]


def _could_be_heading(pieces: Sequence[Piece], index: int) -> bool:
    piece, following = pieces[index], pieces[index + 1]
    text = piece.text
    if piece.kind is not None or piece.role is not Role.TEXT or piece.lines > 1 or not piece.gap or not following.gap:
        return False
    if len(text) < 4 or not _is_short(text) or is_closed(text) or text[-1] in _BAD_LAST or "。" in text:
        return False
    if unclosed(text) or unopened(text) or text.count("，") + text.count(",") + text.count("、") > 2:
        return False
    if mostly_latin(text) and not (text[0].isupper() or text[0].isdigit()):
        return False
    if following.text[0].islower():
        return False
    return following.kind is None and following.role is not Role.ROW and len(following.text) > len(text)


def believable(pieces: Sequence[Piece], indices: Iterable[int]) -> list[int]:
    """Return the plain headings to accept: two or more, each after text that ended."""
    found = []
    for index in indices:
        above = next((pieces[i] for i in range(index - 1, -1, -1) if pieces[i].kind is None), None)
        if above is None or above.role is Role.HEADING or is_closed(above.text) or above.role is not Role.TEXT:
            found.append(index)
    return found if len(found) >= 2 else []


def settle(pieces: Sequence[Piece]) -> None:
    """Give every heading its kind and its level from 2 on; one with nothing below it, or with data, is text."""
    headings = [piece for piece in pieces if piece.role is Role.HEADING and piece.kind is None]
    for piece in headings:
        piece.kind = BlockKind.HEADING
    for index, piece in enumerate(pieces):
        if piece.kind is BlockKind.HEADING and (_is_bare(pieces, index) or _is_no_heading(piece.text)):
            piece.kind = BlockKind.PARAGRAPH
    ranks = sorted({_order(piece.level) for piece in pieces if piece.kind is BlockKind.HEADING})
    for piece in pieces:
        if piece.kind is BlockKind.HEADING:
            piece.level = 2 + ranks.index(_order(piece.level))


def _is_no_heading(text: str) -> bool:
    return _DOCUMENT_NUMBER.match(text) is not None or _DATE.fullmatch(text.strip()) is not None


def _order(level: int) -> int:
    return _BOLD_RANK if level == _BOLD else level


def _is_bare(pieces: Sequence[Piece], index: int) -> bool:
    """Whether nothing stands below a heading before the next one of its level or above, or the end."""
    own = _order(pieces[index].level)
    for piece in pieces[index + 1 :]:
        if piece.kind in (BlockKind.FURNITURE, BlockKind.CAPTION):
            continue
        return piece.kind is BlockKind.HEADING and _order(piece.level) <= own
    return True
