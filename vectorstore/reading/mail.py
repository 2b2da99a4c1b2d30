"""E-mail (.eml): the message, and each attachment as a document of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from vectorstore.errors import EmptySource, SourceError
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.decoding import decode, looks_like_text
from vectorstore.reading.html import parse_html
from vectorstore.reading.html_text import write_html
from vectorstore.reading.markdown import MarkdownWriter

if TYPE_CHECKING:
    from email.message import EmailMessage

_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?\S")
_OF_MAIL = frozenset((b"received", b"return-path", b"message-id", b"mime-version", b"delivered-to", b"x-mailer"))
_SHOWN = ("From", "To", "Cc", "Date")
_DEEPEST = 5  # messages attached to messages
ChooseReader = Callable[[str, bytes], Reader]


class MailReader(Reader):
    name = "e-mail"
    suffixes = (".eml",)

    def __init__(self, choose: ChooseReader) -> None:
        """``choose`` returns the reader of an attachment, by its name and content."""
        self._choose = choose

    def identifies(self, data: bytes) -> bool:
        fields = _fields(data)
        return b"from" in fields and not fields.isdisjoint(_OF_MAIL)

    def recognises(self, data: bytes) -> bool:
        return looks_like_text(data) and bool(_fields(data))

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the message, and its attachments as ``MESSAGE/ATTACHMENT``.

        Args:
            on_error: called with what is wrong with an attachment; pictures and the like are passed over.

        Raises:
            EmptySource: neither the message nor an attachment says anything.
        """
        from email import message_from_bytes, policy  # takes a while to load

        message = message_from_bytes(source.data, policy=policy.default)
        found = _message(message, source)
        if source.name.count("/") < _DEEPEST:
            for number, part in enumerate(message.iter_attachments(), start=1):
                found += self._attachment(part, number, source, on_error)
        if not found:
            raise EmptySource(f"{source.where} is an empty message; there is nothing to index")
        return found

    def _attachment(self, part: EmailMessage, number: int, source: Source, on_error: OnError) -> list[RawDocument]:
        name = (part.get_filename() or f"attachment {number}").replace("/", "_")
        content = part.get_payload(decode=True)
        if part.get_content_type() == "message/rfc822":
            content, name = part.get_content().as_bytes(), name if name.endswith(".eml") else f"{name}.eml"
        if part.get_content_maintype() in ("image", "audio", "video") or not isinstance(content, bytes) or not content:
            return []
        inner = Source(content, f"{source.name}/{name}", f"{source.where}, attachment {name}", source.options)
        try:
            return self._choose(name, content).read(inner, on_error)
        except SourceError as error:
            on_error(error)
            return []


def _fields(data: bytes) -> set[bytes]:
    """Return the names of a message's fields, in lower case; none where it doesn't begin with fields."""
    head = re.split(rb"\r?\n\r?\n", data[:65536], maxsplit=1)[0]
    lines = [line for line in head.splitlines() if line[:1] not in b" \t"]
    fields = [_FIELD.match(line) for line in lines]
    return (
        {field[1].lower() for field in fields if field}
        if lines and sum(map(bool, fields)) >= 0.8 * len(lines)
        else set()
    )


def _message(message: EmailMessage, source: Source) -> list[RawDocument]:
    out = MarkdownWriter()
    out.heading(1, str(message.get("Subject", "")))
    for name in _SHOWN:
        if message.get(name):
            out.item(f"{name}: {message[name]}", mark="")
    body = message.get_body(("plain", "html"))
    content = body.get_payload(decode=True) if body is not None else b""
    notes: tuple[str, ...] = ()
    is_said = False
    if body is not None and isinstance(content, bytes) and content.strip():
        decoded = decode(content, source.where, body.get_content_charset())
        notes = decoded.notes
        if body.get_content_type() == "text/html":
            root = parse_html(decoded.text)
            if root is not None:
                write_html(root, out, whole=True)
        else:
            out.paragraph(decoded.text)
        is_said = True
    return [RawDocument.of(source.name, out.text(), notes=notes)] if is_said or message.get("Subject") else []
