"""The prompts: Markdown files, found by name, and the hash that tells one version from another.

In a clone they are the folder ``prompts`` beside this package; the wheel has them inside it, as ``qa/_prompts``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

_PACKAGE = Path(__file__).parent
_INSTALLED, _CLONE = _PACKAGE / "_prompts", _PACKAGE.parent / "prompts"

FOLDER = _INSTALLED if _INSTALLED.is_dir() else _CLONE
"""Where the files are."""


class Prompt(NamedTuple):
    """A prompt's text and the SHA-256 (hex) of its UTF-8 bytes."""

    text: str
    sha256: str


def names() -> list[str]:
    """Return the names of all prompts, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.md"))


def load(name: str) -> Prompt:
    """Return the prompt called ``name``.

    Raises:
        KeyError: there is no such prompt; the message lists those there are.
    """
    if name not in names():
        raise KeyError(f"there is no prompt {name!r}; there are: {', '.join(names())}")
    data = (FOLDER / f"{name}.md").read_bytes()
    return Prompt(data.decode("utf-8"), hashlib.sha256(data).hexdigest())
