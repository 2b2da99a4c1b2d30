"""The interface of an answerer, and what it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from qa.question.query import Query
from qa.ranking.base import Ranked
from qa.types import Candidate, Draft
from qa.verify import RULES, Verifier

if TYPE_CHECKING:
    from qa.llm.base import Model

Search = Callable[[str], Sequence[Candidate]]
"""Returns what is found for other words, best first."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question, and what was found and ranked for it."""

    query: Query
    ranked: Ranked
    questions: tuple[Request, ...] = ()
    """One for each, where several were asked at once; then ``ranked`` has the candidates of all in turns."""
    shares: tuple[Request, ...] = ()
    """One for each of ``query.shares``; ``ranked`` has their candidates too."""
    search: Search | None = field(default=None, compare=False, repr=False)
    """Searches the same documents again; None where that can't be."""
    verifier: Verifier = field(default=RULES, compare=False, repr=False)
    """What will verify the answer."""

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Best first."""
        return self.ranked.candidates


class Answerer(ABC):
    """Drafts an answer, sentence by sentence. No sentence at all means: the reports don't say. Threads may share one.

    Its sentences are nobody's word until the pipeline has verified them.
    """

    name: str
    verbatim: ClassVar[bool] = False
    """Whether it says nothing but quotations; they stand in for an answerer that doesn't, when nothing of it holds."""
    model: Model | None = None
    """The language model behind it: it also rewrites follow-ups, and reads several questions together."""

    @abstractmethod
    def compose(self, request: Request) -> Iterator[Draft]:
        """Yield the sentences of an answer in order, and a model's thoughts and notices among them.

        There is at least one candidate, and something is asked.

        Raises:
            ModelError: the language model behind it failed; sentences already yielded stand.
        """

    def draft(self, request: Request) -> Iterator[Draft]:
        """Yield the sentences of an answer in order; none where nothing was found, or nothing is asked.

        Raises:
            ModelError: as ``compose``.
        """
        if request.candidates and not request.query.asks_nothing:
            yield from self.compose(request)
