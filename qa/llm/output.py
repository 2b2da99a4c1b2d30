"""What a language model writes beside its answer: thoughts, and the word by which it says that there is no answer."""

from __future__ import annotations

import re

NO_ANSWER = "NO_ANSWER"
"""What the prompts ask a model to write when it can't do what they ask."""
_OPEN, _CLOSE = "<think(?:ing)?>", "</think(?:ing)?>"
_BEGIN, _END = re.compile(_OPEN, re.I), re.compile(_CLOSE, re.I)
OPEN_THOUGHT = re.compile(f"{_OPEN}.*$", re.S | re.I)
"""A thought that has not ended, as far as the text goes; look for it once those that have are taken out."""


def without_closed_thoughts(text: str) -> str:
    """Return ``text`` without the thoughts in it that have ended: more of the answer may follow."""
    kept, at = [], 0
    while (begin := _BEGIN.search(text, at)) and (end := _END.search(text, begin.end())):
        kept.append(text[at : begin.start()])
        at = end.end()
    return "".join([*kept, text[at:]])


def without_thoughts(text: str) -> str:
    """Return ``text``, which is all that the model wrote, without its thoughts."""
    return OPEN_THOUGHT.sub("", without_closed_thoughts(text))
