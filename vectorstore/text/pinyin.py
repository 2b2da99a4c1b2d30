"""Chinese text in Latin letters (pinyin), so that a name typed by its sound meets the name as written."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=8192)
def romanised(text: str) -> str:
    """Return ``text`` in pinyin without tones or spaces: "zhongjiang" for 中江."""
    from pypinyin import lazy_pinyin  # takes 0.3 s to import, and most questions have their names right

    return "".join(lazy_pinyin(text))
