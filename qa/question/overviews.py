"""Which documents an overview is wanted of: those that are named, by name or by words of their titles, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.question.intents import IntentClassifier
from qa.question.query import Query
from vectorstore.text.words import STOPWORDS, normalise, words

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus
    from vectorstore.types import DocumentInfo


def overview_documents(query: Query, library: Corpus, classifier: IntentClassifier) -> tuple[str, ...]:
    """Return the ids of the documents, by name; all in scope where ``query`` singles none out.

    None where it has words of its own that a document's title doesn't have: then it is a question about those.
    """
    infos = [info for info in library.documents() if query.scope is None or info.id in query.scope]
    named = {document: part.names for part in query.parts for document in part.documents}
    own = [word for word in words(query.normal) if word not in classifier.general and word not in STOPWORDS]
    if chosen := [info for info in infos if info.id in named]:
        known = " ".join([_title(info) for info in chosen] + [name for info in chosen for name in named[info.id]])
        return () if any(word not in known for word in own) else tuple(info.id for info in chosen)
    return tuple(info.id for info in infos if all(word in _title(info) for word in own))


def _title(info: DocumentInfo) -> str:
    return normalise(f"{info.title} {info.name}")
