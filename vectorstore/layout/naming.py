"""A document's name for people and for search: its title, whom a form is about, or its first words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.language import HAN
from vectorstore.types import BlockKind

LONGEST = 60
"""Characters of a name; a title line that is given or found is taken whole."""
_FIRST_WORDS = 40
_HEAD = 40
"""Pieces in which the subject is looked for."""
_SUBJECTS = (
    re.compile(
        r"(?<![^\s，,；;。])(?:医院名称|医院|就诊医院|单位名称|公司名称|机构名称|法院|审判法院|审理法院|经办法院)"
        r"\s*[：:]\s*(?P<name>[^\s，。,；：:]{4,20})"
    ),
    re.compile(
        r"(?<![^\s，,；;。])(?:患者姓名|病人姓名|被告人姓名|姓名|患者|病人|被告人|被告|申请人|原告|Patient|Defendant|Name)"
        rf"(?:\s*[：:]\s*(?P<name>[{HAN}]{{2,4}}|[A-Z][\w.]+(?: [A-Z][\w.]+){{1,2}})(?=[\s，。,；;（(]|$)"
        rf"|(?P<other>[{HAN}]{{2,4}})(?=，[男女]))"
    ),
)
_BREAKS = "，。；：！？,;:!? "


def name_document(given: str | None, pieces: Sequence[Piece]) -> str:
    """Return the title that was given, or the document's own, or its first words; empty for an empty document.

    A form's title ("Discharge summary") is followed by whom it is about, in brackets, or no one could tell two apart.
    """
    if given and given.strip():
        return " ".join(given.split())
    title = next((piece for piece in pieces if piece.kind is BlockKind.TITLE), None)
    shown = [piece for piece in pieces if piece.kind not in (BlockKind.FURNITURE, BlockKind.TITLE)]
    if title is None:
        name = first_words(shown[0].text if shown else "")
        if not shown or shown[0].role is not Role.LABEL:
            return name
    else:
        name = " ".join(title.text.split()).strip("[]【】")
    missing = [subject for subject in _subjects(shown[:_HEAD]) if subject not in name]
    if missing and len(name) + sum(map(len, missing)) <= LONGEST:
        name += f"（{'，'.join(missing)}）"
    return name


def _subjects(pieces: Sequence[Piece]) -> list[str]:
    """Return whom and what a form is about (the first hospital or court, the first patient or defendant)."""
    found = []
    for pattern in _SUBJECTS:
        for piece in pieces:
            match = pattern.search(piece.text[:200]) if piece.role is not Role.HEADING else None
            if match:
                found.append(match["name"] or match.groupdict().get("other") or "")
                break
    return found


def first_words(text: str) -> str:
    """Return the beginning of a text, up to the last mark or blank within 40 characters."""
    text = " ".join(text[: 3 * _FIRST_WORDS].split())
    if len(text) <= _FIRST_WORDS:
        return text.rstrip("，、；：,;: ")
    cut = max(text.rfind(mark, 12, _FIRST_WORDS + 1) for mark in _BREAKS)
    return text[: cut if cut > 0 else _FIRST_WORDS].rstrip("，、；：,;: ")
