"""Open WebUI's handling of a streamed answer, re-enacted from its 0.12: what its server passes on, what its page shows.

Its package needs torch and a hundred others, so it is not run here. ``received`` is its server: the ``event`` of a
chunk goes to the page as it is, an annotation in a delta becomes a source with the title for a text, and contents add
up. ``chips`` and ``inline`` are its page: chips are sources with distinct ids, and ``[n]`` in the text opens the
n-th distinct name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shown:
    """What a message has on the page."""

    text: str = ""
    sources: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    reasoning: str = ""
    errors: list[Any] = field(default_factory=list)

    def emit(self, event: dict[str, Any]) -> None:
        """Take in what the server sends to the page."""
        if event["type"] in ("source", "citation"):
            self.sources.append(event["data"])
        elif event["type"] == "status":
            self.statuses.append(event["data"])

    @property
    def chips(self) -> list[dict[str, Any]]:
        """The sources as the page lists them: one for each distinct id, with all its quotes."""
        found: dict[str, dict[str, Any]] = {}
        for source in self.sources:
            for document, metadata in zip(source["document"], source["metadata"], strict=True):
                key = metadata.get("source") or source["source"].get("id") or "N/A"
                name = metadata.get("name") or source["source"].get("name")
                chip = found.setdefault(key, {"name": name, "quotes": [], "metadata": metadata})
                chip["quotes"].append(document)
        return list(found.values())

    def inline(self, number: int) -> str:
        """Return the name of the source that ``[number]`` in the text opens."""
        names = [metadata["name"] for source in self.sources for metadata in source["metadata"]]
        return list(dict.fromkeys(names))[number - 1]


def received(lines: Iterable[str]) -> Shown:
    """Return what the page shows of a stream's lines."""
    shown = Shown()
    for line in lines:
        if not line.startswith("data:"):
            continue
        data = line[5:].strip()
        if data == "[DONE]":
            continue
        chunk = json.loads(data)
        if "event" in chunk:
            shown.emit(chunk["event"])
        choices = chunk.get("choices", [])
        if not choices:
            if error := chunk.get("error"):
                shown.errors.append(error)
            continue
        delta = choices[0].get("delta", {})
        for annotation in delta.get("annotations") or []:
            if annotation.get("type") == "url_citation" and "url_citation" in annotation:
                cited = annotation["url_citation"]
                source = {"source": {"name": cited["title"], "url": cited["url"]}, "document": [cited["title"]]}
                shown.emit({"type": "source", "data": source | {"metadata": [{"source": cited["url"]}]}})
        shown.text += delta.get("content") or ""
        shown.reasoning += delta.get("reasoning_content") or ""
    return shown
