"""Errors on the command line: one line that says what to do, and a traceback only with ``--debug``."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from dataclasses import dataclass


@dataclass
class State:
    """The options given before the command, and whether the output is JSON."""

    debug: bool = False
    json: bool = False
    status: int = 1
    """What an error ends with."""


def clean_up_at_sigterm() -> None:
    """Let SIGTERM end this process as an exception does, so that its temporary files go with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def report(error: Exception, state: State) -> int:
    """Print an error and return the exit status."""
    from qa.errors import QAError
    from vectorstore.errors import VectorStoreError

    if state.debug:
        traceback.print_exception(error)
    if isinstance(error, QAError | VectorStoreError):
        code, message = error.code, str(error)
    else:
        code, message = "internal", _unexpected(error)
    if state.json:
        with suppress(OSError):  # it may be the output that is full, or gone
            print(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    with suppress(OSError):
        print_error(message)
    return state.status


def print_error(message: str) -> None:
    """Print a red line to standard error."""
    from qa.cli.output import err, plain

    err().print(f"error: {plain(message)}", style="red", markup=False, highlight=False, soft_wrap=True)


def _unexpected(error: Exception) -> str:
    what = f"something unexpected went wrong ({type(error).__name__}: {error})"
    try:
        descriptor, path = tempfile.mkstemp(prefix="qa-error-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
            print("arguments:", sys.argv[1:], file=log)
            traceback.print_exception(error, file=log)
    except OSError:  # the disk may be full
        return f"{what}; `qa --debug ...` shows the traceback"
    return f"{what}; the traceback is in {path}, and `qa --debug ...` shows it"
