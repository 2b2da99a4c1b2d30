"""Arithmetic on spans: taking a slice of a text that was itself cut from a raw text, and joining neighbours.

A *text* here is always ``cut(raw, spans)``; positions in it are mapped back to the raw text through its spans.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from vectorstore.types import Span, Spans


class SpanMap:
    """Maps positions of ``cut(raw, spans)`` back to spans of ``raw``; built once, then asked for many slices."""

    def __init__(self, spans: Spans) -> None:
        self.spans = tuple(span for span in spans if span[0] < span[1])
        self._starts = [0, *accumulate(end - start for start, end in self.spans)]

    def __len__(self) -> int:
        return self._starts[-1]

    def slice(self, start: int, end: int) -> Spans:
        """Return the raw spans of ``text[start:end]``; empty when ``start >= end``."""
        if start >= end:
            return ()
        found: list[Span] = []
        for index in range(bisect_right(self._starts, start) - 1, len(self.spans)):
            offset = self._starts[index]
            if offset >= end:
                break
            raw_start, raw_end = self.spans[index]
            found.append((max(raw_start, raw_start + start - offset), min(raw_end, raw_start + end - offset)))
        return tuple(found)


def merge(spans: Iterable[Span]) -> Spans:
    """Return the same characters with touching spans joined and empty ones left out; the order stays."""
    merged: list[Span] = []
    for start, end in spans:
        if start >= end:
            continue
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)
