"""A normalisation map in the binary form that the ``tokenizers`` package reads, SentencePiece's "precompiled charsmap".

Layout, little-endian: the byte length of a double-array trie over the UTF-8 keys, its units of 32 bits, then the
replacements, each ended by a NUL; a leaf of the trie holds its replacement's offset. A unit is label | has-leaf << 8 |
offset << 10 (darts-clone): the child for byte ``c`` of the unit at ``p`` is at ``p ^ offset ^ c``, the leaf at
``p ^ offset``.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping

_HAS_LEAF = 1 << 8
_OFFSET = 10
_VALUE = 1 << 31
_LEAF = 0  # no key holds a NUL
_Node = dict[int, "_Node | int"]


def charsmap(normal_forms: Mapping[int, str]) -> bytes:
    """Return ``normal_forms``, code point to replacement, as a precompiled charsmap."""
    replacements = bytearray()
    offsets: dict[str, int] = {}
    root: _Node = {}
    for code, form in sorted(normal_forms.items()):
        if form not in offsets:
            offsets[form] = len(replacements)
            replacements += form.encode() + b"\0"
        node = root
        for byte in chr(code).encode():
            child = node.setdefault(byte, {})
            assert isinstance(child, dict)
            node = child
        node[_LEAF] = offsets[form]
    units = _double_array(root)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(replacements)


def _double_array(root: _Node) -> list[int]:
    units: dict[int, int] = {}
    used = {0}
    free = 1  # everything below is used
    waiting: deque[tuple[_Node, int, int]] = deque([(root, 0, 0)])  # node, its place, the byte that leads to it
    while waiting:
        node, place, label = waiting.popleft()
        while free in used:
            free += 1
        base = free
        while any(base ^ byte in used for byte in node):
            base += 1
        units[place] = label | (place ^ base) << _OFFSET | (_HAS_LEAF if _LEAF in node else 0)
        for byte, child in node.items():
            used.add(base ^ byte)
            if isinstance(child, int):
                units[base ^ byte] = child | _VALUE
            else:
                waiting.append((child, base ^ byte, byte))
    size = (max(units) | 0xFF) + 1
    return [units.get(place, 0) for place in range(size)]
