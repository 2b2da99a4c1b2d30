"""The training mixture: which examples of which source, how often, and what is kept out for validation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from . import groups as records
from . import support
from .across import Asked, across_groups
from .encode import Encoded, encode_groups, tokenizer
from .groups import Group, stable
from .misses import Names, near_misses
from .pairs import Document, Neighbours, only_across, pair_groups
from .public import MEASURED, TRAINED, test_groups, train_groups
from .wordings import Wordings, wording_groups

VALIDATION = 0.08
"""Share of the own questions and of the written documents that is kept out."""
PAIR_ROUNDS = 3
MOST_MISSES = {"without evidence": 2600, "other name": 3600, "other number": 1500, "renamed": 900}
"""Of a kind of near miss, so many at most; the rarer kinds are all taken."""
Encode = Callable[[str], list[int]]


BARE, LOWER = 0.35, 0.2
"""Shares of the questions that lose their final mark and, in English, their capitals: people type so."""


def as_typed(group: Group) -> Group:
    """Return an example with its question as people type it; the share is the same whatever the answer."""
    question = group.question
    if stable(f"bare {group.id}") % 1000 < 1000 * BARE:
        question = question.rstrip("？?。. ") or question
    if group.language == "en" and stable(f"lower {group.id}") % 1000 < 1000 * LOWER:
        question = question.lower()
    return replace(group, question=question)


def held_out(key: str) -> bool:
    """Whether a document or a question is kept for validation."""
    return stable(f"validation {key}") % 1000 < 1000 * VALIDATION


def _own_key(group: Group) -> str:
    """Return what decides whether an own question is kept out: its document where there are many, else itself."""
    answering = [passage for passage in group.passages if passage.answers] or list(group.passages)
    return answering[0].title if "/" in group.source and answering else group.question


def split_own(own: Iterable[Group]) -> tuple[list[Group], list[Group]]:
    """Return the own examples to train on and those to validate on; documents kept out are in none of the former."""
    train, valid = [], []
    for group in own:
        if held_out(_own_key(group)):
            valid.append(group)
            continue
        kept = tuple(p for p in group.passages if "/" not in group.source or not held_out(p.title))
        if kept:
            train.append(replace(group, passages=kept))
    return train, valid


def _some(
    groups: Sequence[Group], share: float, which: str = "some", always: Container[str] = frozenset()
) -> list[Group]:
    return [g for g in groups if g.id in always or stable(f"{which} {g.id}") % 1000 < 1000 * share]


def _capped(misses: Iterable[Group], random: Random) -> list[Group]:
    """Return near misses, at most ``MOST_MISSES`` of a kind."""
    mixed = list(misses)
    random.shuffle(mixed)
    taken: Counter[str] = Counter()
    found = []
    for group in mixed:
        taken[group.kind] += 1
        if taken[group.kind] <= MOST_MISSES.get(group.kind, len(mixed)):
            found.append(group)
    return found


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of what goes into a mixture. The first training takes all; a later one dwells on written pairs."""

    rounds: int = PAIR_ROUNDS
    """How often each written pair comes, in another form each time; see ``pair_groups``."""
    again: frozenset[str] = frozenset()
    """Documents whose pairs come once more."""
    others: float = 1.0
    """Share of the public and of the own examples, and so of what is made from them."""
    beside: float = 1.0
    """Share, in the end, of all examples but those of ``again`` and those that are asked across languages."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Where the claims of the second task stand."""

    public: Path
    """The folder of public sets, NAME.jsonl.gz."""
    written: Path
    """The folder of claims written by hand."""
    rounds: int = 1
    """How often each of those comes."""


def mixture(
    reading: Path,
    own: Sequence[Group],
    documents: Sequence[Document],
    wordings: Sequence[Wordings],
    across: Sequence[Asked],
    seed: int,
    shares: Shares,
) -> tuple[list[Group], list[Group]]:
    """Return the examples to train on, and those to validate on.

    Args:
        reading: the folder of public sets.
        own: examples of the repository's question sets.
        documents: with pairs written by hand.
        wordings: of rows of the public sets.
        across: rows of the public sets that are asked in the other language as well; where there are any, the written
            pairs in another language than their document's come in each form.
    """
    own_train, valid = split_own(own)
    own_train = _some(own_train, shares.others)
    kept = [document for document in documents if not held_out(document.id)]
    valid += pair_groups([document for document in documents if held_out(document.id)], 0)
    neighbours = Neighbours(kept)
    written = [group for round in range(shares.rounds) for group in pair_groups(kept, round, neighbours)]
    dwelt_on = [document for document in kept if document.id in shares.again]
    written += pair_groups(dwelt_on, shares.rounds)
    public = [group for name, limit in TRAINED.items() for group in train_groups(reading, name, limit)]
    public = _some(public, shares.others)
    names = Names([*public, *own_train, *written])
    once = written[: len(written) // PAIR_ROUNDS]
    misses = _capped(near_misses([*public, *own_train, *once], names, seed), Random(seed))
    valid += [miss for miss in near_misses(valid, names, seed) if miss.kind != "renamed"]
    reworded = wording_groups(reading, wordings)
    whole = {group.id for group in pair_groups(dwelt_on, 0)}
    found = _some([*public, *own_train, *written, *misses, *reworded], shares.beside, "beside", whole)
    if across:
        found += across_groups(reading, across, wordings)
        foreign = only_across(kept)
        beside = Neighbours(foreign)
        found += [group for round in (1, 2) for group in pair_groups(foreign, round, beside)]
    return [as_typed(group) for group in found], valid


def counts(groups: Sequence[Group], encoded: Encoded) -> dict[str, dict[str, list[int]]]:
    """Return by source, by kind and by language: examples, answerable ones, and tokens."""
    found: dict[str, dict[str, list[int]]] = {"source": {}, "kind": {}, "language": {}, "part": {}}
    for at, group in enumerate(groups):
        made = group.kind != "plain" and not group.kind.startswith("written")
        own = group.source.startswith(("own", "pairs"))
        part = "near misses made" if made else "own, pairs" if own else "public"
        keys = {"source": group.source, "kind": group.kind, "language": group.language, "part": part}
        for by, key in keys.items():
            row = found[by].setdefault(key, [0, 0, 0])
            for column, value in enumerate((1, int(group.answerable), encoded.length(at))):
                row[column] += value
    return {by: dict(sorted(rows.items())) for by, rows in found.items()}


def save(directory: Path, name: str, groups: Sequence[Group], encode: Encode) -> dict[str, dict[str, list[int]]]:
    """Write examples as text and as arrays; return their counts."""
    encoded = encode_groups(encode, groups)
    records.write(directory / f"{name}.jsonl.gz", groups)
    encoded.save(directory / f"{name}.npz")
    return counts(groups, encoded)


def prepare(
    directory: Path,
    reading: Path,
    own: Sequence[Group],
    documents: Sequence[Document],
    wordings: Sequence[Wordings],
    across: Sequence[Asked],
    seed: int,
    shares: Shares | None = None,
    claims: Claims | None = None,
) -> dict[str, dict[str, dict[str, list[int]]]]:
    """Write the mixture, the validation part and the samples of test rows into ``directory``; return their counts.

    Args:
        claims: those of the second task; None to train on the first alone.
    """
    directory.mkdir(parents=True, exist_ok=True)
    encode = tokenizer()
    train, valid = mixture(reading, own, documents, wordings, across, seed, shares or Shares())
    parts = {"train": train, "valid": valid}
    parts |= {f"test-{name}": list(test_groups(reading, name)) for name in MEASURED}
    if claims is not None:
        kept = [document for document in documents if not held_out(document.id)]
        kept_out = [document for document in documents if held_out(document.id)]
        train += support.train_claims(claims.public, claims.written, kept, claims.rounds, encode)
        parts["claims-valid"] = list(support.read_claims(claims.written, kept_out))
        for name in support.MEASURED:
            rows = support.claim_groups(claims.public, name, "test", support.MEASURED_ROWS, encode)
            parts[f"claims-test-{name}"] = list(rows)
    found = {name: save(directory, name, groups, encode) for name, groups in parts.items()}
    (directory / "counts.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return found
