"""Recordings of a language model: each prompt with its reply, so that a run with a model can be had again without it.

A folder holds a JSON file for each prompt, named by the prompt's hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from qa.llm.base import Message, Model, Piece, Schema
from qa.types import Thinking, TokenUsage

from ..errors import BadRun, DoesNotFit, NoRecording
from ..files import write_text


class Reply(BaseModel):
    """One kind of piece that a model streamed; neighbours of a kind are one."""

    text: str = ""
    thinking: str = ""
    usage: TokenUsage | None = None

    def piece(self) -> Piece:
        """Return it as a model streams it."""
        return self.usage or (Thinking(self.thinking) if self.thinking else self.text)


class Recording(BaseModel):
    """A prompt and what a model made of it."""

    model: str
    """The model's name, as people see it."""
    messages: list[dict[str, str]]
    reply: list[Reply]


def path_of(folder: Path, messages: Sequence[Message]) -> Path:
    """Return where the reply to ``messages`` is kept."""
    prompt = json.dumps([[message.role, message.content] for message in messages], ensure_ascii=False)
    return folder / f"{hashlib.sha256(prompt.encode()).hexdigest()[:32]}.json"


class RecordingModel:
    """A model whose replies are kept; see ``Model``. The same prompt is asked once a run, so that it has one reply.

    A call that fails leaves nothing behind: its replay fails too, as one that was not recorded.
    """

    def __init__(self, model: Model, folder: Path) -> None:
        """
        Args:
            folder: made when it is not there; what it holds of an earlier run is replaced prompt by prompt.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.name = model.name
        self._model = model
        self._folder = folder
        self._asked: set[Path] = set()

    def stream(self, messages: Sequence[Message], schema: Schema | None = None) -> Iterator[Piece]:
        """See ``Model.stream``."""
        path = path_of(self._folder, messages)
        if path in self._asked:
            yield from (reply.piece() for reply in _load(path).reply)
            return
        replies: list[Reply] = []
        try:
            for piece in self._model.stream(messages, schema):
                _add(replies, piece)
                yield piece
        except GeneratorExit:  # the reader had enough
            self._keep(path, messages, replies)
            raise
        self._keep(path, messages, replies)

    def _keep(self, path: Path, messages: Sequence[Message], replies: list[Reply]) -> None:
        recording = Recording(model=self.name, messages=[message._asdict() for message in messages], reply=replies)
        write_text(path, recording.model_dump_json(indent=1, exclude_defaults=True) + "\n")
        self._asked.add(path)


class ReplayedModel:
    """A model that says what it said when it was recorded; see ``Model``."""

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            DoesNotFit: there is no recording in ``folder``.
        """
        first = next(iter(sorted(folder.glob("*.json"))), None)
        if first is None:
            raise DoesNotFit(f"there is no recording in {folder}; make one with `qa eval run --record {folder}`")
        self.name = _load(first).model
        self._folder = folder

    def stream(self, messages: Sequence[Message], schema: Schema | None = None) -> Iterator[Piece]:
        """Yield the recorded reply.

        Raises:
            NoRecording: ``messages`` were not recorded: the prompt, the passages or their order have changed.
        """
        path = path_of(self._folder, messages)
        if not path.is_file():
            raise NoRecording(f"no recording in {self._folder} fits the prompt ({path.stem})")
        yield from (reply.piece() for reply in _load(path).reply)


def _add(replies: list[Reply], piece: Piece) -> None:
    last = replies[-1] if replies else Reply()
    if isinstance(piece, TokenUsage):
        replies.append(Reply(usage=piece))
    elif isinstance(piece, Thinking):
        if last.thinking:
            last.thinking += piece.text
        elif piece.text:
            replies.append(Reply(thinking=piece.text))
    elif last.text:
        last.text += piece
    elif piece:
        replies.append(Reply(text=piece))


def _load(path: Path) -> Recording:
    try:
        return Recording.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError) as error:
        raise BadRun(f"{path} is not a recording: {error}") from error
