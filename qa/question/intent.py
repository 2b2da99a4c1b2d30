"""What a question does: asks several things at once, asks of each document, leaves documents out, asks for a name."""

from __future__ import annotations

import re
from collections.abc import Callable

from qa.question.answer_types import LARGEST, SMALLEST
from qa.question.clauses import split_clauses
from qa.text.questions import ASKS
from vectorstore.text.language import with_han
from vectorstore.text.words import STOPWORDS, normalise, words

_SENTENCE = re.compile(r"[^?？。！!\n]*[?？。！!\n]*")
_SHORTEST = 4
_OTHERWISE = re.compile(r"为|怎|咋|何|时候|哪[里儿]|多|\b(?:why|how|when|where|who)\b")
"""What makes a question of its own of one without content: it asks for the reason, not once more for what."""


def split_questions(text: str, is_talk: Callable[[str], bool] = lambda part: False) -> list[str]:
    """Return the questions of ``text`` when it asks several, one sentence or English clause each; else ``text`` alone.

    What stands before a question without asking belongs to it. "... 哪天？绵竹的" is one question with an afterthought.
    So is "..., and how many now?", and "有几项措施？分别是什么？".

    Args:
        is_talk: whether a sentence is a greeting or thanks, which belong to no question.
    """
    parts = [part.strip() for part in _SENTENCE.findall(text) if part.strip()]
    if sum(map(_asks, parts)) > 1:
        parts = [part for part in parts if _asks(part) or not is_talk(part)]
    found, before = list[str](), list[str]()
    for part in parts:
        before.append(part)
        if _asks(part):
            found.append(" ".join(before))
            before = []
    if before:
        return [text]
    found = [clause for sentence in found for clause in split_clauses(sentence)]
    for at in reversed(range(1, len(found))):
        if _asks_the_same(found[at]):
            found[at - 1 : at + 1] = [" ".join(found[at - 1 : at + 1])]
    return found if len(found) > 1 else [text]


def _asks(sentence: str) -> bool:
    return len(sentence) >= _SHORTEST and ASKS.search(sentence) is not None


def _asks_the_same(question: str) -> bool:
    """Whether it asks for no more than the question before it: "分别是什么？", "What are they?"."""
    normal = normalise(question)
    return all(word in STOPWORDS for word in words(normal)) and not _OTHERWISE.search(normal)


_WHICH = re.compile(
    r"哪[一几两三]?[个家些份边]?(?:地方|县|区|市|镇|地|公司|企业|集团|医院|法院|报告|单位|里)|哪里|哪儿|谁|[两三四五六七八几](?:个|份|家|篇)(?:地方|县|区|市|公司|报告|材料|文件|文章)|各(?:县|区|市|地|家|个)"
    r"|(?:所有|全部)的?(?:地方|县|区|市|镇|公司|企业|集团|医院|法院|报告|单位)"
    r"|\bwhich (?:of|county|district|city|company|report|place)|\ball (?:five|the|of)\b|\beach\b"
)


_EXCEPT = re.compile(
    r"(?:^|(?<=[,，]))\s*(?:那么?|请问)?除了?(?P<these>[^,，?？]{1,30}?)(?:以外|之外|外)?[,，]?\s*"
    r"(?=(?:还有|另外|其他|别的|还|又)?有?(?:哪|谁|什么|其他|别的))"
)
DOER = re.compile(r"谁(?:也|都|在|给|把|最?先|率先|还)?(?:搞|做|办|建|推|弄|创|用|派|有|设)")
"""Whoever does something: as a rule the subject of the document, which says so without a name."""
_DOCUMENT = re.compile(
    with_han(
        r"哪[一几两]?[个家些]?(?:地方|[县区]|市(?!场)|地)(?!\h?[长委])"
        r"|^(?:请问)?哪[一几两]?[个家些]?(?:公司|企业|集团|医院|法院|报告|单位)"
        r"|\bwhich (?:county|district|city|report|place)\b|^which (?:company|hospital|court)\b"
    )
)


def without_exceptions(question: str) -> tuple[str, str]:
    """Return what ``question`` leaves out, and the rest of it: "罗江" and "还有哪里…" of "除了罗江，还有哪里…".

    Two empty strings when it leaves nothing out.
    """
    match = _EXCEPT.search(question)
    return (match["these"], question[: match.start()] + question[match.end() :]) if match else ("", "")


def wants_document(text: str) -> bool:
    """Whether the answer is the document's subject ("哪个县…", "谁搞了…"), which its own sentences need not name.

    Args:
        text: normalised.
    """
    return bool(_DOCUMENT.search(text) or DOER.search(text))


def asks_each_document(text: str) -> bool:
    """Whether a question that names no document asks which documents, or asks all of them.

    Args:
        text: normalised.
    """
    return bool(_WHICH.search(text)) and bool(
        LARGEST.search(text)
        or SMALLEST.search(text)
        or re.search(
            r"哪几|哪些|还有|各|[两三四五六七八几][个份家篇]|分别|所有|全部(?=的?(?:地方|[县区市镇]|公司|企业|集团|医院|法院|报告|单位))|都|有没有|提到|也",
            text,
        )
    )
