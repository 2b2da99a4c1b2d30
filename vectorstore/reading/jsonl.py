"""JSON Lines: many documents in one file, one ``{"id", "text", "title"?}`` object a line."""

from __future__ import annotations

import json
import re

from vectorstore.errors import NoDocuments, SourceError, UnreadableSource
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.decoding import decode, looks_like_text, refuse_bad_text

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class JsonLinesReader(Reader):
    name = "JSON Lines"
    suffixes = (".jsonl",)
    is_collection = True
    is_parser = False

    def recognises(self, data: bytes) -> bool:
        return looks_like_text(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return a document for each line, named by its id. A broken line is named by its number.

        Raises:
            UnreadableSource: the file is not text, or in an unknown encoding.
            NoDocuments: it has no line, right or wrong.
        """
        text, encoding, _ = decode(source.data, source.where)
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if not lines:
            raise NoDocuments(f'{source.where} has no lines; it needs one {{"id", "text"}} object a line')
        documents: list[RawDocument] = []
        first_seen: dict[str, int] = {}
        for number, line in lines:
            where = f"{source.where}, line {number}"
            try:
                document = _parse_line(line, where, encoding)
                first = first_seen.setdefault(document.name, number)
                if first != number:
                    raise UnreadableSource(
                        f"{where}: the id {document.name!r} was used on line {first}; ids are unique"
                    )
                documents.append(document)
            except SourceError as error:
                on_error(error)
        return documents


def _parse_line(line: str, where: str, encoding: str) -> RawDocument:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:  # ValueError: no JSON, or an integer of thousands of digits
        raise UnreadableSource(f"{where}: not JSON ({error}); each line is one JSON object") from error
    if not isinstance(entry, dict):
        raise UnreadableSource(f'{where}: {type(entry).__name__} instead of an object with "id" and "text"')
    for key in ("id", "text"):
        if not isinstance(entry.get(key), str):
            raise UnreadableSource(f'{where}: "{key}" is {entry.get(key)!r:.60}; it must be a string')
    title = entry.get("title")
    if title is not None and not isinstance(title, str):
        raise UnreadableSource(f'{where}: "title" is {title!r:.60}; it must be a string or left out')
    name, text = entry["id"], entry["text"].removeprefix("\ufeff")
    if not name.strip():
        raise UnreadableSource(f'{where}: "id" is empty; every document needs a name')
    for value in (name, text, title or ""):
        if _SURROGATE.search(value):
            raise UnreadableSource(f"{where}: holds half of a surrogate pair; write the character itself")
        if "\0" in value and value is not text:
            raise UnreadableSource(f"{where}: {value!r:.60} holds a NUL; take it out")
    refuse_bad_text(text, f"{where} ({name!r})")
    return RawDocument.of(name, text, encoding, (title or "").strip() or None)
