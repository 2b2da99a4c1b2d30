"""A model's answer in JSON: its sentences and their labels, whatever the keys are called, while it is being written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from qa.answering.citation_labels import label, take_labels

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_BEGINS = re.compile(r"\s*(?:```(?:json)?\s*)?(?:\{\s*\"|\[\s*\{)", re.I)
_MAY_BEGIN = re.compile(r"\s*(?:`{1,3}|```[json]{0,4}|```(?:json)?\s*[{\[]?\s*|[{\[]\s*)", re.I)
_ITEMS = re.compile(r"\[\s*(?=[{\"])")
_STRING = re.compile(r"(\"(?:[^\"\\]|\\.)*\"?)(\s*:)?", re.S)
"""A string, and what makes a key of it."""
_TEXT_KEYS = ("text", "sentence", "claim", "statement", "answer", "content", "point")
_NUMBERED_KEY = re.compile(r"cit|sourc|label|passage|ref|id", re.I)


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of the answer; its text may be empty, or several sentences with labels of their own."""

    text: str
    labels: tuple[str, ...]


def is_json(text: str) -> bool | None:
    """Return whether an answer that begins so is JSON; None while that can't be told yet."""
    if _BEGINS.match(text):
        return True
    return None if _MAY_BEGIN.fullmatch(text) or not text.strip() else False


class JsonReader:
    """Reads the first array of an answer item by item; the whole at its end, where it has none."""

    def __init__(self) -> None:
        self._at = -1
        self._read_text = False

    def read(self, buffer: str) -> Iterator[Entry]:
        """Yield the items that are complete and new in ``buffer``, which is the answer so far."""
        if self._at < 0:
            start = _ITEMS.search(buffer)
            if start is None:
                return
            self._at = start.end()
        while True:
            at = self._at + len(buffer[self._at :]) - len(buffer[self._at :].lstrip(" \t\r\n,"))
            if buffer[at : at + 1] not in ("{", '"'):
                return
            try:
                value, self._at = _decoder.raw_decode(buffer, at)
            except json.JSONDecodeError:
                return
            yield self._noted(_entry(value))

    def finish(self, buffer: str) -> Iterator[Entry]:
        """Yield what ``read`` has left, ``buffer`` being the whole answer; the longest string where it is broken."""
        yield from self.read(buffer)
        if self._read_text:
            return
        start = min((at for at in (buffer.find("{"), buffer.find("[")) if at >= 0), default=0)
        try:
            value, _ = _decoder.raw_decode(buffer, start)
        except json.JSONDecodeError:
            value = _longest(buffer[start:])
        yield _entry(value)

    def _noted(self, entry: Entry) -> Entry:
        self._read_text = self._read_text or bool(entry.text)
        return entry


_decoder: json.JSONDecoder = json.JSONDecoder(strict=False)


def _longest(broken: str) -> str:
    found = max((match[1] for match in _STRING.finditer(broken) if not match[2]), key=len, default="")
    try:
        value: str = json.loads(found if len(found) > 1 and found.endswith('"') else found + '"', strict=False)
    except json.JSONDecodeError:
        return ""
    return value


def _entry(value: Json) -> Entry:
    if isinstance(value, str):
        return Entry("", _labels(value)) if _labels(value) else Entry(value, ())
    if not isinstance(value, dict):
        return Entry("", tuple(_labels_in(value)))
    texts = {key: text for key, text in value.items() if isinstance(text, str) and not _labels(text)}
    named = (texts[key] for key in _TEXT_KEYS if key in texts)
    text = next(named, max(texts.values(), key=len, default=""))
    labels = [name for key, item in value.items() if key not in texts for name in _labels_in(item, key)]
    return Entry(text, tuple(dict.fromkeys(labels)))


def _labels_in(value: Json, key: str = "") -> Iterator[str]:
    """Yield the labels in a value, at whatever depth; a number counts for one in a list, or under a key for labels."""
    if isinstance(value, str):
        yield from _labels(value)
    elif isinstance(value, int) and not isinstance(value, bool) and _NUMBERED_KEY.search(key):
        yield label(value)
    elif isinstance(value, list):
        for item in value:
            yield from _labels_in(item, key or "label")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _labels_in(item, name)


def _labels(text: str) -> tuple[str, ...]:
    """Return the labels that ``text`` consists of; none when there is anything else in it."""
    for marked in (text, f"[{text}]"):
        rest, found = take_labels(marked)
        if found and not any(char.isalnum() for char in rest):
            return found
    return ()
