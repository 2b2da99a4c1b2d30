"""One process owns a library; the others learn which."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vectorstore.errors import LibraryLocked, Owner
from vectorstore.library import Library
from vectorstore.storage.lock import Lock, read_owner

Open = Callable[..., Library]

_HOLD = """
import sys
from pathlib import Path
from vectorstore.storage.lock import Lock
lock = Lock(Path(sys.argv[1]), "http://127.0.0.1:8000")
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


def hold(data_dir: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("")


def test_another_process_is_named(open_library: Open, tmp_path: Path) -> None:
    holder = hold(tmp_path / "data")
    try:
        with pytest.raises(
            LibraryLocked, match=rf"process {holder.pid}.*127\.0\.0\.1:8000.*another data directory"
        ) as e:
            open_library()
        owner = read_owner(tmp_path / "data")
        assert e.value.owner == owner
        assert owner is not None
        assert (owner.pid, owner.url) == (holder.pid, "http://127.0.0.1:8000")
        assert owner.command.startswith("-c")
    finally:
        end(holder)
    assert read_owner(tmp_path / "data") is None
    open_library().close()


def test_a_killed_owner_leaves_no_lock(open_library: Open, tmp_path: Path) -> None:
    holder = hold(tmp_path / "data")
    holder.send_signal(signal.SIGKILL)
    end(holder)
    assert (tmp_path / "data" / "owner.json").exists()
    assert read_owner(tmp_path / "data") is None
    with open_library() as library:
        library.set_owner_url("http://127.0.0.1:1")
        assert read_owner(tmp_path / "data") == Owner(os.getpid(), read_command(tmp_path), "http://127.0.0.1:1")


def read_command(tmp_path: Path) -> str:
    owner = read_owner(tmp_path / "data")
    assert owner is not None
    return owner.command


def test_the_same_process_is_refused_too(open_library: Open) -> None:
    with open_library(owner_url="http://127.0.0.1:2"):
        with pytest.raises(LibraryLocked) as caught:
            open_library()
        assert caught.value.owner is not None
        assert caught.value.owner.pid == os.getpid()
    open_library().close()


def test_a_note_that_makes_no_sense_is_no_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectorstore.storage.lock._PATIENCE", 0.02)
    lock = Lock(tmp_path)
    for nonsense in (b"", b"\xff", b"[]", b"{}", b'{"pid": "x", "command": 1, "url": 2}'):
        (tmp_path / "owner.json").write_bytes(nonsense)
        assert read_owner(tmp_path) is None
        with pytest.raises(LibraryLocked, match="in use by another process") as caught:
            Lock(tmp_path)
        assert caught.value.owner is None
    lock.release()


def test_nobody_owns_what_is_not_there(tmp_path: Path) -> None:
    assert read_owner(tmp_path / "nowhere") is None
    assert not (tmp_path / "nowhere").exists()


def test_a_closed_library_can_be_closed_again(open_library: Open) -> None:
    library = open_library()
    library.close()
    library.close()
