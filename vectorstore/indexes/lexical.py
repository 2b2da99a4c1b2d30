"""The lexical index: BM25 over the terms of passages, their sections and titles, in tantivy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from vectorstore.errors import IndexBroken, LibraryError
from vectorstore.indexes import heads
from vectorstore.indexes.derived import Progress, Slot
from vectorstore.indexes.heads import Condition, phrase
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.records import PassageText
from vectorstore.text.titles import TITLES
from vectorstore.text.words import WORDS, query_terms, terms
from vectorstore.types import Hit

LAYOUT = (
    f"3 tantivy-{version('tantivy')} words-{WORDS} titles-{TITLES}"  # changes when what is stored here does, or how
)
_BOOSTS = {"body": 1.0, "section": 0.5, "title": 2.0}
_WRITER_BYTES = 50_000_000
COMPACT_BELOW = 20_000  # passages; see settle()
_SHOWN_EVERY = 1000  # passages

Weigh = Callable[[Sequence[str]], Sequence[float]]


class Lexical:
    """Passages, searched by BM25. Derived from the catalogue, and checked against it when opened."""

    def __init__(self, directory: Path, catalog: Catalog) -> None:
        self._slot = Slot(directory)
        self._catalog = catalog
        self._index: Any = None
        self._writer: Any = None
        self._name = ""
        self._removed = False
        self._unsettled = False
        self.settles_later = False
        """Whether :meth:`settle` is called once nothing changes: a change then takes no longer the more there is."""
        self._failed = False
        """Whether a write has failed since it was built, or was left out."""

    def open(self, progress: Progress | None = None) -> bool:
        """Open the current build if it is whole and agrees with the catalogue, else build a new one.

        Returns:
            whether it was built anew.

        Raises:
            LibraryError: tantivy failed.
        """
        name = self._slot.current(LAYOUT, self._catalog.stamp)
        if name is not None and self._opened(name):
            return False
        self._rebuild(progress)
        return True

    def _opened(self, name: str) -> bool:
        return self._is_opened(name) and self.total == self._catalog.count()

    def _is_opened(self, name: str) -> bool:
        try:
            with self._translated("open"):
                self._end_writer()
                self._index = _index(self._slot.path(name))
                self._name, self._failed = name, False
                return bool(self._index.searcher().num_docs >= 0)
        except LibraryError:
            return False

    def _rebuild(self, progress: Progress | None = None) -> None:
        """Build again next to the current build, which is used until the new one is whole."""
        self._slot.begin()
        self._end_writer()
        name = self._slot.new()
        total = self._catalog.count()
        with self._translated("build"):
            path = self._slot.path(name)
            path.mkdir(parents=True)
            index = _index(path)
            writer = index.writer(_WRITER_BYTES, 1)
            for done, passage in enumerate(self._catalog.texts(), start=1):
                writer.add_document(_document(passage))
                if progress is not None and (done % _SHOWN_EVERY == 0 or done == total):
                    progress("lexical index", done, total)
            writer.commit()
            writer.wait_merging_threads()
            index.reload()
        self._index, self._name = index, name
        self._removed = self._unsettled = self._failed = False
        self.finish()
        self._slot.sweep(keep=name)

    # Writing

    def begin(self) -> None:
        """Mark the index as being changed: if it is opened before :meth:`finish`, it is built again.

        After a write that failed it is built again now.
        """
        if self._failed:
            self._rebuild()
        self._slot.begin()

    def add(self, passages: Iterable[PassageText]) -> None:
        """Add passages that are not there yet; searches see them when this returns."""
        with self._translated("write"):
            writer = self._writing()
            for passage in passages:
                writer.add_document(_document(passage))
            writer.commit()
            self._index.reload()

    def remove(self, ids: Sequence[int]) -> None:
        with self._translated("write"):
            writer = self._writing()
            for id in ids:
                writer.delete_documents_by_term("id", id)
            writer.commit()
            self._index.reload()
        self._removed = self._removed or bool(ids)

    def put(self, passages: Sequence[PassageText]) -> None:
        """Put documents' passages, all of each, in the place of those that are here; a search finds either."""
        self._put(list(dict.fromkeys(passage.document_id for passage in passages)), passages)

    def distrust(self) -> None:
        """Have it built again by the next change, or when it is opened: it may hold passages as they were before."""
        self._failed = True

    def _put(self, document_ids: Sequence[str], passages: Sequence[PassageText]) -> None:
        """Put documents' passages in the place of all that are here of them."""
        with self._translated("write"):
            searcher = self._index.searcher()
            self._removed = self._removed or any(searcher.doc_freq("document", id) for id in document_ids)
            writer = self._writing()
            for id in document_ids:
                writer.delete_documents_by_term("document", id)
            for passage in passages:
                writer.add_document(_document(passage))
            writer.commit()
            self._index.reload()

    def catch_up(self, generation: int | None = None) -> bool:
        """Take in what other processes changed: there are none."""
        return False

    def finish(self) -> None:
        """Mark the changes as done, unless the index and the catalogue differ."""
        self._unsettled = self._removed and self._catalog.count() < COMPACT_BELOW
        if self._unsettled and not self.settles_later:
            self.settle()
            return
        self._end_writer()
        with self._translated("count"):
            whole = self._index.searcher().num_docs == self._catalog.count()
        if whole and not self._unsettled and not self._failed:  # else it is built again when it is opened
            self._slot.finish(self._name, LAYOUT, self._catalog.stamp)

    def settle(self) -> None:
        """Build the index again after removals, as long as that is cheap, for the same library to give the same scores.

        tantivy counts removed passages in its statistics until it merges its segments, and nobody knows when.

        Raises:
            LibraryError: the database or tantivy failed.
        """
        if self._unsettled:
            self._rebuild()

    def _writing(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer

    def _end_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with self._translated("write"):
                writer.wait_merging_threads()
                self._index.reload()

    # Reading

    def search(
        self,
        query: str,
        k: int,
        documents: Sequence[str] | None = None,
        collections: Sequence[str] | None = None,
        weigh: Weigh | None = None,
    ) -> list[Hit]:
        """Return the ``k`` best passages by BM25, in any order; of some documents or collections only when given.

        Args:
            weigh: gives the factors by which terms count more or less than in the whole library.

        Raises:
            LibraryError: tantivy failed.
        """
        wanted = query_terms(query)
        if not wanted:
            return []
        factors = weigh(wanted) if weigh else [1.0] * len(wanted)
        with self._translated("search"):
            index = self._index
            searcher = index.searcher()
            scored = _scored(index.schema, zip(wanted, factors, strict=True))
            inside = _inside(index.schema, scored, documents, collections)
            found = searcher.search(inside, k, count=False).hits
            ids = searcher.fast_field_values("id", [address for _, address in found])
        # The order in which the parts of a score were added up, and so its last digits, depend on the index's segments.
        return [Hit(int(id), round(float(score), 4)) for (score, _), id in zip(found, ids, strict=True)]

    @property
    def total(self) -> int:
        """The number of passages."""
        with self._translated("count"):
            return int(self._index.searcher().num_docs)

    def openings(
        self,
        conditions: Sequence[Condition],
        most: int,
        documents: Sequence[str] | None = None,
        collections: Sequence[str] | None = None,
    ) -> list[int]:
        """Return the first passages, by id and at most ``most``, of documents that meet all ``conditions``.

        Of some documents or collections only when given.
        """
        sought = [phrase(condition) for condition in conditions]
        with self._translated("search"):
            index = self._index
            searcher = index.searcher()
            if not _all_known(searcher, sought):  # which is most often so, and known at once
                return []
            query = _inside(index.schema, _all_of(index.schema, sought, collections), documents, None)
            found = searcher.search(query, most, count=False, order_by_field="id", order=tantivy.Order.Asc).hits
        return [int(id) for id, _ in found]

    def may_open(self, conditions: Sequence[Condition]) -> bool:
        """Return whether the index has all terms of ``conditions``, be it in different passages, or in removed ones."""
        with self._translated("search"):
            return _all_known(self._index.searcher(), [phrase(condition) for condition in conditions])

    def idf(self, wanted: Sequence[str]) -> NDArray[np.float64]:
        """Return ln(1 + (N - df + 0.5) / (df + 0.5)) of terms over the passages' own text, shape (len(wanted),).

        The formula is Lucene's form of Robertson and Sparck Jones' weight, which is never negative.
        """
        with self._translated("search"):
            searcher = self._index.searcher()
            total = searcher.num_docs
            counts = [min(searcher.doc_freq("body", term), total) for term in wanted]
        return inverse_frequency(total, counts)

    def count(self, terms: Sequence[str], collections: Sequence[str]) -> list[int]:
        """Return for each term the number of passages in ``collections`` whose own text has it."""
        query = tantivy.Query
        with self._translated("search"):
            index = self._index
            searcher = index.searcher()
            found = [query.term_query(index.schema, "body", term, "basic") for term in terms]
            return [searcher.search(_inside(index.schema, one, None, collections), 1).count for one in found]

    def close(self) -> None:
        self._end_writer()
        self._index = None

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        """Turn whatever tantivy raises into a LibraryError: ValueError, OSError, and panics of its Rust core."""
        if self._index is None and what in ("search", "write", "count"):
            raise IndexBroken("the library has been closed")
        try:
            yield
        except LibraryError:
            raise
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            if what == "write":
                self._writer, self._failed = None, True  # a writer that has failed never writes again
            raise IndexBroken(
                f"the lexical index ({self._slot.directory}) failed to {what}: {type(error).__name__}: {error}; "
                "start again, and it is rebuilt from the catalogue"
            ) from error


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("collection", tokenizer_name="raw", index_option="basic")
    for field in _BOOSTS:
        builder.add_text_field(field, tokenizer_name="terms", index_option="freq")
    for field in heads.FIELDS.values():
        builder.add_text_field(field, tokenizer_name="terms", index_option="position")
    builder.add_text_field(heads.CLUES, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _index(path: Path) -> Any:
    index = tantivy.Index(_schema(), str(path))
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", analyzer)
    return index


def _document(passage: PassageText) -> Any:
    return tantivy.Document(
        id=passage.id,
        document=passage.document_id,
        collection=list(passage.collections),
        body=" ".join(terms(passage.text)),
        section=" ".join(terms(passage.section)),
        title=" ".join(terms(passage.title)),
        **heads.values(passage),
    )


def _scored(schema: Any, wanted: Iterable[tuple[str, float]]) -> Any:
    query, occur = tantivy.Query, tantivy.Occur
    parts = [
        (occur.Should, query.boost_query(query.term_query(schema, field, term, "freq"), boost * factor))
        for term, factor in wanted
        for field, boost in _BOOSTS.items()
    ]
    return query.boolean_query(parts)


def _inside(schema: Any, scored: Any, documents: Sequence[str] | None, collections: Sequence[str] | None) -> Any:
    """Return ``scored`` of passages in one of ``documents`` and one of ``collections``, where they are given."""
    query, occur = tantivy.Query, tantivy.Occur
    filters = [
        (occur.Must, query.const_score_query(query.term_set_query(schema, field, list(values)), 0.0))
        for field, values in (("document", documents), ("collection", collections))
        if values is not None
    ]
    return query.boolean_query([*filters, (occur.Must, scored)]) if filters else scored


def inverse_frequency(total: int, counts: Sequence[int]) -> NDArray[np.float64]:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5)) for each df of ``counts``; ``total`` is N."""
    return np.array([math.log(1 + (total - df + 0.5) / (df + 0.5)) for df in counts], dtype=np.float64)


def _all_known(searcher: Any, phrases: Sequence[tuple[str, list[str]]]) -> bool:
    return all(terms and all(searcher.doc_freq(field, one) for one in terms) for field, terms in phrases)


def _all_of(schema: Any, phrases: Sequence[tuple[str, list[str]]], collections: Sequence[str] | None) -> Any:
    """Return the query for passages that have all of ``phrases``, (field, terms on end) each, in ``collections``."""
    query, occur = tantivy.Query, tantivy.Occur
    parts = [_phrase(schema, field, terms) for field, terms in phrases]
    if collections is not None:  # one by one: a set of terms would be read to its end, however many passages it has
        some = [(occur.Should, query.term_query(schema, "collection", one, "basic")) for one in collections]
        parts.append(query.boolean_query(some))
    return parts[0] if len(parts) == 1 else query.boolean_query([(occur.Must, part) for part in parts])


def _phrase(schema: Any, field: str, terms: Sequence[str]) -> Any:
    if len(terms) == 1:  # which tantivy takes for no phrase
        return tantivy.Query.term_query(schema, field, terms[0], "basic")
    return tantivy.Query.phrase_query(schema, field, list(terms))
