"""Makes small OLE files for tests: old Office files, as far as their streams tell what they are."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR, _STREAM = 512, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _FILE, _ROOT = 1, 2, 5


def ole(streams: Mapping[str, bytes]) -> bytes:
    """Return a file of streams, a dozen at most and each of up to 4,096 bytes; "A/B" is B in the storage A."""
    entries: list[tuple[str, int, str]] = [("Root Entry", _ROOT, "")]  # name, kind, path of what holds it
    data: dict[int, bytes] = {}
    known = {"": 0}
    for path, content in streams.items():
        holder, _, name = path.rpartition("/")
        if holder not in known:
            known[holder] = len(entries)
            entries.append((holder, _STORAGE, ""))
        data[len(entries)] = content.ljust(_STREAM, b"\0")
        entries.append((name, _FILE, holder))
    directory = -(-128 * len(entries) // _SECTOR)
    sectors = [_FAT, *range(2, directory + 1), _END]
    starts: dict[int, int] = {}
    for index in data:
        starts[index] = len(sectors)
        sectors += [*range(len(sectors) + 1, len(sectors) + _STREAM // _SECTOR), _END]
    shown = b"".join(_entry(entries, index, starts, known) for index in range(len(entries)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<5H6x8I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, _STREAM, _END, 0, _END)
    head += struct.pack("<110I", 0, 0, *[_FREE] * 108)
    fat = struct.pack("<128I", *sectors, *[_FREE] * (128 - len(sectors)))
    return head + fat + shown.ljust(directory * _SECTOR, b"\0") + b"".join(data.values())


def _entry(
    entries: list[tuple[str, int, str]], index: int, starts: Mapping[int, int], known: Mapping[str, int]
) -> bytes:
    name, kind, holder = entries[index]
    path = next((path for path, at in known.items() if at == index), None)
    inside = [at for at, (_, _, of) in enumerate(entries) if at and of == path] if path is not None else []
    beside = [at for at, (_, _, of) in enumerate(entries) if at > index and of == holder and index]
    written = name.encode("utf-16-le")
    links = (_FREE, beside[0] if beside else _FREE, inside[0] if inside else _FREE)
    size = _STREAM if kind == _FILE else 0
    return written.ljust(64, b"\0") + struct.pack(
        "<HBB3I36xIQ", len(written) + 2, kind, 1, *links, starts.get(index, _END if kind == _ROOT else 0), size
    )
