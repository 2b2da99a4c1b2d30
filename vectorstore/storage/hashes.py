"""What is told by a hash: a document's id by its name, a damaged row by its checksum."""

from __future__ import annotations

import hashlib
import zlib


def checksum(*parts: str | bytes) -> int:
    """Return the CRC-32 of ``parts`` and their lengths."""
    crc = 0
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        crc = zlib.crc32(data, zlib.crc32(len(data).to_bytes(8, "little"), crc))
    return crc


def document_id(name: str) -> str:
    """Return the id of the document called ``name``: 16 hex digits, the same in every library and for ever."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
