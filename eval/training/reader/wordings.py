"""Training examples from wordings by hand: rows of the public sets, asked as people speak and type.

A line of a file gives the row that it rewords, and never its text:

    {"row": "SET:ID", "keywords", "everyday", "long", "miss", "kind", "compare", "other"}

The first three ask what the row asks: as one types into a search box, in everyday words, and at length. ``miss`` asks
what the row's context doesn't answer; ``kind`` says what was changed for that. ``compare``, which a line may lack,
asks the same of two things, of which the row's context knows one; ``other`` is the other's name.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qa.question.mentions import Mention, without
from vectorstore.text.words import normalise

from .groups import Group, stable
from .public import Around, Row, rows, whole

FORMS = ("everyday", "keywords", "long")


@dataclass(frozen=True, slots=True)
class Wordings:
    """Other questions for one row of a public set."""

    name: str
    """Of the set."""
    row: str
    same: dict[str, str]
    """By form, those that ask the same as the row."""
    miss: str
    kind: str
    compare: str = ""
    other: str = ""


def read_wordings(folder: Path) -> list[Wordings]:
    """Return the lines of all ``*.jsonl`` in a folder, in a fixed order.

    Raises:
        ValueError: a line lacks a key.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            value = json.loads(line)
            if lacking := {"row", "miss", "kind", *FORMS} - set(value):
                raise ValueError(f"{path}:{number} lacks {', '.join(sorted(lacking))}")
            name, row = value["row"].split(":", 1)
            same = {form: value[form] for form in FORMS}
            compared = value.get("compare") or "", value.get("other") or ""
            found.append(Wordings(name, row, same, value["miss"], value["kind"], *compared))
    return found


def wording_groups(directory: Path, wordings: Sequence[Wordings]) -> Iterator[Group]:
    """Yield examples: each row as it is, in everyday words and in a comparison, half of them in another form, and its
    near miss.

    Of three rows, one is asked in everyday words without its answer too. A near miss is shown with what lies near to
    it, in its own context and in others; nothing there answers.

    Args:
        directory: the folder of the public sets.

    Raises:
        ValueError: a row is none that may be trained on.
    """
    by_set = defaultdict(list)
    for one in wordings:
        by_set[one.name].append(one)
    for name, some in by_set.items():
        trained = {row.id: row for row in rows(directory, name, "train")}
        around = Around(list(trained.values()))
        for one in some:
            if one.row not in trained:
                raise ValueError(f"{name} has no row {one.row} to train on")
            yield from _groups(one, trained[one.row], around)


def _groups(one: Wordings, row: Row, around: Around) -> Iterator[Group]:
    other = stable(row.id + "form") % 4
    # As the row asks it as well: near misses are worded like that, and would be told by their wording alone.
    asked = {"row": row.question}
    asked |= {form: one.same[form] for form in ("everyday", *FORMS[1:][other : other + 1])}
    if one.compare:
        asked["compare"] = one.compare if stable(row.id + "compare") % 3 == 0 else part_of(one.compare, one.other)
    for form, question in asked.items():
        named = replace(row, id=f"{row.id} {form}")
        if shown := around.shown(named):  # what lies near the row's own question: everyday words find little
            yield whole(one.name, replace(named, question=question), shown, f"written {form}")
    if stable(row.id + "elsewhere") % 3 == 0 and (others := around.without_answer(row)):
        away = replace(row, id=f"{row.id} elsewhere", question=one.same["everyday"])
        yield whole(one.name, away, others, "elsewhere")
    missed = replace(row, id=f"{row.id} miss", question=one.miss)
    own = [passage.unlabelled() for passage in around.own(missed)[:2]]
    beside = around.nearest(missed)[: stable(row.id + "miss") % 2]
    yield whole(one.name, missed, [*own, *beside], f"written {one.kind}")


def part_of(question: str, other: str) -> str:
    """Return a comparison as the document of one side is asked it: without the ``other`` side's name.

    See ``qa.question.decompose``.
    """
    text, name = normalise(question).strip(), normalise(other).strip()
    at = text.find(name)
    if at < 0 or not name:
        return question
    return without(text, [Mention(at, at + len(name), name, frozenset(), 1.0)])
