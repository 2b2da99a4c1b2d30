"""A Postgres server for the tests: on a free port of this machine, in a folder of its own, as a user without rights."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.served import free_port

REQUIRED = "POSTGRES_TESTS"
"""With this variable set, a missing Postgres is a failure and no reason to skip."""
_START_SECONDS = 60.0
# Nothing here outlives the tests. On the port alone: a socket's path has few characters.
_OPTIONS = ("fsync=off", "unix_socket_directories=", "listen_addresses=127.0.0.1", "max_connections=200")


def missing() -> str | None:
    """Return why the tests can't have a server, or None when they can."""
    if _programs() is None:
        return "Postgres is not installed (Debian: apt-get install postgresql)"
    return None


@contextmanager
def server() -> Iterator[str]:
    """Run a server and yield its URL, up to and with the last slash."""
    programs = _programs()
    assert programs is not None
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="postgres-tests-"))
    if user is not None:
        shutil.chown(folder, user)
    try:
        with (folder / "log").open("w") as log:
            make = ["-D", folder / "data", "-U", "qa", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
            subprocess.run([programs / "initdb", *make], user=user, cwd=folder, check=True, stdout=log, stderr=log)
            port = free_port()
            options = [word for option in _OPTIONS for word in ("-c", option)]
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-p", str(port), *options],
                user=user, cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            url = f"postgresql://qa@127.0.0.1:{port}/"
            _wait(url, process, folder / "log")
            yield url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(folder)


def run(url: str, statement: str) -> None:
    """Run a statement by itself, in the database ``postgres`` of a server."""
    import psycopg

    with psycopg.connect(f"{url}postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _programs() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _user() -> str | None:
    """Return whom to run it as: Postgres refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"{getpass.getuser()}'s Postgres did not start: {log.read_text()}"
        with suppress(psycopg.OperationalError):
            psycopg.connect(f"{url}postgres").close()
            return
        time.sleep(0.05)
