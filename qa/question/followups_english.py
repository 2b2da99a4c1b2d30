"""English follow-ups that stand alone, by rules: a piece of the question before is exchanged, a pronoun resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from qa.question.english_phrases import (
    ASKING,
    AUXILIARIES,
    CLOSED,
    YEARS,
    Phrase,
    Word,
    attribute,
    counted,
    is_plural,
    names,
    objects,
    read,
    subject,
)
from qa.text.names import people
from qa.text.quantities.units import MONTH_NAMES
from vectorstore.text.words import STOPWORDS

_OPENING = re.compile(
    r"^(?:(?:no|and|so|but|or|ok|okay|well|actually|sorry|then|also|now|please|(?:thanks|thank you)(?=[,.!]))\b[\s,.!]*"
    r"|(?:i meant|i mean|i am asking about|i was asking about|what about|how about)\b\s*)+",
    re.I,
)
_GOES_ON = re.compile(r"\W*(?:and|but|or|so|no|sorry|what about|how about|i mean|i meant)\b", re.I)
_ALL = re.compile(r"\b(?:each|all|every|both|which) of the\b|\ball (?:the )?(?:two|three|four|five|six|\d+)\b", re.I)
_ONE = re.compile(
    r"\b(?:the|this|that|these|those) ones?\b|\b(?:those|these)\b"
    r"|\b(?:that|this)\b(?=\W*$| (?:is|was|cost|good|for)\b)",
    re.I,
)
_OF_THEM = re.compile(r"\bof (?:them|those|these)\b", re.I)
_THERE_IS = re.compile(
    r"\b(?:is|are|was|were|be|been) there\b|\bthere (?:is|are|was|were|be|been|will|has|have)\b", re.I
)
_PERSON = re.compile(r"\b(?P<owner>his|her(?=\s+(?!in\b|on\b|at\b|as\b|and\b)\w)|hers)\b|\b(?:he|him|she|her)\b", re.I)
_THING = re.compile(r"\b(?P<owner>its|their)\b|\b(?:it|they|them)\b", re.I)
_BE_IT = re.compile(r"^(?!where|who)(?:\w+ ){0,2}(?:is|was|are|were) (?P<it>it|they)\b", re.I)
_IT = re.compile(r"\bits?\b", re.I)
_THEY = re.compile(r"\b(?:they|them|their)\b", re.I)
_THERE = re.compile(r"\bthere\b", re.I)
_EARLIER = re.compile(
    r"\b(?:in |during )?(?:the )?(?:year before(?: that)?|(?:previous|prior|preceding) year|a year earlier)\b", re.I
)
_LATER = re.compile(r"\b(?:in |during )?(?:the )?(?:year after(?: that)?|(?:following|next) year|a year later)\b", re.I)
_IN_YEAR = re.compile(rf"(?:(?:in|for|during|by)\s+)?(?:fiscal\s+|fy\s*)?(?P<year>{YEARS.pattern})", re.I)
_FULL_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: (?:[A-Z]\.|de|van|von|la|[A-Z][\w'’-]+))* [A-Z][\w'’-]+")


def stripped(question: str) -> str:
    """Return ``question`` without the words that only tie it to the conversation."""
    rest = question.strip()
    rest = rest[match.end() :] if (match := _OPENING.match(rest)) else rest
    return rest.strip() or question.strip()


def finished(text: str, end: str = "?") -> str:
    """Return ``text`` with a capital and its end."""
    text = re.sub(r"\s+", " ", text).strip(" ,.?!")
    return f"{text[:1].upper()}{text[1:]}{end}"


@dataclass(frozen=True)
class Earlier:
    """The question that a follow-up leans on, read once."""

    text: str
    answer: str
    """To it, as said; may be empty."""
    mentioned: tuple[str, ...]
    """The names in it that single documents out, normalised."""
    nearest: Callable[[str, Sequence[str]], int | None]
    """Which of several phrases another one is most like, or None where that is a toss-up."""
    holds: Callable[[str], bool]
    """Whether the documents that ``text`` names speak of something by that name."""
    is_common: Callable[[str], bool]
    """Whether documents write a phrase with a small letter: "expenses", unlike "Hillside"."""

    @cached_property
    def words(self) -> list[Word]:
        return read(self.text, self.mentioned)

    @property
    def named(self) -> list[Phrase]:
        return names(self.words, self.text)

    @property
    def topic(self) -> str:
        """Return the names that single documents out, as written; empty where there are none."""
        return " and ".join(dict.fromkeys(phrase.text for phrase in self.own(self.named)))

    def own(self, phrases: Sequence[Phrase]) -> list[Phrase]:
        """Return those of ``phrases`` that single documents out."""
        known = {word for name in self.mentioned for word in name.split()}
        return [phrase for phrase in phrases if known & set(phrase.text.lower().split())]

    def with_piece(self, piece: Phrase, other: str) -> str:
        return f"{self.text[: piece.start]}{other}{self.text[piece.end :]}"

    def with_end(self, end: str) -> str:
        return f"{self.text.rstrip(' ?.!')} {end}"


def rewrite(question: str, before: Earlier, mentioned: Collection[str]) -> str | None:
    """Return ``question`` so that it stands alone, in grammatical English; None where rules can't tell what it means.

    Args:
        question: without its opening ("And", "What about"), see ``stripped``.
        mentioned: the names in it that single documents out, normalised.
    """
    rest = question.strip(" ?.!")
    words = read(rest, mentioned)
    if not any(has_content(word) for word in words):
        resolved = _pronouns(rest, before) if _is_clause(words) else None
        meant = resolved if resolved != rest else None
    elif _is_clause(words):
        meant = _clause(rest, words, before)
    else:
        meant = _fragment(rest, words, mentioned, before)
    return finished(meant) if meant else None


def stands_alone(question: str, mentioned: Collection[str] = ()) -> bool:
    """Whether a question names its own subject and leans on nothing, or asks about all of something."""
    words = read(question, mentioned)
    clause = any(word.lower in ASKING or word.lower in AUXILIARIES for word in words[:4])
    return clause and not leans(question) and bool(names(words, question) or _ALL.search(question))


def leans(question: str) -> bool:
    """Whether a question speaks of what was spoken of: "it", "those", "the year before", "how many were"."""
    pronoun = any(pattern.search(question) for pattern in (_PERSON, _THING, _ONE, _OF_THEM, _EARLIER, _LATER))
    return pronoun or bool(_THERE.search(_THERE_IS.sub("", question))) or _elliptic(read(question))


def asks(question: str) -> bool:
    """Whether it is a whole question that says what is asked, so that it can be looked up without the one before it."""
    words = read(question)
    return bool(words) and _is_clause(words) and any(map(has_content, words))


def about(topic: str, question: str) -> str:
    """Return a question that names nobody under the name that it is about."""
    return f"As for {topic}, {question[0].lower()}{question[1:]}"


def asks_of_kind(question: str, titles: Sequence[str]) -> bool:
    """Whether a question asks about what several documents are about: "which council", where titles name councils."""
    found = re.findall(r"\b(?:which|each|every|all|both)(?: of the| the)? (\w+)", question, re.I)
    kinds = (rf"\b[A-Z][\w'’-]+ {re.escape(kind.rstrip('s').capitalize())}\b" for kind in found)
    return any(sum(bool(re.search(kind, title)) for title in titles) > 1 for kind in kinds)


def with_name(name: str, question: str) -> str:
    """Return a question for looking up under a name: in place of its pronoun, or behind it."""
    found = _THING.search(question)
    if found:
        return _THING.sub(_owner(name) if found["owner"] else name, question, count=1)
    return f"{question.rstrip(' ?')} ({name})?"


def has_names(question: str) -> bool:
    return bool(names(read(question), question))


def has_content(word: Word) -> bool:
    """Whether a word says what is asked about, unlike those of "why not" and "since when"."""
    return word.text[0].isalnum() and word.lower not in STOPWORDS and word.lower not in CLOSED


def is_remark(question: str, mentioned: Collection[str] = ()) -> bool:
    """Whether what is said, opening and all, neither asks nor names anything: "ok great", "Thanks a lot!"."""
    words = read(question, mentioned)
    if mentioned or question.rstrip().endswith("?") or _GOES_ON.match(question) or _is_clause(words):
        return False
    return not any(word.name or word.text[0].isdigit() for word in words[1:])


def _is_clause(words: Sequence[Word]) -> bool:
    """Whether words are a whole question and not a piece of one: "in which year did it open", not "in 2023"."""
    lower = [word.lower for word in words]
    inside = len(lower) > 2 and lower[1] in ASKING and not AUXILIARIES.isdisjoint(lower)
    return lower[0] in ASKING or lower[0] in AUXILIARIES or inside


def _elliptic(words: Sequence[Word]) -> bool:
    """Whether "how many" counts nothing that is said: "how many were sold"."""
    return [word.lower for word in words[:2]] == ["how", "many"] and words[2:] != [] and words[2].lower in AUXILIARIES


# A whole question


def _clause(rest: str, words: Sequence[Word], before: Earlier) -> str | None:
    if _elliptic(words):
        many = counted(before.words, before.text)
        if many is None:
            return None
        rest = f"how many {many.text} {rest[words[2].start :]}"
    if _OF_THEM.search(rest):
        many = counted(before.words, before.text)
        if many is None:
            return None
        rest = _OF_THEM.sub(f"of the {many.text}", rest)
    if _ONE.search(rest):
        return None
    if _EARLIER.search(rest) or _LATER.search(rest):
        year = _moved_year(rest, before)
        if year is None:
            return None
        rest = _LATER.sub(f"in {year}", _EARLIER.sub(f"in {year}", rest))
    return _pronouns(rest, before)


def _moved_year(rest: str, before: Earlier) -> str | None:
    """Return the year before, or after, the only one that ``before`` names, in its form; None without one."""
    found = YEARS.findall(before.text)
    return _moved(found[0], 1 if _LATER.search(rest) else -1) if len(found) == 1 else None


def _moved(year: str, by: int) -> str:
    first, slash, second = year.partition("/")
    return f"{int(first) + by}{slash}{(int(second) + by) % 100:02d}" if slash else str(int(first) + by)


def _pronouns(rest: str, before: Earlier) -> str | None:
    """Return ``rest`` with what its pronouns stand for; as it is without any; None where that can't be told."""
    if _PERSON.search(rest):
        who = _person(before)
        if who is None:
            return None
        rest = _put(_PERSON, rest, who)
    existential = _THERE_IS.search(rest)
    if _THERE.search(_THERE_IS.sub("", rest) if existential else rest) and not existential:
        where = _place(before)
        if where is None:
            return None
        rest = _THERE.sub(where, rest)
    if (is_it := _BE_IT.search(rest)) and (what := _whole_attribute(before)):
        rest = f"{rest[: is_it.start('it')]}{what}{rest[is_it.end('it') :]}"
    if _THING.search(rest):
        one, many = bool(_IT.search(rest)), bool(_THEY.search(rest))
        what = None if one and many else _thing(before, plural=many)
        if what is None:
            return None
        rest = _put(_THING, rest, what)
    return rest


def _put(pronoun: re.Pattern[str], rest: str, meant: str) -> str:
    """Return ``rest`` with ``meant`` for each of the pronouns, as an owner where they are."""
    return pronoun.sub(lambda found: _owner(meant) if found["owner"] else meant, rest)


def _owner(name: str) -> str:
    return f"{name}'" if is_plural(name) and name.endswith("s") else f"{name}'s"


def _definite(phrase: str) -> str:
    """Return a noun phrase as it is spoken of again: "the boat" for "a boat"."""
    return re.sub(r"^(?:a|an|any|some)\s", "the ", phrase, flags=re.I)


def _person(before: Earlier) -> str | None:
    """Return the person that ``before`` is about: whom its answer names, where it asks who; else its subject."""
    who = before.words[0].lower in ("who", "whom")
    if who:
        asked = before.text.lower()
        said = (name for name in _FULL_NAME.findall(before.answer) if name.lower() not in asked)
        answer: str | None = next((name for name in said if people(f"It is {name}.")), None)
        if answer:
            return answer
    found = subject(before.words, before.text)
    if found is None or (who and before.words[1].lower not in ("is", "was")):
        return None
    phrase = found.text
    is_document = any(phrase.lower().removeprefix("the ") == name for name in before.mentioned)
    return None if is_document or re.search(r"\s(?:in|at|for|on)\s", phrase) else _definite(phrase)


def _whole_attribute(before: Earlier) -> str | None:
    """Return "Riverside's revenue" of "What was Riverside's revenue in 2024?": what "was it" means then."""
    piece, about = attribute(before.words, before.text), subject(before.words, before.text)
    what_is = [word.lower for word in before.words[:2]] in (
        ["what", "is"],
        ["what", "was"],
        ["what", "are"],
        ["what", "were"],
    )
    if not what_is or piece is None or about is None:
        return None
    start, end = min(piece.start, about.start), max(piece.end, about.end)
    article = re.search(r"\bthe $", before.text[:start])
    return f"{'the ' if article else ''}{before.text[start:end]}"


def _thing(before: Earlier, plural: bool) -> str | None:
    """Return what ``before`` is about, for "it" and "they"."""
    many = counted(before.words, before.text)
    found = subject(before.words, before.text)
    if found is not None and found.text.lower() not in STOPWORDS:
        return _definite(found.text)
    if plural and many is not None:
        return f"the {many.text}"
    named = before.named
    chosen = named if len(named) == 1 else before.own(named)
    if len(chosen) == 1:
        behind = {phrase.start for _, phrase in objects(before.words, before.text)}
        return None if plural and chosen[0].start in behind else _around(chosen[0], before)
    return None if named else _only_object(before)


def _around(name: Phrase, before: Earlier) -> str:
    """Return a name with its article and the noun behind it: "the Lindley orchestra"."""
    at = next(i for i, word in enumerate(before.words) if word.start == name.start)
    article = at > 0 and before.words[at - 1].lower in ("the", "a", "an")
    last = next(i for i, word in enumerate(before.words) if word.end >= name.end)
    if not article or before.words[last].possessive:
        return f"the {name.text}" if article else name.text
    tail = [word.text for word in before.words[last + 1 : last + 3]]
    kept = [word for word in tail[:1] if word.isalpha() and word.islower() and word not in STOPWORDS]
    return " ".join(["the", name.text, *kept])


def _only_object(before: Earlier) -> str | None:
    """Return the one thing that has an article in ``before``, where there is only one."""
    found = re.findall(r"\b(?:the|an?)\s+[a-z-]+(?:\s+[a-z-]+)?(?=\s*[?.]?$)", before.text, re.I)
    articles = re.findall(r"\b(?:the|an?)\s", before.text, re.I)
    return _definite(found[0]) if len(found) == 1 and len(articles) == 1 else None


def _place(before: Earlier) -> str | None:
    """Return where ``before`` asks about: "in Riverside"."""
    placed = [(preposition, p) for preposition, p in objects(before.words, before.text) if preposition in ("in", "at")]
    where = [
        f"{preposition} {p.text}" for preposition, p in placed if not YEARS.search(p.text) and _kind(p.text) == "name"
    ]
    if len(where) == 1:
        return where[0]
    found = _thing(before, plural=False)
    return f"in {found}" if found and not where else None


# A piece of a question


def _fragment(rest: str, words: Sequence[Word], mentioned: Collection[str], before: Earlier) -> str | None:
    """Return ``before`` with ``rest`` for the piece that it stands for."""
    if year := _IN_YEAR.fullmatch(rest):
        return _dated(rest, year["year"], before)
    for pattern in (_EARLIER, _LATER):
        if pattern.fullmatch(rest):
            moved = _moved_year(rest, before)
            return YEARS.sub(moved, before.text) if moved else None
    owner = re.match(r"(?:its|their|his|her)\s+", rest, re.I)
    if owner:
        return _attributed(rest[owner.end() :], before)
    if words[0].lower == "of":
        rest = rest[words[1].start :]
        words = words[1:]
    opening = objects(words, rest)
    if opening and opening[0][1].start == words[min(1, len(words) - 1)].start and words[0].lower == opening[0][0]:
        return _placed(opening[0][0], rest[opening[0][1].start :], before)
    if any(word.lower in ("one", "ones", "second", "third", "others", "rest") for word in words):
        return None
    small = before.text.islower() and len(words) == 1  # people who write without capitals
    if (small or any(word.name for word in words)) and not before.is_common(rest):
        return _named(rest, mentioned, before)
    return _attributed(rest, before)


def _kind(phrase: str) -> str:
    """Return what sort of thing a phrase is: only like goes for like."""
    lower = phrase.lower()
    if YEARS.search(phrase):
        return "year"
    if any(month in lower.split() for month in MONTH_NAMES):
        return "month"
    return "name" if names(read(f"of {phrase}"), f"of {phrase}") else "noun"


def _dated(rest: str, year: str, before: Earlier) -> str | None:
    found = YEARS.findall(before.text)
    if len(found) > 1:
        return None
    return YEARS.sub(year, before.text) if found else before.with_end(f"in {year}" if rest == year else rest)


def _placed(preposition: str, thing: str, before: Earlier) -> str | None:
    """Exchange what stands behind the same preposition, or add it where there is none."""
    same = [phrase for word, phrase in objects(before.words, before.text) if word == preposition]
    like = [phrase for phrase in same if _kind(phrase.text) == _kind(thing)]
    if not like and preposition in ("in", "at", "on", "for", "to") and _kind(thing) in ("name", "noun"):
        like = [phrase for phrase in same if {_kind(phrase.text), _kind(thing)} == {"name", "noun"}]
    if len(like) == 1:
        return before.with_piece(like[0], _keeping_owner(like[0].text, thing))
    if _kind(thing) == "month" and (year := [phrase for phrase in same if _kind(phrase.text) == "year"]):
        return before.with_piece(year[0], f"{thing} {year[0].text}")
    if like or (preposition in ("in", "at", "on") and _kind(thing) != "month"):
        return None
    return before.with_end(f"{preposition} {thing}")


def _keeping_owner(old: str, new: str) -> str:
    """Return ``new`` with the owner of ``old`` where both end in the same noun.

    "Hill's south gate", where "the south gate" follows "Hill's north gate".
    """
    owner = re.match(r"(?P<owner>.+['’]s?)\s", old)
    same = old.split()[-1].lower() == new.split()[-1].lower()
    return f"{owner['owner']} {re.sub(r'^the ', '', new)}" if owner and same else new


def _named(name: str, mentioned: Collection[str], before: Earlier) -> str | None:
    """Exchange the name that ``before`` is about, or the one that ``name`` is most like."""
    candidates = before.named
    if not candidates:
        found = subject(before.words, before.text)
        return before.with_piece(found, name) if found and found.text.lower() not in STOPWORDS else None
    own = before.own(candidates)
    if mentioned or not before.holds(name):  # another document's subject, or one that no document knows
        candidates = own or candidates
    else:
        candidates = [phrase for phrase in candidates if phrase not in own] or candidates
    candidates = [phrase for phrase in candidates if phrase.text.isupper() == name.isupper()] or candidates
    chosen = 0 if len(candidates) == 1 else before.nearest(name, [phrase.text for phrase in candidates])
    if chosen is None:
        return None
    piece = candidates[chosen]
    return before.with_piece(piece, re.sub(r"['’]s?$", "", name))


def _attributed(noun: str, before: Earlier) -> str | None:
    """Exchange what is asked of the subject; a verb before it that no longer agrees is made to."""
    bare = re.sub(r"^(?:the|its|their)\s", "", noun, flags=re.I)
    if same := _same_noun(bare, before):
        return before.with_piece(same, bare)
    piece = attribute(before.words, before.text)
    many = piece is not None and counted(before.words, before.text) == piece
    if piece is None or (many and before.words[1].lower == "many" and not is_plural(bare)):
        return f"what about {_owner(before.topic)} {bare}" if before.topic and " and " not in before.topic else None
    return before.with_piece(piece, bare) if many else _agreeing(before.with_piece(piece, bare), is_plural(bare))


def _same_noun(phrase: str, before: Earlier) -> Phrase | None:
    """Return what ``before`` says of the same noun: "north gate", when "south gate" follows."""
    last = phrase.split()[-1].lower()
    at = next((i for i, word in enumerate(before.words) if word.lower == last), None)
    if at is None or " " not in phrase:
        return None
    first = at
    while first > 0 and has_content(before.words[first - 1]) and not before.words[first - 1].possessive:
        first -= 1
    start, end = before.words[first].start, before.words[at].end
    return Phrase(start, end, before.text[start:end]) if first < at else None


def _agreeing(question: str, plural: bool) -> str:
    """Return "what is/was ..." with the verb's number."""
    forms = {"is": "are", "was": "were"} if plural else {"are": "is", "were": "was"}
    found = re.match(r"(?P<what>what\s+)(?P<be>is|are|was|were)\b", question, re.I)
    return (
        f"{found['what']}{forms.get(found['be'].lower(), found['be'])}{question[found.end() :]}" if found else question
    )
