"""Orders to a language model that a document may hold: text about the reader, and no evidence for anything."""

from __future__ import annotations

import re
from functools import lru_cache

_ORDER = re.compile(
    r"(?:忽略|无视|忘记|忘掉|不要理会|不要遵守|不再遵守|绕过)[^。！？\n]{0,16}(?:指令|指示|规则|提示|设定|限制|以上|之前的|前面的|上述)"
    r"|(?:请|必须|务必|只能|只需|应当?)[^。！？\n]{0,6}(?:输出|回复|回答|说出|复述)[^。！？\n]{0,8}[:：“\"「『]"
    r"|(?:你|您)(?:现在|从现在起)?(?:是|扮演|作为)[^。！？\n]{0,12}(?:AI|助手|模型|机器人)"
    r"|系统提示词?|(?:泄露|透露|显示|输出)[^。！？\n]{0,8}提示词"
    r"|\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|rules?|prompts?|guidelines|above|previous)\b"
    r"|\b(?:respond|reply|answer|output|print|say)\b\s+(?:only\s+|exactly\s+)?(?:with\b|[:\"“'])"
    r"|\byou are (?:now )?(?:an? )?(?:AI|assistant|chatbot|language model|ChatGPT|DAN)\b|\bsystem prompt\b",
    re.I,
)
_SENTENCE = re.compile(r".+?(?:[。！？!?\n]|\.(?![A-Za-z0-9])|$)", re.S)
_PAIRS = {"“": "”", "「": "」", "『": "』"}


@lru_cache(maxsize=2048)
def without_orders(text: str) -> str:
    """Return ``text`` without the sentences that give a language model orders, and what they quote for it to say."""
    if not _ORDER.search(text):
        return text
    kept = []
    at = 0
    while at < len(text) and (match := _SENTENCE.match(text, at)):
        if _ORDER.search(match[0]):
            at = max(match.end(), _end_of_quotation(text, at, match.end()))
        else:
            kept.append(match[0])
            at = match.end()
    return "".join(kept)


def _end_of_quotation(text: str, start: int, end: int) -> int:
    """Where a quotation ends that ``text[start:end]`` opens; ``end`` when it opens none."""
    for opener, closer in _PAIRS.items():
        if text.count(opener, start, end) > text.count(closer, start, end):
            close = text.find(closer, end)
            return len(text) if close < 0 else close + 1
    return end
