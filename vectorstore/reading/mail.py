"""E-mail (.eml): the message, and each attachment as a document of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from vectorstore.errors import EmptySource, SourceError, UnreadableSource
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.decoding import decode, is_blank, looks_like_text
from vectorstore.reading.html import parse_html
from vectorstore.reading.html_text import write_html
from vectorstore.reading.markdown import MarkdownWriter

if TYPE_CHECKING:
    from email.message import EmailMessage
    from email.policy import EmailPolicy

_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?\S")
_OF_MAIL = frozenset((b"received", b"return-path", b"message-id", b"mime-version", b"delivered-to", b"x-mailer"))
_SHOWN = ("From", "To", "Cc", "Date")
_TEXTS = ("text/plain", "text/html")
_SIGNATURES = tuple(f"application/{kind}-signature" for kind in ("pkcs7", "x-pkcs7", "pgp"))
_ATTACHED = ", attachment "
_DEEPEST = 5  # messages attached to messages
Open = Callable[[Source], tuple[Reader, Source]]


class MailReader(Reader):
    name = "e-mail"
    suffixes = (".eml",)

    def __init__(self, opened: Open) -> None:
        """``opened`` returns the reader of an attachment, and the attachment decrypted."""
        self._opened = opened

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
        from email import message_from_bytes  # takes a while to load

        message = cast("EmailMessage", message_from_bytes(source.data, policy=_policy(source.where)))
        return self._documents(message, source, on_error)

    def _documents(self, message: EmailMessage, source: Source, on_error: OnError) -> list[RawDocument]:
        found = _message(message, source)
        if source.where.count(_ATTACHED) < _DEEPEST:
            taken: set[str] = set()
            for number, part in enumerate(_attachments(message), start=1):
                name = _unused(_name(part, number), taken)
                try:
                    found += self._attachment(part, name, source, on_error)
                except SourceError as error:
                    on_error(error)
                except (MemoryError, RecursionError):
                    raise
                except Exception as error:  # a parser may fail in any way: it is this attachment that can't be read
                    reason = f"{type(error).__name__}: {error}"
                    on_error(UnreadableSource(f"{source.where}{_ATTACHED}{name} can't be read ({reason})"))
        if not found:
            raise EmptySource(f"{source.where} is an empty message; there is nothing to index")
        return found

    def _attachment(self, part: EmailMessage, name: str, source: Source, on_error: OnError) -> list[RawDocument]:
        inner = Source(b"", f"{source.name}/{name}", f"{source.where}{_ATTACHED}{name}", source.options)
        if part.get_content_type() == "message/rfc822":
            return self._documents(part.get_content(), inner, on_error)
        content = part.get_payload(decode=True)
        if part.get_content_maintype() in ("image", "audio", "video") or not isinstance(content, bytes) or not content:
            return []
        reader, inner = self._opened(replace(inner, data=content))
        return reader.read(inner, on_error)


def _attachments(message: EmailMessage, is_form: bool = False) -> Iterator[EmailMessage]:
    """Yield what is attached, also inside of what is signed, or where only one form of the text has it (Apple Mail).

    Args:
        is_form: ``message`` is part of one of several forms of the same text, so that no text in it is attached.
    """
    texts: set[str] = set()
    is_form = is_form or message.get_content_type() == "multipart/alternative"
    for part in cast("Iterator[EmailMessage]", message.iter_parts()):
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart":
            yield from _attachments(part, is_form)
        elif kind in _TEXTS and not part.is_attachment() and (is_form or kind not in texts):
            texts.add(kind)
        elif kind not in _SIGNATURES:
            yield part


def _policy(where: str) -> EmailPolicy:
    """Return how fields are read: also those that should be encoded and are bare bytes, or that break the parser."""
    from email.policy import EmailPolicy

    class Lenient(EmailPolicy):
        def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
            name, value = super().header_source_parse(sourcelines)
            try:
                return name, decode(value.encode("utf-8", "surrogateescape"), where).text
            except SourceError:
                return name, value

        def header_fetch_parse(self, name: str, value: str) -> str:
            try:
                return cast(str, super().header_fetch_parse(name, value))
            except Exception:  # it raises what it likes for addresses that are none
                return value

    return Lenient()


def _name(part: EmailMessage, number: int) -> str:
    name = "".join(one if one.isprintable() and one != "/" else "_" for one in part.get_filename() or "")
    name = name.strip() or f"attachment {number}"
    return f"{name}.eml" if part.get_content_type() == "message/rfc822" and not name.endswith(".eml") else name


def _unused(name: str, taken: set[str]) -> str:
    """Return a name that no attachment before has, and take it: of two documents of one name the later replaces."""
    path, number, free = PurePath(name), 1, name
    while free in taken:
        number += 1
        free = f"{path.stem} ({number}){path.suffix}"
    taken.add(free)
    return free


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
    notes: tuple[str, ...] = ()
    is_said = False
    for body in (message.get_body((kind,)) for kind in ("plain", "html")):
        content = body.get_payload(decode=True) if body is not None else b""
        if body is None or is_said or not isinstance(content, bytes) or not content.strip():
            continue
        decoded = decode(content, source.where, body.get_content_charset())
        is_said = not is_blank(decoded.text)
        notes = decoded.notes
        if body.get_content_type() == "text/html":
            root = parse_html(decoded.text)
            if root is not None:
                write_html(root, out, whole=True)
        else:
            out.paragraph(decoded.text)
    return [RawDocument.of(source.name, out.text(), notes=notes)] if is_said or message.get("Subject") else []
