"""A model's answer, cut into sentences while it is still being written, each with its labels and its paragraph."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace

from qa.answering.citation_labels import BRACKETED, take_labels
from qa.answering.llm_json import Entry, JsonReader, is_json
from qa.answering.structure import ROW
from qa.llm.output import NO_ANSWER, OPEN_THOUGHT, without_closed_thoughts, without_thoughts
from qa.types import Place
from vectorstore.text.quotes import DOUBLE, unclosed
from vectorstore.text.sentences import ABBREVIATION, TERMINALS
from vectorstore.text.words import normalise

LONGEST = 800
"""Characters after which a sentence is handed on without having ended."""

_MARK = r"(?:\*\*|__|[*_`])"
"""What begins or ends a stretch that is set apart: in bold type, as code."""
_STOP = re.compile(rf"[{TERMINALS}]+[\"”’」』》）)]*|\.(?=[\"”’)\s\[【［（(<]|{_MARK}(?:\W|$)|$)[\"”’)]*|\n")
_CLOSING = re.compile(_MARK)
_SHORT = re.compile(rf"{ABBREVIATION.pattern}|(?:^|[\s(])\d{{1,3}}$")
"""What a full stop behind ends no sentence: an abbreviation, an initial, a list's number."""
_LABELS = re.compile(
    rf"(?>(?:[^\S\n]*[、,，;；])?(?:{_MARK}(?=[^\S\n]))?[^\S\n]*"
    rf"(?P<mark>{_MARK})?(?:{BRACKETED.pattern})(?:(?P=mark))?[。.]?)",
    re.I,
)
_LABELS_ON_A_LINE = re.compile(rf"\s*\n(?:{_LABELS.pattern})+[^\S\n]*(?=\n)", re.I)
_MAY_BE_LABELS = re.compile(
    rf"(?:{_LABELS.pattern})*[^\S\n]*[、,，;；]?{_MARK}?[^\S\n]*{_MARK}?(?:[(（][^)）\n]{{0,60}}|(?:<sup>)?[\[【［〖]{{1,2}}[^\]】］〗\n]{{0,60}}|<sup>[^<\n]{{0,40}})?",
    re.I,
)
"""What may still become labels, as far as it goes."""
_UNFINISHED = re.compile(r"<[a-z/|_]{0,14}$|\\$", re.I)
"""A tag, or the escape of a mark, as far as it goes."""
_ESCAPED = re.compile(r"\\([!-/:;=-@\[-`{-~])")
"""A mark that Markdown is told to show as it is: "\\$5 million", "\\[P1\\]"."""
_BACKSLASH = "\ue05c"
"""Stands for one that was escaped, until its sentence is complete: it escapes nothing itself, whatever comes next."""
_END_TOKEN = re.compile(r"<\|(?:im_end|im_start|endoftext|eot_id|end|eos|user|assistant)\|>|</s>|<end_of_turn>", re.I)
"""What a model whose chat template doesn't fit writes where it should have stopped."""
_MARKUP = re.compile(r"^(?:\s*(?:#{1,6}|>|[-*•·+])\s+|\s*(?:\d{1,2}[.)]\s+|\d{1,2}、|[(（]\d{1,2}[)）]\s*|[①-⑳]\s*))+")
_HEADING = re.compile(r"#{1,6}\s")
_FENCE = re.compile(r"`{3}\w{0,20}")
"""The line above or below code, in which some models put a whole answer."""
_MARKER = re.compile(r"\s*(?:[-*•·+]\s+|\d{1,2}[.)]\s+|\d{1,2}、|[(（]\d{1,2}[)）]\s*|[①-⑳]\s*|\|(?=.*\|))")
"""What begins a list's item or a table's row."""
_BEGINS_A_LINE = re.compile(
    rf"{_MARKER.pattern}|\s*(?:[(（][一二三四五六七八九十]{{1,3}}[)）]|[一二三四五六七八九十]{{1,3}}、)"
)
"""The same, and the numbers of Chinese sections, which stand in the text."""
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
_NO_ANSWER = re.compile(rf"(?i:{NO_ANSWER})|{NO_ANSWER.replace('_', ' ')}|(?i:^\W*no answer\W*$)")
"""The sentinel; "the minister gave no answer" is a claim."""
_DECLINES = re.compile(
    r"(?:资料|材料|文档|文件|段落|报告|原文|上下文|信息|内容)[^，。]{0,12}(?:没有|未|并未|不)[^，。]{0,6}"
    r"(?:提到|提及|说明|涉及|包含|提供|给出|记载|回答)"
    r"|无法(?:从|根据|回答|确定)"
    r"|(?:passages?|reports?|documents?|context|information|material)\b.{0,40}\b(?:do|does|did)\s?(?:not|n't)\b"
    r"|\b(?:cannot|can't|unable to|not able to)\b.{0,20}\banswer",
    re.I,
)


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence as the model wrote it, without markup; its text is empty where labels stand alone."""

    text: str
    labels: tuple[str, ...] = ()
    """In normal form: see ``take_labels``."""
    paragraph: int = 0
    """Blank lines before it; lines of a list stand in one paragraph."""
    label_first: bool = False
    """Whether it begins with its label, as an entry of a list of references does."""
    place: Place = field(default_factory=Place)
    leads_in: bool = False
    """Whether it only introduces what follows: "There are three:", a heading, the head of a table."""
    declines: bool = False
    """Whether it cites nothing and says that something can't be answered."""


def sentences(pieces: Iterable[str]) -> Iterator[WrittenSentence]:
    """Yield the sentences of a streamed answer, each as soon as it and the labels behind it are complete.

    Markdown, list numbers and a model's thoughts (<think>) are left out, and so is the sentinel for "no answer"; a
    sentence that says the same in other words ``declines``. A token of the chat template ends the answer. An answer in
    JSON is read as one in text. When ``pieces`` raises, the sentence that was not complete is lost.
    """
    buffer, splitter, reader, is_text = "", _Splitter(), None, False
    for piece in pieces:
        buffer += piece
        if ">" in piece:
            buffer = without_closed_thoughts(buffer)
        if end := _END_TOKEN.search(buffer):
            buffer = buffer[: end.start()]
            break
        if reader is None and not is_text:
            json = is_json(OPEN_THOUGHT.sub("", buffer))
            reader, is_text = JsonReader() if json else None, json is False and not _UNFINISHED.search(buffer)
        if is_text:
            buffer = yield from splitter.take(buffer)
        elif reader is not None:
            yield from _of_entries(reader.read(buffer), splitter)
    buffer = without_thoughts(buffer)
    if reader is None and not is_text and is_json(buffer):
        reader = JsonReader()
    yield from splitter.finish(buffer) if reader is None else _of_entries(reader.finish(buffer), splitter)


def _of_entries(entries: Iterable[Entry], splitter: _Splitter) -> Iterator[WrittenSentence]:
    """Yield the sentences of an answer in JSON; they are one paragraph, in which an item begins a line."""
    for entry in entries:
        splitter.labels = entry.labels
        if entry.text:
            for sentence in splitter.finish(("\n" if _BEGINS_A_LINE.match(entry.text) else "") + entry.text):
                yield replace(sentence, paragraph=0, label_first=False)
        elif entry.labels:
            yield WrittenSentence("", entry.labels)


class _Splitter:
    """Cuts text into sentences, and follows its paragraphs, lists and tables."""

    def __init__(self) -> None:
        self.begun = False
        self.labels: tuple[str, ...] = ()
        """Of sentences that have none of their own."""
        self._paragraph = 0
        self._block = 0
        self._kind = ""
        self._breaks = 0
        self._indent = ""

    def take(self, buffer: str) -> Generator[WrittenSentence, None, str]:
        """Yield the sentences that are complete; return what is left of ``buffer``."""
        buffer = _unescaped(buffer)
        while (cut := _cut(buffer)) is not None:
            yield from self._sentence(buffer[:cut])
            buffer = buffer[cut:]
        return buffer

    def finish(self, buffer: str) -> Iterator[WrittenSentence]:
        """Yield the sentences of ``buffer``, which nothing follows."""
        buffer = _unescaped(buffer)
        while (cut := _cut(buffer + "\n.")) is not None and cut < len(buffer):
            yield from self._sentence(buffer[:cut])
            buffer = buffer[cut:]
        yield from self._sentence(buffer)

    def _sentence(self, text: str) -> Iterator[WrittenSentence]:
        stripped = _FENCE.sub("", text.strip()) if _FENCE.fullmatch(text.strip()) else text.strip()
        before = text[: len(text) - len(text.lstrip())]
        self._breaks += before.count("\n")
        if not stripped:
            return
        unmarked = _MARKUP.sub("", stripped)
        marked, labels = take_labels(unmarked.replace(_BACKSLASH, "\\"))
        bare = _tidy(_EMPHASIS.sub("", marked))
        labels = labels or self.labels
        silent = not any(char.isalnum() for char in bare)
        opened = False if silent else self._move(stripped, before)
        self._paragraph += self._breaks > 1
        self._breaks = text[len(text.rstrip()) :].count("\n")
        if _NO_ANSWER.search(bare):
            return
        if silent:
            if labels:
                yield WrittenSentence("", labels, self._paragraph)
        else:
            heading = _HEADING.match(stripped) is not None
            bold = _bold(marked, bare) or (f"**{bare}**" if heading else "")
            place = Place(self._block, self._item, markdown=bold)
            leads = not labels and (bare.endswith((":", "：")) or heading or (opened and self._item == ROW))
            first = BRACKETED.match(unmarked) is not None
            declines = not labels and _DECLINES.search(bare) is not None
            yield WrittenSentence(bare, labels, self._paragraph, first, place, leads, declines)

    def _move(self, line: str, before: str) -> bool:
        """Take a sentence into the block that it stands in; return whether it opens one."""
        starts = self._breaks > 0 or not self.begun
        marker = _MARKER.match(line) if starts else None
        kind = "" if marker is None else "table" if marker[0] == ROW else "list"
        self._item = "" if marker is None else _item(marker[0], before.rsplit("\n", 1)[-1])
        opened = starts and (not self.begun or not kind or kind != self._kind)
        self._block += opened and self.begun
        if starts:
            self._kind = kind
        self.begun = True
        return opened


def _item(marker: str, indent: str) -> str:
    """Return a list item's mark as Markdown has it, four spaces for each level."""
    if marker == ROW:
        return ROW
    number = re.search(r"\d+", normalise(marker))
    level = min((len(indent.expandtabs(4)) + 2) // 4, 3)
    return "    " * level + (f"{number[0]}. " if number else "- ")


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).replace(" 。", "。").replace(" .", ".").strip()
    return re.sub(r"(?<![。.])([。.])[。.]+$", r"\1", text)


def _bold(marked: str, bare: str) -> str:
    """Return a sentence with its bold words in asterisks; empty where it has none, or they don't match."""
    text = _tidy(_EMPHASIS.sub(lambda match: match[0] if match[0] == "**" else "", marked))
    pairs = text.count("**")
    return text if pairs and pairs % 2 == 0 and text.replace("**", "") == bare else ""


def _unescaped(buffer: str) -> str:
    return _ESCAPED.sub(lambda found: _BACKSLASH if found[1] == "\\" else found[1], buffer)


def _cut(buffer: str) -> int | None:
    """Return the end of the first sentence with its labels, or None while more may belong to it."""
    thought = OPEN_THOUGHT.search(buffer) or _UNFINISHED.search(buffer)
    limit = thought.start() if thought else len(buffer)
    for stop in _STOP.finditer(buffer, 0, limit):
        if not buffer[: stop.start()].strip():
            continue
        if stop[0][0] == "." and (short := _SHORT.search(buffer[: stop.start()])):
            behind = buffer[stop.end() : limit]
            if not any(char.isalnum() for char in buffer[: short.start()].rsplit("\n", 1)[-1]):
                continue
            if _MAY_BE_LABELS.fullmatch(behind.lstrip()):
                return None
            if not _LABELS.match(behind):  # "of Smith Ltd.[P1]" has ended
                continue
        elif _goes_on(buffer, stop):
            continue
        end = _behind_closing(buffer, stop.end(), limit)
        while stop[0] != "\n" and (match := _LABELS.match(buffer, end, limit)):
            end = match.end()
        if _MAY_BE_LABELS.fullmatch(buffer[end:limit].lstrip()):
            return None
        below = _LABELS_ON_A_LINE.match(buffer, end - (stop[0] == "\n"), limit)
        return below.end() if below else end
    return LONGEST if limit > LONGEST else None


def _behind_closing(buffer: str, end: int, limit: int) -> int:
    """Return the place behind the mark at ``end`` that closes what its line has set apart; ``end`` without one."""
    mark = _CLOSING.match(buffer, end, limit)
    line = buffer[buffer.rfind("\n", 0, end) + 1 : end]
    return mark.end() if mark is not None and line.count(mark[0]) % 2 else end


def _goes_on(buffer: str, stop: re.Match[str]) -> bool:
    """Whether a full stop ends nothing: inside a quotation, or of one that the sentence embeds."""
    if stop[0] == "\n":
        return False
    before = buffer[: stop.end()]
    embedded = stop[0][-1] in "”’」』》）)" and buffer[stop.end() : stop.end() + 1].isalnum()
    line = before.rsplit("\n", 1)[-1]
    return embedded or any(mark in DOUBLE for mark in unclosed(line))
