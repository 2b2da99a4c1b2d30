"""Errors on the command line: one line that says what to do, and a traceback only with ``--debug``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from dataclasses import dataclass


@dataclass
class State:
    """The options given before the command, and whether the output is JSON."""

    debug: bool = False
    json: bool = False
    status: int = 1
    """What an error ends with."""


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
        print(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    print_error(message)
    return state.status


def print_error(message: str) -> None:
    """Print a red line to standard error."""
    from qa.cli.output import err, plain

    err().print(f"error: {plain(message)}", style="red", markup=False, highlight=False, soft_wrap=True)


def _unexpected(error: Exception) -> str:
    descriptor, path = tempfile.mkstemp(prefix="qa-error-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
        print("arguments:", sys.argv[1:], file=log)
        traceback.print_exception(error, file=log)
    return (
        f"something unexpected went wrong ({type(error).__name__}: {error}); "
        f"the traceback is in {path}, and `qa --debug ...` shows it"
    )
