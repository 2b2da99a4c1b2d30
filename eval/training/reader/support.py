"""Training examples of the second task: does the evidence say what a claim says."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .encode import claim_fits
from .groups import NEGATIVE, POSITIVE, Group, LabelledPassage, cut_document, stable
from .pairs import Document

TRAINED = {
    "zh.cfever": 5000,
    "zh.qa-claims": 3000,
    "en.fever": 2600,
    "en.fever-symmetric": 586,
    "en.qa-claims": 2600,
    "en.summedits": 1600,
    "en.scifact": 417,
    "en.wice": 349,
    "en.factcheck-gpt": 700,
}
"""Sets that may be trained on, and the most claims taken of each."""
MEASURED = ("zh.cfever", "zh.chef", "zh.ocnli", "en.fever-symmetric", "en.healthver", "en.summedits", "en.faithbench")
"""Sets whose test rows are measured on."""
MEASURED_ROWS = 300
Encode = Callable[[str], list[int]]


def claim_groups(directory: Path, name: str, split: str, limit: int, encode: Encode) -> Iterator[Group]:
    """Yield up to ``limit`` claims of a set's rows marked ``split``; half of them supported, where there are so many.

    A claim that is contradicted and one of which the evidence says too little are both not supported. What is too long
    to be read whole is left out.
    """
    found: dict[bool, list[Group]] = {True: [], False: []}
    with gzip.open(directory / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            value = json.loads(line)
            if value["split"] != split or (split == "train" and value["ship"] == "no"):
                continue
            made = _group(value["id"], name, value["lang"], value["label"], value["claim"], "", "", value["evidence"])
            if claim_fits(encode, value["claim"], "", "", value["evidence"]):
                found[made.answerable].append(made)
    few, many = sorted((sorted(groups, key=lambda g: (stable(g.id), g.id)) for groups in found.values()), key=len)
    few = few[: limit // 2]
    yield from few
    yield from many[: limit - len(few)]


def train_claims(
    public: Path, written: Path, documents: Sequence[Document], rounds: int, encode: Encode
) -> list[Group]:
    """Return the claims to train on: of public sets, and ``rounds`` times those written by hand over ``documents``."""
    found = [g for name, limit in TRAINED.items() for g in claim_groups(public, name, "train", limit, encode)]
    return found + list(read_claims(written, documents)) * rounds


def read_claims(folder: Path, documents: Sequence[Document]) -> Iterator[Group]:
    """Yield the claims written by hand in ``folder`` over ``documents``; those of others are left out.

    A line: ``{"of": the document's id, "evidence": sentences of it, "claims": [{"claim", "lang", "kind"}]}``. The kind
    of a true one is "true"; of a false one it says what is wrong.

    Raises:
        ValueError: the evidence is no sentence of the document.
    """
    known = {document.id: document for document in documents}
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines()):
            value = json.loads(line)
            if document := known.get(value["of"]):
                yield from _claims(f"{path.stem}-{number}", value, document)


def _claims(id: str, value: dict[str, Any], document: Document) -> Iterator[Group]:
    section = _section(document, value["evidence"])
    evidence = (" " if document.language == "en" else "").join(value["evidence"])
    for at, claim in enumerate(value["claims"]):
        label = "supported" if claim["kind"] == "true" else claim["kind"]
        yield _group(f"{id}-{at}", "claims", claim["lang"], label, claim["claim"], document.title, section, evidence)


def _section(document: Document, evidence: Sequence[str]) -> str:
    """Return the section of the first of ``evidence``."""
    passages = cut_document(document.text, document.title)
    sections = {sentence.text: passage.section for passage in passages for sentence in passage.sentences}
    unknown = [sentence for sentence in evidence if sentence not in sections]
    if unknown:
        raise ValueError(f"document {document.id} has no sentence {unknown[0]!r}")
    return sections[evidence[0]]


def _group(
    id: str, source: str, language: str, label: str, claim: str, title: str, section: str, evidence: str
) -> Group:
    labels = (POSITIVE if label == "supported" else NEGATIVE,)
    passage = LabelledPassage(title, section, (evidence,), labels)
    kind = f"claim:{label}"
    return Group(id, f"support:{source}", language, kind, claim, (passage,), task="supports")  # type: ignore[arg-type]
