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
_BLOCK = 256
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
    """Lay a trie out. Every node has a base of its own, or one would take another's children for its own.

    A node with children has a block of 256 places, so that nothing has to be searched for; a node with nothing but a
    leaf has one place behind all blocks.
    """
    inner = _inner_nodes(root)
    units = [0] * (_BLOCK * (len(inner) + 1))
    bases = {id(node): _BLOCK * (number + 1) for number, node in enumerate(inner)}
    waiting = deque([(root, 0, 0)])  # node, its place, the byte that leads to it
    while waiting:
        node, place, label = waiting.popleft()
        base = bases.get(id(node), len(units))
        if base == len(units):
            units.append(0)
        units[place] = label | (place ^ base) << _OFFSET | (_HAS_LEAF if _LEAF in node else 0)
        for byte, child in node.items():
            if isinstance(child, int):
                units[base] = child | _VALUE
            else:
                waiting.append((child, base ^ byte, byte))
    return units + [0] * (-len(units) % _BLOCK)


def _inner_nodes(root: _Node) -> list[_Node]:
    nodes = [root]
    for node in nodes:  # grows while it is walked through
        nodes += [child for child in node.values() if isinstance(child, dict) and child.keys() != {_LEAF}]
    return nodes
