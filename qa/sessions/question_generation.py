"""Generates questions about a document by rules: "how much" from its figures, "how" and "what" from its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.text.quantities import Quantity, quantities
from qa.text.quantities.numerals import CHINESE_DIGITS
from vectorstore.text.language import HAN, Language, has_han, is_han
from vectorstore.text.quotes import MARKS
from vectorstore.text.segmentation import tag
from vectorstore.types import Block, BlockKind, Document

QUESTION_CHARS = (10, 48)
ENGLISH_CHARS = (16, 140)
"""Shortest and longest question, in characters: shorter ones are vague, longer ones nobody types."""
HEADING_CHARS = (4, 18)
TITLE_CHARS = 30
"""Longer titles are not put into a question."""

_HEAD = re.compile(r"(?:(?<!\s)\s+)?[:：]\s*|是一[家个所名位座]")
_CLAUSE = re.compile(r"[^，,。；;！!？?：:\n]+")
_COUNTED = re.compile(rf"^[\d.,，{CHINESE_DIGITS}]+\s*[余多]?")
_NO_COUNTER = ("大", "强", "级", "号")
"""Words after a number that are no measure words to ask for ("4大片区")."""
_ABOUT = re.compile(r"(?:大约|约|近|超过|超|逾|不足|至少|突破)$")
_MORE = re.compile(r"^(?:余|多|以上|左右)")
_DANGLING = re.compile(
    r"^(?:其中|比|同比|环比|较|并|且|而|将|已|还|也|又|共|累计|该|其|这|此|它|他|她|增长|下降|上升|减少|占|达|为|是|"
    r"截至|截止|至|到|在|从|由|以|按|通过|实现|完成|全年|本|我|第|和|与|及|或|等|[\d（(、“”》])"
)
_MARKED = re.compile(rf"[{MARKS}（）()]")
_ENGLISH = re.compile(
    r"^(?:In [^,]{2,30}, )?(?P<subject>[A-Z][^,;:]{8,60}?) (?P<verb>was|were|is|are|reached|totalled) $"
)
_PRONOUN = re.compile(r"^(?:It|Its|They|Their|This|That|These|Those|There|He|She|We|Our|Of|The number)\b")
_ORDINAL = re.compile(r"^[（(]?[\d一二三四五六七八九十]+[)）.、．]\s*|^第[\d一二三四五六七八九十]+[章节条部分]+\s*")
_NO_HEADING = re.compile(r"[，,。；;！!？?、\d“”\"]|^(?:附件|附录|附表|目录|前言|摘要|结语|总结|序言|备注|说明)")


@dataclass(frozen=True, slots=True)
class GeneratedQuestion:
    """A question that a document should answer, and words that the answer should contain."""

    question: str
    expected: str = ""


def generate_questions(document: Document, alone: bool) -> Iterator[GeneratedQuestion]:
    """Yield questions about ``document``: two about figures, one about a heading, and so on.

    Args:
        alone: whether it is the library's only document, so that a question need not name it.
    """
    subject = "" if alone else _subject(document.info.title)
    if subject is None:
        return  # no question could name the document
    figures = list(_from_figures(document, subject))
    headings = list(_from_headings(document.blocks, subject))
    # From all over the document: the first ones tend to be about one topic.
    figures = _spread(figures, 6)
    headings = _spread(headings, 3)
    for index in range(max(len(figures), len(headings))):
        yield from figures[2 * index : 2 * index + 2]
        yield from headings[index : index + 1]


def overview_question(title: str, language: Language) -> GeneratedQuestion | None:
    """Return the question what a document is about; None where its title is too long to be asked for."""
    if len(title) > (TITLE_CHARS if has_han(title) else 2 * TITLE_CHARS):
        return None
    return GeneratedQuestion(f"《{title}》主要讲了什么？" if language == "zh" else f"What is “{title}” about?")


def _spread(found: Sequence[GeneratedQuestion], count: int) -> list[GeneratedQuestion]:
    if len(found) <= count:
        return list(found)
    return [found[index * len(found) // count] for index in range(count)]


def _subject(title: str) -> str | None:
    """Return how a question names a document: the head of its title, else the title; None when that is too long."""
    if not has_han(title):
        return title if len(title) <= 2 * TITLE_CHARS else None
    head = _HEAD.split(title.strip())[0].strip()
    if head != title.strip() and 2 <= len(head) <= 12:
        return head
    return f"《{title}》" if len(title) <= TITLE_CHARS else None


def _from_figures(document: Document, subject: str) -> Iterator[GeneratedQuestion]:
    seen = set()
    for stored in document.passages:
        if stored.passage.kind is not BlockKind.PARAGRAPH:
            continue
        for sentence in stored.passage.sentences:
            for match in _CLAUSE.finditer(sentence.text):
                generated = _from_clause(match[0].strip(), subject)
                if generated is not None and generated.question not in seen:
                    seen.add(generated.question)
                    yield generated


def _from_clause(clause: str, subject: str) -> GeneratedQuestion | None:
    found = [q for q in quantities(clause) if q.unit]
    if len(found) != 1 or not any(char.isdecimal() for char in found[0].text):
        return None
    figure = found[0]
    before, after = clause[: figure.start], clause[figure.end :]
    chinese = has_han(clause)
    question = _chinese_question(before, figure, after, subject) if chinese else _english_question(before, subject)
    low, high = QUESTION_CHARS if chinese else ENGLISH_CHARS
    return GeneratedQuestion(question, figure.text) if question and low <= len(question) <= high else None


def _chinese_question(before: str, figure: Quantity, after: str, subject: str) -> str | None:
    before = _ABOUT.sub("", before)
    counter = _COUNTED.sub("", figure.text)
    if _DANGLING.match(before) or sum(map(is_han, before)) < 4 or _MARKED.search(before + after):
        return None
    if counter in _NO_COUNTER or after.startswith(("内", "前", "后")):
        return None
    if subject.endswith(("公司", "集团")) and before.startswith("公司"):
        before = before.removeprefix("公司").removeprefix("的")
    if not re.fullmatch(rf"[{HAN}]{{0,3}}", counter) or "年" in counter or "月" in counter or "日" in counter:
        counter = ""
        if "%" not in figure.text and "％" not in figure.text and not figure.text.startswith("百分之"):
            return None
    about = subject if subject and subject not in before else ""
    return f"{about}{before}多少{counter}{_MORE.sub('', after)}？"


def _english_question(before: str, title: str) -> str | None:
    match = _ENGLISH.match(before)
    if match is None or _PRONOUN.match(match["subject"]):
        return None
    subject = match["subject"]
    if re.match(r"[A-Z][a-z]+ [a-z]", subject):  # not a name: capitalised as the first word of the sentence
        subject = subject[0].lower() + subject[1:]
    verb = match["verb"] if match["verb"] in ("was", "were", "is", "are") else "was"
    return f"According to {title}, what {verb} {subject}?" if title else f"What {verb} {subject}?"


def _from_headings(blocks: Sequence[Block], subject: str) -> Iterator[GeneratedQuestion]:
    """Yield a question for each heading that is followed by a paragraph."""
    low, high = HEADING_CHARS
    for block, following in pairwise(blocks):
        text = _ORDINAL.sub("", block.text.strip())
        if has_han(text):
            text = text.split()[-1]  # "united in spirit  stronger in thought": the second half says what was done
        bare = block.kind is not BlockKind.HEADING or following.kind is not BlockKind.PARAGRAPH
        if bare or _NO_HEADING.search(text):
            continue
        if not has_han(text):
            if re.fullmatch(r"[A-Z][A-Za-z'\- ]{5,40}", text):
                yield GeneratedQuestion(f"What does {subject or 'the report'} say about {text[0].lower()}{text[1:]}?")
        elif low <= len(text) <= high:
            verb = next(iter(tag(text)), ("", ""))[1].startswith("v")
            yield GeneratedQuestion(f"{subject}是怎样{text}的？" if verb else f"{subject}在“{text}”方面做了什么？")
