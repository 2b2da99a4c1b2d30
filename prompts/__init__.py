"""Prompts as Markdown files, and the hash that tells one version from another."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import NamedTuple


class Prompt(NamedTuple):
    """A prompt's text and the SHA-256 (hex) of its UTF-8 bytes."""

    text: str
    sha256: str


def names() -> list[str]:
    """Return the names of all prompts, sorted."""
    return sorted(p.name[:-3] for p in resources.files(__package__).iterdir() if p.name.endswith(".md"))


def load(name: str) -> Prompt:
    """Return the prompt called ``name``.

    Raises:
        KeyError: there is no such prompt; the message lists those there are.
    """
    if name not in names():
        raise KeyError(f"there is no prompt {name!r}; there are: {', '.join(names())}")
    data = resources.files(__package__).joinpath(f"{name}.md").read_bytes()
    return Prompt(data.decode("utf-8"), hashlib.sha256(data).hexdigest())
