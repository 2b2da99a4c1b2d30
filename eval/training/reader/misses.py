"""Near misses made from answerable examples: what is asked is changed in one thing, or the evidence is taken out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from vectorstore.text.language import has_han
from vectorstore.text.segmentation import tag as tagged

from .groups import POSITIVE, Group, LabelledPassage

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])(?=月)")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MONTH_NAME = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_NUMBER = re.compile(r"(?<![\d.,])[1-9]\d{0,3}(?![\d.,年月日])")
_ENGLISH_NAME = re.compile(r"(?<![.?!]\s)(?<=[\w,] )[A-Z][\w’'-]+(?: (?:of |the |de )?[A-Z][\w’'-]+)*")
_NAMES = {"nr": "person", "nrt": "person", "nrfg": "person", "ns": "place", "nt": "organisation", "nz": "brand"}
_PLACES = re.compile(r"[省市县区镇乡村州国]$")
_UNITS = (
    ("多少人", "人"),
    ("多少元", "元"),
    ("多少钱", "元"),
    ("多少公里", "公里"),
    ("多少亩", "亩"),
    ("多少吨", "吨"),
)
"""What a question asks for at its end, and the unit that the answer would have."""

_SEVERAL = re.compile(r"各|分别|respectively|\beach\b|\bboth\b")
"""Asks about several subjects: one of them exchanged, the others are still answered."""

Miss = Callable[[Group, Random, "Names"], Group | None]


def named(text: str) -> list[tuple[str, str]]:
    """Return the proper names in ``text`` as (name, kind), as far as tags or capitals tell them."""
    if not has_han(text):
        return [(name, f"english {len(name.split()) > 1}") for name in _ENGLISH_NAME.findall(text) if len(name) > 2]
    found = []
    for word, tag in tagged(text):
        if tag in _NAMES and len(word) > 1 and has_han(word):
            place = _PLACES.search(word)
            found.append((word, _NAMES[tag] + (place[0] if place else "")))
    return found


class Names:
    """The names that the questions and titles of all examples hold, by language and kind."""

    def __init__(self, groups: Sequence[Group]) -> None:
        pools: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self.titles: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for group in groups:
            for name, kind in named(group.question):
                pools[group.language, kind][name] = None
            for passage in group.passages:
                self.titles[group.language, group.source][passage.title] = None
        self._pools = {key: list(names) for key, names in pools.items()}

    def another(self, language: str, kind: str, absent: str, random: Random) -> str | None:
        """Return a name of ``kind`` that doesn't stand in ``absent``; None when a few tries find none."""
        pool = self._pools.get((language, kind), [])
        for _ in range(8 if len(pool) > 5 else 0):
            name = random.choice(pool)
            if name not in absent and absent.find(name[:2]) < 0:
                return name
        return None

    def another_title(self, group: Group, subjects: Sequence[str], random: Random) -> str | None:
        """Return the title of another document of the same source, one without ``subjects``."""
        titles = list(self.titles[group.language, group.source])
        for _ in range(8 if titles else 0):
            title = random.choice(titles)
            if title and not any(subject in title for subject in subjects):
                return title
        return None


def _all_text(group: Group) -> str:
    return "\n".join(f"{p.title}\n{p.section}\n{p.text}" for p in group.passages)


def _missed(group: Group, kind: str, question: str | None = None, passages: Sequence[LabelledPassage] = ()) -> Group:
    kept = tuple(passage.unlabelled() for passage in passages or group.passages)
    return replace(group, id=f"{group.id}-{kind}", kind=kind, question=question or group.question, passages=kept)


def without_evidence(group: Group, random: Random, names: Names) -> Group | None:
    """Take the sentences out that answer, and those that might."""
    passages = []
    for passage in group.passages:
        kept = [at for at, label in enumerate(passage.labels) if label == 0]
        if kept:
            sentences = tuple(passage.sentences[at] for at in kept)
            passages.append(replace(passage, sentences=sentences, labels=(0,) * len(kept)))
    return _missed(group, "without evidence", passages=passages) if passages else None


def _replaced(
    group: Group, kind: str, pattern: re.Pattern[str], other: Callable[[str, str, Random], str | None], random: Random
) -> Group | None:
    """Replace one match in the question that the passages hold too by something that they don't hold."""
    text = _all_text(group)
    matches = [match for match in pattern.finditer(group.question) if match[0] in text]
    if not matches:
        return None
    match = random.choice(matches)
    new = other(match[0], text + group.question, random)
    if new is None:
        return None
    return _missed(group, kind, group.question[: match.start()] + new + group.question[match.end() :])


def other_year(group: Group, random: Random, names: Names) -> Group | None:
    """Ask about a year that neither the passages nor their titles name."""

    def other(year: str, text: str, random: Random) -> str | None:
        near = [str(int(year) + step) for step in (-5, -3, -2, -1, 1, 2, 3, 5)]
        free = [one for one in near if one not in text and one[2:] + "年" not in text]
        return random.choice(free) if free else None

    return _replaced(group, "other year", _YEAR, other, random)


def other_month(group: Group, random: Random, names: Names) -> Group | None:
    """Ask about a month that the passages don't name."""

    def number(month: str, text: str, random: Random) -> str | None:
        free = [str(one) for one in range(1, 13) if f"{one}月" not in text]
        return random.choice(free) if free and f"{month}月" in text else None

    def name(month: str, text: str, random: Random) -> str | None:
        free = [one for one in _MONTHS if one not in text and one[:3] not in text]
        return random.choice(free) if free else None

    if group.language == "zh":
        return _replaced(group, "other month", _MONTH, number, random)
    return _replaced(group, "other month", _MONTH_NAME, name, random)


def other_number(group: Group, random: Random, names: Names) -> Group | None:
    """Ask about the 5th where the passages speak of the 3rd."""

    def other(number: str, text: str, random: Random) -> str | None:
        near = [str(int(number) + step) for step in (-3, -2, -1, 1, 2, 3, 4, 10) if int(number) + step > 0]
        free = [one for one in near if one not in text]
        return random.choice(free) if free else None

    return _replaced(group, "other number", _NUMBER, other, random)


def other_name(group: Group, random: Random, names: Names) -> Group | None:
    """Ask about a person, place, organisation or brand that the passages don't name."""
    text = _all_text(group)
    held = [one for one in named(group.question) if one[0] in text]
    if not held or _SEVERAL.search(group.question):
        return None
    name, kind = random.choice(held)
    new = names.another(group.language, kind, text + group.question, random)
    return _missed(group, "other name", group.question.replace(name, new)) if new else None


def renamed(group: Group, random: Random, names: Names) -> Group | None:
    """Replace a name in question and passages alike: still answered, so that an odd name alone says nothing."""
    text = _all_text(group)
    held = [one for one in named(group.question) if one[0] in text]
    if not held:
        return None
    name, kind = random.choice(held)
    new = names.another(group.language, kind, text + group.question, random)
    if new is None:
        return None
    passages = [
        replace(
            passage,
            title=passage.title.replace(name, new),
            section=passage.section.replace(name, new),
            sentences=tuple(sentence.replace(name, new) for sentence in passage.sentences),
        )
        for passage in group.passages
    ]
    question, previous = group.question.replace(name, new), group.previous.replace(name, new)
    made = replace(group, id=f"{group.id}-renamed", kind="renamed", question=question, previous=previous)
    return replace(made, passages=tuple(passages))


def other_title(group: Group, random: Random, names: Names) -> Group | None:
    """Put the passages under another document's title, where the question names the subject and only the title does."""
    subjects = [name for name, _ in named(group.question)] or [p.title for p in group.passages if p.title]
    subjects = [s for s in subjects if s in group.question and any(s in p.title for p in group.passages)]
    if not subjects or any(s in p.text or s in p.section for s in subjects for p in group.passages):
        return None
    title = names.another_title(group, subjects, random)
    if title is None:
        return None
    return _missed(group, "other title", passages=[replace(passage, title=title) for passage in group.passages])


def other_unit(group: Group, random: Random, names: Names) -> Group | None:
    """Ask for another unit at the question's end, one that the passages don't have."""
    asked = group.question.rstrip("？?。 ")
    ends = [(words, unit) for words, unit in _UNITS if asked.endswith(words)]
    text = _all_text(group)
    free = [words for words, unit in _UNITS if unit not in text and (not ends or unit != ends[0][1])]
    if not ends or not free:
        return None
    return _missed(group, "other unit", asked.removesuffix(ends[0][0]) + random.choice(free))


MISSES: tuple[tuple[Miss, int], ...] = (
    (other_year, 1),
    (other_month, 1),
    (other_title, 1),
    (other_unit, 1),
    (other_number, 1),
    (other_name, 2),
    (renamed, 8),
    (without_evidence, 4),
)
"""What makes near misses, rarest first, and of how many questions that it could be made one is taken."""


def near_misses(groups: Sequence[Group], names: Names, seed: int) -> Iterator[Group]:
    """Yield near misses of the answerable ``groups``, at most two of one."""
    for group in groups:
        if not group.answerable or not group.passages:
            continue
        random, made = Random(f"{seed} {group.id}"), 0
        short = replace(group, passages=tuple(p for p in group.passages if POSITIVE in p.labels) or group.passages)
        for make, share in MISSES:
            if made < 2 and random.randrange(share) == 0:
                miss = make(group if make is without_evidence else short, random, names)
                if miss is not None:
                    made += 1
                    yield miss
