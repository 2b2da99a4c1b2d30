"""Which documents an overview is wanted of: those that are named, by name or by words of their titles, or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa.question.intents import IntentClassifier
from qa.question.query import Query
from vectorstore.indexes.heads import Part
from vectorstore.text.words import STOPWORDS, normalise, words

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus
    from vectorstore.types import DocumentInfo

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
    own = [word for word in words(query.normal) if word not in classifier.general and word not in STOPWORDS]
    if chosen := directory.infos([id for id in named if scope is None or id in scope]):
        known = " ".join([_title(info) for info in chosen] + [name for info in chosen for name in named[info.id]])
        return Overview() if any(word not in known for word in own) else _of(chosen)
    if not own:
        return replace(_of(directory.first(MOST, scope)), count=directory.count(scope))
    found = directory.find(*((Part.LABEL, word) for word in own), most=_TITLED, documents=scope) or ()
    return _of([info for info in directory.infos(found) if all(word in _title(info) for word in own)])


def _of(infos: Sequence[DocumentInfo]) -> Overview:
    return Overview(tuple(info.id for info in infos[:MOST]), len(infos))


def _title(info: DocumentInfo) -> str:
    return normalise(f"{info.title} {info.name}")
