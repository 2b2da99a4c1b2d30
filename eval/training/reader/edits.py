"""Claims that keep to the words of their evidence, as answers often do: parts of sentences, items, rows, short forms.

Claims written by hand are whole sentences in other words, and the false ones keep closer to the evidence than the true
ones do. A reader that has seen only those takes a label and its figure ("complaints: 312") for a lie. So each form here
comes true, and false by one thing exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

from vectorstore.text.language import Language

from .groups import NEGATIVE, POSITIVE, CutPassage, Group, LabelledPassage, cut_document, stable
from .misses import Names, named, near_misses
from .pairs import Document

PER_DOCUMENT = 3
"""True claims of a document."""
LEAST = {"zh": 4, "en": 12}
"""Characters of a claim."""
_PARTS = {"zh": re.compile(r"[，；;：]"), "en": re.compile(r"(?:[,;:]|\bwhile\b|\band\b)\s")}
_FIGURE = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)*(?![\d.,])")
_BRACKET = re.compile(r"\s*[（(]([^（()）]{2,30})[)）]")
_LABELLED = {
    "zh": re.compile(r"^(?P<label>[^\d，；。]{2,14}?)(?:为|是|达到?|共有?|有|约|超过)?(?P<value>\d[^，；。]{0,14})$"),
    "en": re.compile(
        r"^(?:The\s|the\s)?(?P<label>[^\d,;.]{3,40}?)\s(?:was|were|is|are|reached|totalled|stood at|came to|of|at)\s"
        r"(?P<value>[£$€]?\d[^,;]{0,24})$"
    ),
}
_SUBJECT = re.compile(
    r"^(?:The|A|An)\s(?:[\w'-]+\s){1,4}(?=(?:was|is|has|had|will|rose|fell|opened|began|received|cost)\b)"
)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d年(?=\d{1,2}月)|(?<=\d)\s(?:19|20)\d\d\b")
_ENDS = "。.！!？?；;，, "
_MARK = re.compile(r"^(?:- |1\. |2\) |（二）)")
MARKS = {"zh": ("", "", "", "- ", "1. ", "（二）"), "en": ("", "", "", "- ", "1. ", "2) ")}
EVERY_PAIR, EVERY_STRANGER = 4, 3


def edited_claims(documents: Sequence[Document], seed: int) -> list[Group]:
    """Return claims of the documents' sentences in the forms of answers, each true one with false ones of its form."""
    true = [group for document in documents for group in _edited(document, seed)]
    found = [*true, *near_misses(true, Names(true), seed)]
    for one in true:
        found += [made for made in (_exchanged(one, seed), _elsewhere(one, seed)) if made]
    return found + list(_paired(true, seed))


def _edited(document: Document, seed: int) -> Iterator[Group]:
    passages = cut_document(document.text, document.title)
    places = [(p, at) for p in passages for at in range(len(p.sentences)) if len(p.sentences[at].text) > 15]
    random = Random(stable(f"edited {seed} {document.id}"))
    random.shuffle(places)
    for passage, at in places[:PER_DOCUMENT]:
        claim = _claim(passage.sentences[at].text, document.language, random)
        if claim:
            chosen = _around(passage, at, random)
            evidence = (" " if document.language == "en" else "").join(sentence for sentence in chosen)
            kept = LabelledPassage(passage.title, passage.section, (evidence,), (POSITIVE,))
            id = f"{document.id}-edited{seed}-{at}"
            source, kind = "support:edited", "claim:supported"
            yield Group(id, source, document.language, kind, claim, (kept,), task="supports")


def _around(passage: CutPassage, at: int, random: Random) -> list[str]:
    first, last = at - random.choice((0, 0, 1)), at + random.choice((0, 0, 1, 2))
    return [sentence.text for sentence in passage.sentences[max(0, first) : last + 1]]


def _claim(sentence: str, language: Language, random: Random) -> str:
    """Return a sentence, or a part of it, as an answer has it; empty when nothing is left that says something."""
    text = _part(sentence.strip().strip(_ENDS), language, random)
    for edit in (_unbracketed, _undated, _referring):
        if random.random() < 0.3:
            text = edit(text, language)
    if len(text) < LEAST[language]:
        return ""
    labelled = _LABELLED[language].match(text)
    form = random.choice(_FORMS)
    if labelled and random.random() < 0.6:
        return form(labelled["label"].strip(), labelled["value"].strip(), language)
    return random.choice(MARKS[language]) + text


def _part(text: str, language: Language, random: Random) -> str:
    """Return a run of the parts of a sentence, or the sentence without one of them."""
    parts = [part.strip(_ENDS) for part in _PARTS[language].split(text)]
    parts = [part for part in parts if part]
    if len(parts) < 2 or random.random() < 0.25:
        return text
    mark = "，" if language == "zh" else ", "
    if len(parts) > 2 and random.random() < 0.4:
        left_out = random.randrange(1, len(parts))
        return mark.join(part for at, part in enumerate(parts) if at != left_out)
    first = random.randrange(len(parts))
    return mark.join(parts[first : first + random.choice((1, 1, 2))])


def _unbracketed(text: str, language: Language) -> str:
    colon = "：" if language == "zh" else ": "
    whole = _BRACKET.fullmatch(text[text.find("(") :]) if text.count("(") == 1 else None
    return f"{text[: text.find('(')].strip()}{colon}{whole[1]}" if whole else _BRACKET.sub("", text)


def _undated(text: str, _: Language) -> str:
    return _DATE.sub("", text, count=1)


def _referring(text: str, language: Language) -> str:
    """Return a sentence with its subject as a pronoun, where that is told easily."""
    return _SUBJECT.sub("It ", text) if language == "en" else text


_FORMS: tuple[Callable[[str, str, Language], str], ...] = (
    lambda label, value, language: f"{label}{'：' if language == 'zh' else ': '}{value}",
    lambda label, value, language: f"- **{label}**{'：' if language == 'zh' else ': '}{value}",
    lambda label, value, _: f"| {label} | {value} |",
    lambda label, value, _: f"{label}（{value}）" if label > "\u3000" else f"{label} ({value})",
)


def _exchanged(group: Group, seed: int) -> Group | None:
    """Return a claim with one of its figures or names exchanged for another of its evidence, or a figure altered."""
    (passage,) = group.passages
    random = Random(stable(f"exchanged {seed} {group.id}"))
    mark = _MARK.match(group.question)
    said = group.question[mark.end() if mark else 0 :]
    mine = [number for number in _FIGURE.findall(said) if group.question.count(number) == 1]
    others = [number for number in _FIGURE.findall(passage.text) if number not in group.question]
    if not mine:
        names = [name for name, _ in named(passage.text)]
        mine = [name for name in names if group.question.count(name) == 1]
        others = [name for name in names if name not in group.question]
        if not mine or not others:
            return None
    old = random.choice(mine)
    new = random.choice(others) if others else str(int(re.sub(r"\D", "", old)) + random.choice((1, 2, 10, 100)))
    kept = LabelledPassage(passage.title, passage.section, passage.sentences, (NEGATIVE,))
    return replace(
        group,
        id=f"{group.id}-exchanged",
        kind="claim:swapped",
        question=group.question.replace(old, new),
        passages=(kept,),
    )


def _elsewhere(group: Group, seed: int) -> Group | None:
    """Return each third claim under another name: that of no one in its evidence, before what is true of another."""
    if stable(f"elsewhere {seed} {group.id}") % EVERY_STRANGER:
        return None
    (passage,) = group.passages
    strange = _STRANGERS[group.language][stable(group.id) % len(_STRANGERS[group.language])]
    kept = LabelledPassage(passage.title, passage.section, passage.sentences, (NEGATIVE,))
    said = _MARK.sub("", group.question)
    claim = f"{strange}{said}" if group.language == "zh" else f"{strange}: {said}"
    return replace(group, id=f"{group.id}-elsewhere", kind="claim:subject", question=claim, passages=(kept,))


def _paired(true: Sequence[Group], seed: int) -> Iterator[Group]:
    """Yield claims that say something of two documents, and the same with their figures exchanged."""
    for one, other in pairwise(true):
        (left,), (right,) = one.passages, other.passages
        if one.language != other.language or left.title == right.title or stable(f"pair {seed} {one.id}") % EVERY_PAIR:
            continue
        claims = [_MARK.sub("", group.question) for group in (one, other)]
        text = f"{left.title}: {left.text}\n{right.title}: {right.text}"
        evidence = LabelledPassage("", "", (text,), (POSITIVE,))
        yield replace(one, id=f"{one.id}-pair", question=_joined(claims, one.language), passages=(evidence,))
        figures = [_FIGURE.findall(claim) for claim in claims]
        if all(figures) and figures[0][0] != figures[1][0]:
            mixed = [
                claim.replace(own[0], its[0], 1) for claim, own, its in zip(claims, figures, figures[::-1], strict=True)
            ]
            kept = replace(evidence, labels=(NEGATIVE,))
            made = replace(one, id=f"{one.id}-mixed", question=_joined(mixed, one.language), passages=(kept,))
            yield replace(made, kind="claim:swapped")


def _joined(claims: Sequence[str], language: Language) -> str:
    return "，而".join(claims) if language == "zh" else ", while ".join(claims)


_STRANGERS = {
    "zh": ("柳河县", "东桥集团", "白石镇中学", "第三检测站", "望江社区", "新丰公司", "南岭区", "二号生产线"),
    "en": ("Harlow County", "Brent Mills plc", "The northern branch", "Ward 9", "The second survey", "Oakfield School"),
}
