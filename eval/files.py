"""Writing files: wholly or not at all, and refused before hours of asking instead of behind them."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import EvalError


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8; its folder is made when there is none.

    What was there stays until the whole text is written, so that a full disk or a signal leaves the one or the other.
    A link, a terminal and a pipe are written to as they are.

    Raises:
        EvalError: it can't be written.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_text(text, encoding="utf-8")
            return
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise EvalError(f"{path} can't be written: {error}") from error


def require_writable(path: Path) -> None:
    """Make the folder of a file that is to be written.

    Raises:
        EvalError: the file could not be written then.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvalError(f"{path} can't be written: {error}") from error
    if path.is_dir():
        raise EvalError(f"{path} can't be written: it is a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise EvalError(f"{path} can't be written: permission denied")
