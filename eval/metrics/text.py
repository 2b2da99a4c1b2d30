"""How text is compared: after NFKC, lower case, without white space and without citation marks."""

from __future__ import annotations

import re
import unicodedata

MARK = re.compile(r"\[\d+(?:\s*[,，、]\s*\d+)*\]|【\d+】")


def without_marks(text: str) -> str:
    """Return ``text`` without its citation marks: [1], [1, 2] and 【1】."""
    return MARK.sub("", text)


def comparable(text: str) -> str:
    """Return ``text`` as two texts are compared: NFKC, no white space, lower case. Marks stay."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
