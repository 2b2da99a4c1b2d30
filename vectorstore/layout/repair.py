"""The way from a raw text to its blocks, step by step."""

from __future__ import annotations

import re

from vectorstore.types import Block, BlockKind, Layout

_LINE = re.compile(r"[^\r\n]+")
_HEADING = re.compile(r"(#{1,6})\s*(?=\S)")


def repair(text: str, title: str | None = None) -> Layout:
    """Read a document's layout.

    Args:
        text: the raw text, with any line ends.
        title: the title, when the caller knows it.
    """
    blocks: list[Block] = []
    found = title
    for line in _LINE.finditer(text):
        start, end = line.span()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            continue
        kind, level = BlockKind.PARAGRAPH, 0
        heading = _HEADING.match(text, start, end)
        if heading:
            start, level = heading.end(), len(heading[1])
            kind = BlockKind.HEADING
            if level == 1 and not any(block.kind is BlockKind.TITLE for block in blocks):
                kind = BlockKind.TITLE
        found = found or text[start:end][:40]
        blocks.append(Block(kind, text[start:end], ((start, end),), level))
    return Layout(found or "", tuple(blocks), raw=text)
