"""Claim sets: sentences with the evidence that they cite, each labelled by a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .lines import records


class Cited(BaseModel):
    """A stretch of a document that a claim cites."""

    model_config = ConfigDict(extra="allow", frozen=True)

    document: str = Field(min_length=1, description="Its title, as the verifier is told it.")
    section: str = ""
    sentences: tuple[str, ...] = Field(min_length=1, description="As they stand in the document, in its order.")


class Claim(BaseModel):
    """A sentence as a language model writes it, and whether its evidence says so."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(min_length=1)
    lang: Literal["zh", "en"]
    claim: str = Field(min_length=1)
    supported: bool = Field(strict=True)
    kind: str = Field("", description='What is wrong with a false one, such as "year"; reports group by it.')
    evidence: tuple[Cited, ...] = Field(min_length=1)

    @property
    def type(self) -> str:
        """What reports group by: the language, and "true" or what is wrong."""
        return f"{self.lang} {'true' if self.supported else self.kind or 'false'}"


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """A file of claims."""

    name: str
    """The file's name without its folder."""
    sha256: str
    claims: tuple[Claim, ...]


def load(path: Path) -> ClaimSet:
    """Read a claim set.

    Raises:
        BadQuestionSet: as for question sets; see ``eval.datasets.lines``.
    """
    data, claims = records(path, Claim.model_validate_json, "claim")
    return ClaimSet(path.name, hashlib.sha256(data).hexdigest(), claims)
