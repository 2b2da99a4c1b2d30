"""Standard input and output in whatever encoding they have: no answer and no question is lost to it."""

from __future__ import annotations

import codecs
import io
import sys

_ESCAPED = "qa_escaped"


def prepare() -> None:
    """Let output escape what its encoding lacks, as JSON does, and input keep bytes that are no text in its own."""
    codecs.register_error(_ESCAPED, _escape)
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, _ESCAPED), (sys.stderr, _ESCAPED)):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def typed(text: str) -> str:
    """Return what a person typed or piped, with U+FFFD for each byte that was no text."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs), error.end
