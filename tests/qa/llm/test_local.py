"""A model in a GGUF file: missing parts are reported at once, and a real file is served and answers."""

from __future__ import annotations

import importlib.util
import re
from collections import deque
from pathlib import Path

import pytest

from qa.answering import choose
from qa.answering.llm_structured import answer_schema
from qa.errors import ModelContextExceeded, ModelCut, ModelUnreachable, SettingsError
from qa.llm import Message
from qa.llm.base import Piece, answer_text, complete
from qa.llm.local import ANSWER_TOKENS, CONTEXT_TOKENS, LocalModel
from qa.settings import Settings
from qa.types import TokenUsage
from tests.support import tiny_gguf
from tests.support.passages import candidate

INSTALLED = importlib.util.find_spec("xllamacpp") is not None
needs_xllamacpp = pytest.mark.skipif(not INSTALLED, reason="xllamacpp (extra local) is not installed")
PROMPT = [Message("system", "规则"), Message("user", "青禾县占比是多少？")]


def test_a_missing_file_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"QA_LLM_GGUF is .*nothing\.gguf"):
        choose(Settings(llm_gguf=tmp_path / "nothing.gguf"))


@pytest.mark.skipif(INSTALLED, reason="xllamacpp is installed, so it can't be missing")
def test_a_missing_extra_is_said_with_the_way_to_install_it(tmp_path: Path) -> None:
    path = tiny_gguf.write(tmp_path / "tiny.gguf")
    with pytest.raises(SettingsError, match=r"pip install 'report-qa\[local\]'"):
        choose(Settings(llm_gguf=path))


@needs_xllamacpp
def test_a_real_file_is_served_on_loopback_and_answers(tmp_path: Path) -> None:
    model = LocalModel(tiny_gguf.write(tmp_path / "tiny.gguf"), timeout=60)
    stream = model.stream(PROMPT)
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert model.name == "tiny.gguf on this machine"


@needs_xllamacpp
def test_its_tokens_are_counted_and_its_context_has_an_end(tmp_path: Path) -> None:
    model = LocalModel(tiny_gguf.write(tmp_path / "tiny.gguf"), timeout=60)
    heard: list[Piece] = []
    with pytest.raises(ModelCut):  # its nonsense has no end
        deque(map(heard.append, model.stream(PROMPT)), maxlen=0)
    (usage,) = (piece for piece in heard if isinstance(piece, TokenUsage))
    assert 0 < usage.input_tokens < 200
    assert 0 < usage.output_tokens <= ANSWER_TOKENS
    with pytest.raises(ModelContextExceeded):
        complete(model, [Message("user", "How many villages are there? " * CONTEXT_TOKENS)])


@needs_xllamacpp
def test_a_schema_binds_what_it_writes(tmp_path: Path) -> None:
    """Its weights are nonsense, so only llama.cpp's grammar can make it write the beginning of such JSON."""
    model = LocalModel(tiny_gguf.write(tmp_path / "tiny.gguf"), timeout=60)
    written = ""
    for piece in answer_text(model.stream(PROMPT, answer_schema([candidate(1, "青禾县占比达96%。")]))):
        written += piece
        if len(written) > 60:
            break
    assert re.match(r"\s*\{\s*\"sentences\"\s*:\s*\[", written)


@needs_xllamacpp
def test_a_broken_file_is_one_clear_error_each_time(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF, but not really")
    model = LocalModel(path, timeout=60)
    for _ in range(2):
        with pytest.raises(ModelUnreachable, match=r"broken\.gguf can't be loaded"):
            complete(model, PROMPT)
