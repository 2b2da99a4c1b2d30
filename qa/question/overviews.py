"""Which documents an overview is wanted of: those that are named, by name or by words of their titles, or all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa.question.intents import IntentClassifier
from qa.question.query import Query
from vectorstore.indexes.heads import Part
from vectorstore.text.language import language_of
from vectorstore.text.words import STOPWORDS, normalise, words

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus
    from vectorstore.types import DocumentInfo

_A_DOCUMENT = {"zh": "这份报告", "en": "the document"}
_ARTICLE = re.compile(r"\b(?:the|an?|our|your|my) $")
MOST = 100
"""Documents of an overview that a query holds; more than are ever shown."""
_TITLED = 10_000
"""Documents with the same words in their titles; more than that are no answer to anything."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Documents that an overview is wanted of."""

    documents: tuple[str, ...] = ()
    """Ids, by name; ``MOST`` at most."""
    count: int = 0
    """Of all of them."""


def overview_documents(query: Query, library: Corpus, classifier: IntentClassifier) -> Overview:
    """Return the documents; all in scope where ``query`` singles none out.

    None where it has words of its own that a document's title doesn't have: then it is a question about those.
    """
    directory, scope = library.directory, query.scope
    named = {document: part.names for part in query.parts for document in part.documents}
    own = _own(query, classifier)
    inside = [id for id in named if (scope is None or id in scope) and id not in query.without]
    if chosen := directory.infos(inside):
        known = " ".join([_title(info) for info in chosen] + [name for info in chosen for name in named[info.id]])
        return Overview() if any(word not in known for word in own) else _of(chosen)
    if not own:
        first = [info for info in directory.first(MOST + len(query.without), scope) if info.id not in query.without]
        left_out = [id for id in query.without if scope is None or id in scope]
        return replace(_of(first), count=directory.count(scope) - len(left_out))
    found = directory.find(*((Part.LABEL, word) for word in own), most=_TITLED, documents=scope) or ()
    infos = directory.infos([id for id in found if id not in query.without])
    return _of([info for info in infos if all(word in _title(info) for word in own)])


def without_title(query: Query, classifier: IntentClassifier) -> str:
    """Return what ``query`` asks with "the document" for all of its own words; empty where that leaves no more to ask.

    A title says what a document is about, and so draws the vector of "summarise the thermostat FAQ" to questions about
    thermostats. "What is the turnover?" keeps no word by which people ask for an overview.
    """
    text, own = query.normal, _own(query, classifier)
    if not own or any(word not in text for word in own):  # "1,000" is read as 1000
        return ""
    start, end = min(map(text.find, own)), max(text.rfind(word) + len(word) for word in own)
    before, after = _ARTICLE.sub("", text[:start]), text[end:]
    rest = [word for word in words(f"{before} {after}") if word in classifier.general and word not in STOPWORDS]
    return f"{before}{_A_DOCUMENT[language_of(text)]}{after}" if rest else ""


def _own(query: Query, classifier: IntentClassifier) -> list[str]:
    """Return the words of ``query`` by which people don't ask for just any overview."""
    return [word for word in words(query.normal) if word not in classifier.general and word not in STOPWORDS]


def _of(infos: Sequence[DocumentInfo]) -> Overview:
    return Overview(tuple(info.id for info in infos[:MOST]), len(infos))


def _title(info: DocumentInfo) -> str:
    return normalise(f"{info.title} {info.name}")
