"""Starts ``qa`` processes in no time: everything is imported once, and each process is a fork of that.

Run as a program, it reads a JSON object from each line of standard input (``arguments``, ``environment``, ``log``),
starts ``qa`` with those arguments, and prints the process id.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support.served import environment


class Nursery:
    """A program whose children are ``qa`` processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(folder),
        )

    def start(self, name: str, *arguments: str, **settings: str) -> Child:
        """Start ``qa`` with a data directory called ``name``."""
        asked = {
            "arguments": arguments,
            "environment": {"QA_DATA_DIR": str(self._folder / name), **settings},
            "log": str(self._folder / f"{name}.log"),
        }
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(asked) + "\n")
        self._program.stdin.flush()
        return Child(int(self._program.stdout.readline()))

    def close(self) -> None:
        """End the program; its children must be over."""
        self._program.communicate(timeout=60)


class Child:
    """A process that the nursery started, and reaps."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def send(self, number: int) -> None:
        """Send a signal; one that is over gets none."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    @property
    def is_over(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False


def main() -> None:
    """Fork for each line, until there is none."""
    _import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _become(json.loads(line))
        print(child, flush=True)


def _import_all() -> None:

    import vectorstore.embeddings.bundled  # noqa: F401


def _become(asked: dict[str, Any]) -> None:
    os.environ.update(asked["environment"])
    with Path(os.devnull).open() as empty, Path(asked["log"]).open("a") as log:
        for number, file in enumerate((empty, log, log)):
            os.dup2(file.fileno(), number)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)  # what was read from before can't be set anew
    status = 1
    try:
        if asked["arguments"][0] == "migrate":
            from vectorstore.storage.database import Database

            place = asked["arguments"][1]
            Database(place if "://" in place else Path(place)).close()
        else:
            from qa.cli import main

            sys.argv = ["qa", *asked["arguments"]]
            main()
        status = 0
    except SystemExit as over:
        status = over.code if isinstance(over.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
