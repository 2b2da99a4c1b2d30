"""A model's answer, cut into sentences while it is still being written, each with the labels that it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qa.answering.citation_labels import GROUP, OPENERS, take_labels
from qa.llm.output import NO_ANSWER, OPEN_THOUGHT, without_closed_thoughts, without_thoughts
from qa.types import DraftSentence
from vectorstore.text.quotes import DOUBLE, unclosed
from vectorstore.text.sentences import TERMINALS

LONGEST = 800
"""Characters after which a sentence is handed on without having ended."""

_STOP = re.compile(rf"[{TERMINALS}]+[\"”’」』》）)]*|\.(?=[\"”’)\s\[【［]|$)[\"”’)]*|\n")
_NO_STOP = re.compile(
    r"(?:^|[\s(])(?:\d{1,3}|[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|No|vs|cf|Inc|Ltd|Co|Fig|approx|(?:[A-Za-z]\.)+[A-Za-z])$"
)
_UNFINISHED_GROUP = re.compile(rf"[{re.escape(OPENERS)}][^\]】］〗)）\n]{{0,40}}$")
_LABELS = re.compile(rf"\s*(?:{GROUP.pattern})[。.]?")
_UNFINISHED_TAG = re.compile(r"<[a-z/|_]{0,14}$", re.I)
_END_TOKEN = re.compile(r"<\|(?:im_end|im_start|endoftext|eot_id|end|eos|user|assistant)\|>|</s>|<end_of_turn>", re.I)
"""What a model whose chat template doesn't fit writes where it should have stopped."""
_MARKUP = re.compile(r"^(?:\s*(?:#{1,6}|>|[-*•·+])\s+|\s*(?:\d{1,2}[.)]\s+|\d{1,2}、|[(（]\d{1,2}[)）]\s*))+")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
_DECLINES = re.compile(
    r"(?:资料|材料|文档|文件|段落|报告|原文|上下文|信息|内容)[^，。]{0,12}(?:没有|未|并未|不)[^，。]{0,6}"
    r"(?:提到|提及|说明|涉及|包含|提供|给出|记载|回答)"
    r"|无法(?:从|根据|回答|确定)"
    r"|(?:passages?|reports?|documents?|context|information|material)\b.{0,40}\b(?:do|does|did)\s?(?:not|n't)\b"
    r"|\b(?:cannot|can't|unable to|not able to)\b.{0,20}\banswer",
    re.I,
)


def sentences(pieces: Iterable[str]) -> Iterator[DraftSentence]:
    """Yield the sentences of a streamed answer, each as soon as it and the labels behind it are complete.

    Markdown, list numbers and a model's thoughts (<think>) are left out, and so are the sentinel for "no answer" and
    sentences that say the same in other words; a token of the chat template ends the answer. When ``pieces`` raises,
    the sentence that was not complete is lost.
    """
    buffer = ""
    for piece in pieces:
        buffer += piece
        if ">" in piece:
            buffer = without_closed_thoughts(buffer)
        if end := _END_TOKEN.search(buffer):
            buffer = buffer[: end.start()]
            break
        while (cut := _cut(buffer)) is not None:
            yield from _sentence(buffer[:cut])
            buffer = buffer[cut:]
    yield from _rest(without_thoughts(buffer))


def _rest(buffer: str) -> Iterator[DraftSentence]:
    while (cut := _cut(buffer + "\n.")) is not None and cut < len(buffer):
        yield from _sentence(buffer[:cut])
        buffer = buffer[cut:]
    yield from _sentence(buffer)


def _cut(buffer: str) -> int | None:
    """Return the end of the first sentence with its labels, or None while more may belong to it."""
    thought = OPEN_THOUGHT.search(buffer) or _UNFINISHED_TAG.search(buffer)
    limit = thought.start() if thought else len(buffer)
    for stop in _STOP.finditer(buffer, 0, limit):
        if not buffer[: stop.start()].strip() or _goes_on(buffer, stop):
            continue
        end = stop.end()
        while match := _LABELS.match(buffer, end, limit):
            end = match.end()
        rest = buffer[end:limit].lstrip()
        if not rest or _UNFINISHED_GROUP.match(rest):
            return None
        return end
    return LONGEST if limit > LONGEST else None


def _goes_on(buffer: str, stop: re.Match[str]) -> bool:
    """Whether a full stop ends nothing: of an abbreviation, inside a quotation, or of one that the sentence embeds."""
    if stop[0] == "\n":
        return False
    before = buffer[: stop.end()]
    if stop[0][0] == "." and _NO_STOP.search(buffer[: stop.start()]):
        return True
    embedded = stop[0][-1] in "”’」』》）)" and buffer[stop.end() : stop.end() + 1].isalnum()
    line = before.rsplit("\n", 1)[-1]
    return embedded or any(mark in DOUBLE for mark in unclosed(line))


def _sentence(text: str) -> Iterator[DraftSentence]:
    bare, labels = take_labels(text)
    bare = _EMPHASIS.sub("", _MARKUP.sub("", bare.strip()))
    bare = re.sub(r"\s+", " ", bare).replace(" 。", "。").replace(" .", ".").strip()
    bare = re.sub(r"([。.])[。.]+$", r"\1", bare)
    if NO_ANSWER in bare.upper().replace(" ", "_") or not any(char.isalnum() for char in bare):
        return
    if not labels and _DECLINES.search(bare):
        return
    yield DraftSentence(bare, labels=labels)
