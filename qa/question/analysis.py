"""Analysing a question: its wording, then its conversation and the documents that it names; made once, as a ``Query``.

typed -> instructions to a model taken out -> intent -> follow-up rewritten -> exceptions left out -> documents linked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from qa.question import answer_types, intent
from qa.question.clauses import leaning_clauses, still_leans
from qa.question.coordination import asked_together
from qa.question.counted import counted_thing
from qa.question.decompose import decompose
from qa.question.documents import Subjects
from qa.question.followups import Rewrite, Rewriter
from qa.question.intents import LIKELY, IntentClassifier, classifier_for
from qa.question.mentions import without as names_cut
from qa.question.overviews import overview_documents, without_title
from qa.question.query import Continuation, Order, Part, Query, Share
from qa.text.injection import without_instructions
from qa.text.names import names as english_names
from qa.text.quantities import number_strings
from qa.types import Intent, Turn
from vectorstore.text.language import is_english, language_of
from vectorstore.text.names import proper_names
from vectorstore.text.words import normalise

if TYPE_CHECKING:
    from qa.llm.base import Model
    from vectorstore.corpus import Corpus

_DEGREE = re.compile(r"[多少高低大小早晚长短](?=\W*$|一?[些点])")
_AND = re.compile(r"[\s和与跟同及、]|以及|[省市县区]|公司|集团")
"""What may stand between the names of documents that are left out, or end them."""
MOST_QUESTIONS = 8
"""Questions of one message that are answered; each takes as long as one alone."""
_LOOKED_AT = 10
"""Passages that are looked at for a phrase."""
_ASKING = (Intent.QUESTION, Intent.OVERVIEW)
"""Intents of messages that ask something of the documents, so that a follow-up may lean on them."""


@lru_cache(maxsize=1024)
def analyse(text: str) -> Query:
    """Return what the wording of ``text`` asks; it names no document until ``QueryAnalyser`` has looked at it."""
    normal = normalise(text).strip()
    answer_type, measure, comparative = answer_types.wanted(normal)
    order, degree = _order(normal)
    names = sorted(english_names(text)) if is_english(text) else proper_names(text)
    query = Query(
        text=text,
        standalone=text,
        normal=normal,
        typed=text,
        language=language_of(text),
        answer_type=answer_type,
        measure=measure,
        comparative=comparative,
        order=order,
        degree=degree,
        list_lengths=answer_types.list_lengths(normal, answer_type),
        numbers=number_strings(text),
        names=tuple(names),
        asks_each_document=intent.asks_each_document(normal),
        answer_is_document=intent.wants_document(normal),
    )
    return replace(query, parts=(completed(query, Part(normal, normal)),))


def completed(query: Query, part: Part) -> Part:
    """Return ``part`` of ``query`` with what is counted in it."""
    return replace(part, counted=counted_thing(part.focus, query.comparative)) if query.wants_quantity else part


def _of_the_same(query: Query, before: Query) -> Query:
    """Return a question that leans on the one before it in the same message, asked of the document that that one names.

    "A的分红哪天发？每股多少？": the second names none, and would be asked of every document.
    """
    (part, *others), (theirs, *more) = query.parts, before.parts
    if not query.also or others or more or part.documents or not theirs.documents:
        return query
    return replace(query, parts=(replace(part, documents=theirs.documents, names=theirs.names),))


def _order(text: str) -> tuple[Order | None, str]:
    """Return which end of a comparison ``text`` (normalised) asks for, and the adjective that says so."""
    if match := answer_types.SMALLEST.search(text):
        order = Order.SMALLEST
    elif match := answer_types.LARGEST.search(text):
        order = Order.LARGEST
    else:
        return None, ""
    degree = _DEGREE.search(match[0])
    return order, degree[0] if degree else ""


class QueryAnalyser:
    """Makes the ``Query`` of a question asked in a conversation about a library. Thread-safe.

    Args:
        model: rewrites follow-ups, and is asked several questions at once; None for rules, and one at a time.
    """

    def __init__(self, library: Corpus, model: Model | None = None) -> None:
        self.library = library
        self.model = model
        self.rewriter = Rewriter(library, model)
        self.intents = classifier_for(library.embedder)

    def analyse(self, typed: str, history: Sequence[Turn] = (), scope: Sequence[str] | None = None) -> Query:
        """Return the query.

        Args:
            history: earlier turns, oldest first.
            scope: ids of the documents to look in; None for all.
        """
        asked, turns = without_instructions(typed), list(history)
        # Without a model to wait for, it is analysed as a question at first, so that all is embedded at once.
        query = None if turns and self.model is not None else self._asked(typed, asked, self._leaned_on(turns), scope)
        needed = [text for one in query.questions or (query,) for text in one.searched] if query else []
        (wanted,) = self._intents([asked], needed) if asked else [Intent.QUESTION]
        if wanted is Intent.MORE and turns:
            return self._continued(typed, turns, scope)
        if wanted in (Intent.SMALL_TALK, Intent.SERVICE):
            scope = None if scope is None else tuple(scope)
            return replace(analyse(typed), history=tuple(history), scope=scope, intent=wanted)
        query = query or self._asked(typed, asked, self._leaned_on(turns), scope)
        return self._overview(query, wanted)

    def _overview(self, query: Query, wanted: Intent) -> Query:
        """Return ``query`` as one for an overview, where it wants that of documents.

        Args:
            wanted: what its vector says that it wants.
        """
        if self.intents is None:
            return query
        general = ""
        if wanted is not Intent.OVERVIEW:
            general = without_title(query, self.intents)
            if query.questions or query.asks_nothing or not general:
                return query
        found = overview_documents(query, self.library, self.intents)
        if not found.documents or (general and not self._is_overview(general, self.intents)):
            return query
        return replace(query, intent=Intent.OVERVIEW, overview_of=found.documents, overview_count=found.count)

    def _is_overview(self, text: str, classifier: IntentClassifier) -> bool:
        """Whether a message that names no document surely wants an overview."""
        (found,) = classifier.probabilities(self.library.question_vectors([text]))
        return bool(found[classifier.intents.index(Intent.OVERVIEW)] >= LIKELY)

    def _intents(self, messages: Sequence[str], needed: Sequence[str] = ()) -> list[Intent]:
        """Return what each message wants; its vector is that which a question is searched with.

        Args:
            needed: other texts whose vectors will be needed, to embed all at once.
        """
        if self.intents is None or not messages:
            return [Intent.QUESTION] * len(messages)
        texts = [normalise(text).strip() for text in messages]
        found = self.intents.classify(self.library.question_vectors([*texts, *needed])[: len(texts)])
        return [
            Intent.QUESTION if intent is Intent.SMALL_TALK and self._names_something(text) else intent
            for text, intent in zip(texts, found, strict=True)
        ]

    def _is_talk(self, text: str) -> bool:
        return self._intents([text]) == [Intent.SMALL_TALK]

    def _names_something(self, text: str) -> bool:
        """Whether a message (normalised) has a number or a document's name: "thanks, 2022", "no, Hillside"."""
        return any(map(str.isdigit, text)) or bool(Subjects.of(self.library).mentions(text))

    def _turns(self, history: Sequence[Turn], intents: Collection[Intent], without: Collection[str] = ()) -> list[Turn]:
        """Return the messages of these intents among ``history``, and the answers to them; not those of ``without``."""
        typed = iter(self._intents([turn.content for turn in history if turn.role == "user"]))
        kept, wanted = list[Turn](), True
        for turn in history:
            if turn.role == "user":
                wanted = next(typed) in intents and turn.content not in without
            if wanted:
                kept.append(turn)
        return kept

    def _leaned_on(self, history: Sequence[Turn]) -> list[Turn]:
        """Return the turns that a follow-up may lean on: an overview only where it names its document."""
        subjects = Subjects.of(self.library)
        overviews = [turn.content for turn in self._turns(history, (Intent.OVERVIEW,)) if turn.role == "user"]
        unnamed = [text for text in overviews if not subjects.mentions(normalise(text))]
        return self._turns(history, _ASKING, unnamed)

    def _continued(self, typed: str, history: Sequence[Turn], scope: Sequence[str] | None) -> Query:
        """Return the query of the last question of ``history``, to go on with what was answered since."""
        turns = self._turns(history, (*_ASKING, Intent.MORE))
        asking = [turn for turn in self._turns(turns, _ASKING) if turn.role == "user"]
        if not asking:
            return replace(analyse(typed), intent=Intent.MORE, continues=Continuation(typed))
        last = next(at for at in reversed(range(len(turns))) if turns[at] is asking[-1])
        question = asking[-1].content
        query = self._asked(question, without_instructions(question), self._leaned_on(turns[:last]), scope)
        query = self._overview(query, *self._intents([question]))
        said = tuple(turn.content for turn in turns[last:] if turn.role == "assistant")
        return replace(query, language=language_of(typed), intent=Intent.MORE, continues=Continuation(typed, said))

    def _asked(self, typed: str, asked: str, history: Sequence[Turn], scope: Sequence[str] | None) -> Query:
        """Return the query of ``typed``, one question or several, without orders to whoever answers in ``asked``."""
        turns, queries = list(history), list[Query]()
        text = asked or typed
        found = [text] if self.model is not None else intent.split_questions(text, self._is_talk)
        unasked = tuple(found[MOST_QUESTIONS:])
        for question in found[:MOST_QUESTIONS]:
            query = self._one(question, turns, scope)
            query = _of_the_same(query, queries[-1]) if queries else query
            query = replace(query, shares=self._shares(query, turns) if self.model is None else ())
            queries.append(replace(query, history=tuple(history), asks_nothing=not asked))
            turns.append(Turn(role="user", content=question))
        if len(queries) == 1:
            return queries[0]
        together = analyse(" ".join(query.standalone for query in queries))
        questions = tuple(queries)
        return replace(
            together,
            typed=asked,
            language=language_of(typed),
            history=tuple(history),
            questions=questions,
            unasked=unasked,
            asks_nothing=not asked,
        )

    def _one(self, typed: str, turns: Sequence[Turn], scope: Sequence[str] | None) -> Query:
        """Return the query of one question, asked after ``turns``."""
        rewrite = self.rewriter.rewrite(typed, turns)
        remaining, without = self._without_exceptions(rewrite)
        query = analyse(remaining.question)
        return replace(
            query,
            typed=typed,
            standalone=rewrite.shown,
            language=language_of(typed),
            parts=tuple(completed(query, part) for part in decompose(query.normal, Subjects.of(self.library))),
            scope=None if scope is None else tuple(scope),
            without=without,
            also=remaining.also,
        )

    def _shares(self, query: Query, turns: Sequence[Turn]) -> tuple[Share, ...]:
        """Return what a question asks side by side, each thing by itself; nothing where that isn't sure.

        Documents that it names side by side are parts of one question already, where all of them are documents.
        """
        if query.order is not None or query.without or query.text != query.standalone:
            return ()
        subjects = Subjects.of(self.library)
        things = asked_together(query.text, subjects.mentions(normalise(query.text)), self._written)
        if things and things[0].is_name and len(query.parts) >= len(things):
            return ()
        if things:
            queries = (self._one(thing.question, (), query.scope) for thing in things)
            return tuple(Share(thing.label, share, thing.is_name) for thing, share in zip(things, queries, strict=True))
        return self._clauses(query, turns)

    def _clauses(self, query: Query, turns: Sequence[Turn]) -> tuple[Share, ...]:
        """Return the clauses of a question that are questions, where all that they lean on is found."""
        first, *others = leaning_clauses(query.text) or [""]
        before, found = [*turns, Turn(role="user", content=first)], list[Share]()
        for clause in others:
            share = self._one(clause, before, query.scope)
            if share.standalone != share.text or still_leans(clause, share.text):
                return ()
            found.append(Share(clause, share))
        return (Share(first, self._one(first, (), query.scope)), *found) if found else ()

    def _written(self, phrase: str) -> bool:
        """Whether passages have the words of ``phrase`` on end."""
        wanted = " ".join(normalise(phrase).split())
        found = self.library.passages([hit.passage_id for hit in self.library.lexical(phrase, _LOOKED_AT)])
        return any(wanted in " ".join(normalise(stored.passage.text).split()) for stored in found)

    def _without_exceptions(self, rewrite: Rewrite) -> tuple[Rewrite, tuple[str, ...]]:
        """Return what is asked, and which documents are left out: "除了罗江，还有哪里…" is asked of the others.

        "除了罗江的补助，还有…" is asked of the same document: only names by themselves leave documents out.
        """
        exceptions, rest = intent.without_exceptions(rewrite.question)
        if not exceptions:
            return rewrite, ()
        text = normalise(exceptions)
        mentions = Subjects.of(self.library).mentions(text)
        if _AND.sub("", names_cut(text, mentions)):
            return rewrite, ()
        excluded = {document for mention in mentions for document in mention.documents}
        return (replace(rewrite, question=rest, also=()), tuple(sorted(excluded))) if excluded else (rewrite, ())
