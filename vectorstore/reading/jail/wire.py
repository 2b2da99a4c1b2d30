"""What goes over the pipes between the process that asks for a file to be read and the one that reads it: JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict

from vectorstore.errors import EmptySource, NoDocuments, SourceError, UnknownPage, UnreadableSource
from vectorstore.places import Places
from vectorstore.reading.base import RawDocument, Source
from vectorstore.reading.limits import Limits, OcrOptions, ReadOptions
from vectorstore.reading.recognised import RecognisedPage

PNG = b"\x89PNG\r\n\x1a\n"
_ERRORS: dict[str, type[SourceError]] = {
    error.__name__: error for error in (SourceError, UnreadableSource, EmptySource, NoDocuments, UnknownPage)
}


class Reply(TypedDict):
    """What the reading process answers."""

    documents: list[dict[str, object]]
    errors: list[tuple[str, str]]
    """Class and message of what is wrong with single documents."""
    failure: tuple[str, str] | None
    """Class and message of why nothing was read."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A page that is to be drawn."""

    page: int
    """Counted from 1."""
    width: int
    """In pixels."""


def dump_request(source: Source, drawing: Drawing | None = None) -> bytes:
    """Return a line of JSON that says what to do (to read it, or to draw one page), and the file's bytes."""
    head = {"name": source.name, "where": source.where, "password": source.options.password}
    limits = asdict(source.options.limits)
    pictures = {
        "ocr": source.options.ocr is not None,
        "recognised": None
        if source.recognised is None
        else {index: page.dump() for index, page in source.recognised.items()},
    }
    drawn = None if drawing is None else asdict(drawing)
    return json.dumps({**head, **pictures, "limits": limits, "drawing": drawn}).encode() + b"\n" + source.data


def load_request(data: bytes) -> tuple[Source, Drawing | None]:
    """Return what ``dump_request`` made this of."""
    line, _, content = data.partition(b"\n")
    head = json.loads(line)
    options = ReadOptions(Limits(**head["limits"]), head["password"], OcrOptions() if head["ocr"] else None)
    dumped = head["recognised"]
    recognised = None if dumped is None else {int(i): RecognisedPage.load(page) for i, page in dumped.items()}
    drawing = None if head["drawing"] is None else Drawing(**head["drawing"])
    return Source(content, head["name"], head["where"], options, recognised), drawing


def dump_reply(
    documents: Sequence[RawDocument], errors: Sequence[SourceError], failure: SourceError | None = None
) -> bytes:
    """Return the answer as JSON."""
    reply: Reply = {
        "documents": [_dump_document(document) for document in documents],
        "errors": [_dump_error(error) for error in errors],
        "failure": None if failure is None else _dump_error(failure),
    }
    return json.dumps(reply).encode()


def load_reply(data: bytes) -> tuple[list[RawDocument], list[SourceError]]:
    """Return the documents, and what is wrong with others.

    Raises:
        SourceError: nothing was read.
        ValueError, KeyError, TypeError: it is no answer.
    """
    reply: Reply = json.loads(data)
    if reply["failure"] is not None:
        raise _load_error(*reply["failure"])
    return [_load_document(entry) for entry in reply["documents"]], [_load_error(*error) for error in reply["errors"]]


def load_image(data: bytes) -> bytes:
    """Return the image of a page.

    Raises:
        SourceError: it could not be drawn.
        ValueError, KeyError, TypeError: it is no answer.
    """
    if not data.startswith(PNG):
        load_reply(data)
        raise ValueError("neither an image nor an error")
    return data


def _dump_document(document: RawDocument) -> dict[str, object]:
    places = None
    if document.places is not None:
        pages, boxes = document.places.dump()
        places = [pages, base64.b64encode(boxes).decode("ascii")]
    return {
        "name": document.name,
        "text": document.text,
        "encoding": document.encoding,
        "title": document.title,
        "places": places,
        "notes": document.notes,
        "unread": document.unread,
    }


def _load_document(entry: dict[str, object]) -> RawDocument:
    places = entry["places"]
    loaded = Places.load(str(places[0]), base64.b64decode(places[1])) if isinstance(places, list) else None
    notes, unread = entry["notes"], entry["unread"]
    title = entry["title"]
    return RawDocument.of(
        str(entry["name"]),
        str(entry["text"]),
        str(entry["encoding"]),
        None if title is None else str(title),
        loaded,
        tuple(map(str, notes)) if isinstance(notes, list) else (),
        tuple(map(int, unread)) if isinstance(unread, list) else (),
    )


def _dump_error(error: SourceError) -> tuple[str, str]:
    return type(error).__name__, str(error)


def _load_error(kind: str, message: str) -> SourceError:
    return _ERRORS.get(kind, SourceError)(message)
