"""A model in a GGUF file on this machine, served by xllamacpp on loopback and called like any other endpoint."""

from __future__ import annotations

import importlib.util
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from qa.errors import ModelError, ModelUnreachable, SettingsError
from qa.llm.base import Message, Piece, Schema
from qa.llm.endpoint import Endpoint
from qa.messages import MODEL_FILE_FAULT

CONTEXT_TOKENS = 8192
"""For the prompt (ten passages are about 5,000 tokens) and the answer."""

ANSWER_TOKENS = 1024
"""Longest answer: a small model that loops is stopped there."""


class LocalModel:
    """A model in a GGUF file; see ``Model``. It is loaded at its first call, which can take seconds."""

    def __init__(self, path: Path, timeout: float) -> None:
        """
        Args:
            path: the GGUF file.
            timeout: seconds that it may be silent; see ``Endpoint``.

        Raises:
            SettingsError: there is no such file, or xllamacpp is not installed.
        """
        if not path.is_file():
            raise SettingsError(f"QA_LLM_GGUF is {str(path)!r}, which is no file; give the path of a GGUF file")
        if importlib.util.find_spec("xllamacpp") is None:
            raise SettingsError(
                "QA_LLM_GGUF is set, which needs the package xllamacpp; install it with: pip install 'report-qa[local]'"
            )
        self.path = path
        self.name = f"{path.name} on this machine"
        self.timeout = timeout
        self._lock = threading.Lock()
        self._server: Any = None
        self._endpoint: Endpoint | ModelError | None = None

    def stream(self, messages: Sequence[Message], schema: Schema | None = None) -> Iterator[Piece]:
        """See ``Model.stream``."""
        with self._lock:
            if self._endpoint is None:
                self._endpoint = self._started()
        if isinstance(self._endpoint, ModelError):
            raise self._endpoint
        yield from self._endpoint.stream(messages, schema)

    def _started(self) -> Endpoint | ModelError:
        """Load the file and serve it. An error is returned and kept, so a broken file isn't loaded again each time."""
        import xllamacpp as llama

        key = secrets.token_urlsafe(24)
        parameters = llama.CommonParams()
        parameters.model.path = str(self.path)
        parameters.hostnames, parameters.port, parameters.api_keys = ["127.0.0.1"], 0, [key]
        parameters.n_ctx, parameters.n_predict, parameters.n_parallel = CONTEXT_TOKENS, ANSWER_TOKENS, 1
        parameters.cpuparams.n_threads = os.cpu_count() or 1
        parameters.ui, parameters.endpoint_slots, parameters.offline, parameters.warmup = False, False, True, False
        parameters.verbosity = -1
        try:
            self._server = llama.Server(parameters)
        except RuntimeError as error:
            return ModelUnreachable(MODEL_FILE_FAULT, path=self.path, error=error)
        url = f"{self._server.listening_address}/v1"
        # llama.cpp takes thoughts out of the text itself, whatever the chat template does.
        return Endpoint(self.path.stem, url, SecretStr(key), self.timeout, thoughts="marked")
