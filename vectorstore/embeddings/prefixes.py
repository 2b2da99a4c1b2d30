"""What is put before a question and before a passage, for models that were trained so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vectorstore.embeddings.base import Kind

_E5 = re.compile(r"^(?!.*instruct)(?:.*[-_/])?e5[-_]", re.IGNORECASE)
_NAMES: dict[Kind, tuple[str, ...]] = {"query": ("query",), "passage": ("passage", "document", "corpus")}


def prefixes_of(model: str, configured: Mapping[str, str] | None = None) -> dict[Kind, str]:
    """Return the prefix of each kind of text: what the model's own configuration says, if anything.

    Otherwise an e5 model, known by its name, gets "query: " and "passage: ", which its authors ask for.

    Args:
        configured: prompts by name, as sentence-transformers keeps them.
    """
    prefixes: dict[Kind, str] = {}
    for kind, names in _NAMES.items():
        prefixes[kind] = next((configured[name] for name in names if configured and configured.get(name)), "")
    if not any(prefixes.values()) and _E5.search(model):
        return {"query": "query: ", "passage": "passage: "}
    return prefixes
