"""Training examples of the second task: does the evidence say what a claim says."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from vectorstore.text.language import Language

from .edits import edited_claims
from .encode import claim_fits
from .groups import NEGATIVE, POSITIVE, Group, LabelledPassage, cut_document, stable
from .misses import Names, named, near_misses
from .pairs import Document

TRAINED = {
    "zh.cfever": 1000,
    "zh.qa-claims": 500,
    "en.fever": 500,
    "en.fever-symmetric": 300,
    "en.qa-claims": 400,
    "en.summedits": 150,
    "en.scifact": 150,
    "en.wice": 150,
    "en.factcheck-gpt": 100,
}
"""Sets that may be trained on, and the most claims taken of each."""
MEASURED = ("zh.cfever", "zh.chef", "zh.ocnli", "en.fever-symmetric", "en.healthver", "en.summedits", "en.faithbench")
"""Sets whose test rows are measured on."""
MEASURED_ROWS = 300
QUOTED, LEAST_QUOTED, MOST_QUOTED = 3, 10, 160
"""Sentences quoted of a document, and characters of each."""
EDITED = 7
"""The seed of the claims that ``edited_claims`` makes."""
_FIGURE = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)*(?![\d.,])")
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
    found += list(read_claims(written, documents)) * rounds
    return found + quoted_claims(documents, QUOTED) + edited_claims(documents, EDITED)


def quoted_claims(documents: Sequence[Document], seed: int) -> list[Group]:
    """Return claims that say what their evidence says word for word, or in all words but one.

    Claims written by hand put things differently, and the false ones keep to the evidence more than the true ones do:
    trained on those alone, the reader takes closeness for a sign of a lie.
    """
    true = [group for document in documents for group in _quoted(document)]
    swapped = [group for one in true if (group := _swapped(one))]
    return [*true, *_uncited(true), *swapped, *near_misses(true, Names(true), seed)]


def _quoted(document: Document) -> Iterator[Group]:
    """Yield claims that quote sentences of a document, alone or among their neighbours, whole or their beginning."""
    places = [(p, at) for p in cut_document(document.text, document.title) for at in range(len(p.sentences))]
    places.sort(key=lambda place: stable(f"quoted {document.id} {place[0].sentences[place[1]].text}"))
    for passage, at in places[:QUOTED]:
        text = passage.sentences[at].text.strip()
        if not LEAST_QUOTED <= len(text) <= MOST_QUOTED:
            continue
        number = stable(f"form {document.id} {text}")
        around = passage.sentences[max(0, at - number % 2) : at + 1 + (number // 2) % 3]
        evidence = (" " if document.language == "en" else "").join(sentence.text for sentence in around)
        claim = _written(_begun(text) if number % 3 == 0 else text, document.title, document.language, number // 7)
        yield Group(
            f"{document.id}-quoted-{at}",
            "support:quoted",
            document.language,
            "claim:supported",
            claim,
            (LabelledPassage(passage.title, passage.section, (evidence,), (POSITIVE,)),),
            task="supports",
        )


def _begun(text: str) -> str:
    """Return a sentence up to one of its commas, where both parts are long enough to say something."""
    for match in re.finditer(r"[，；;]|, ", text):
        if match.start() >= LEAST_QUOTED and len(text) - match.end() >= LEAST_QUOTED:
            return text[: match.start()] + ("。" if match[0] in "，；" else ".")
    return text


def _written(text: str, title: str, language: Language, number: int) -> str:
    """Return a sentence as a model writes it: mostly as it is, else an item, or behind what it is about."""
    forms = {0: f"- {text}", 1: f"{title}：{text}" if language == "zh" else f"{title}: {text}"}
    forms[2] = f"根据资料，{text}" if language == "zh" else f"According to the report, {text}"
    return forms.get(number % 8, text)


def _uncited(true: Sequence[Group]) -> Iterator[Group]:
    """Yield each third claim beside the evidence of another of the same document, which says something else."""
    for one, other in pairwise(true):
        (its,) = other.passages
        same = one.id.rpartition("-quoted-")[0] == other.id.rpartition("-quoted-")[0]
        end = one.question[-LEAST_QUOTED:-1]  # what stands before it, a model's words, is no quotation
        if same and end not in its.sentences[0]:
            kept = LabelledPassage(its.title, its.section, its.sentences, (NEGATIVE,))
            yield replace(one, id=f"{one.id}-uncited", kind="claim:uncited", passages=(kept,))


def _swapped(group: Group) -> Group | None:
    """Return a claim with one of its names, or figures, exchanged for another of its evidence."""
    (passage,) = group.passages
    kinds: dict[str, list[str]] = {}
    for name, kind in [*named(passage.text), *((number, "figure") for number in _FIGURE.findall(passage.text))]:
        kinds.setdefault(kind, []).append(name)
    for names in sorted(kinds.values(), key=len, reverse=True):
        mine = [name for name in dict.fromkeys(names) if group.question.count(name) == 1]
        others = [name for name in dict.fromkeys(names) if name not in group.question]
        if mine and others:
            changed = group.question.replace(mine[0], others[0])
            kept = LabelledPassage(passage.title, passage.section, passage.sentences, (NEGATIVE,))
            return replace(group, id=f"{group.id}-swapped", kind="claim:swapped", question=changed, passages=(kept,))
    return None


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
