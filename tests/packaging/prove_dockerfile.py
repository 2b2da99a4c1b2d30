"""Runs the Dockerfile's steps in bare Debian roots, where no container engine is at hand.

``sudo python tests/packaging/prove_dockerfile.py ROOT`` takes a root made by ``debootstrap --variant=minbase bookworm
ROOT``, which has the Python of the base image; each stage is a copy of it. The steps run by ``chroot``, then
the server as the image's user with its command and its health check, twice, and a question is asked of it each time.
Not a part of the suite: it needs root, Debian's packages and a package index.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
QUESTION = "中江县换届后村党组织书记、主任一肩挑占比是多少？"
PYTHON = "apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv ca-certificates"
START_SECONDS = 300
CHROOT = shutil.which("chroot") or "/usr/sbin/chroot"  # the image's PATH has no sbin
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass
class Stage:
    """A root, and what the instructions so far have said about what runs in it."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"})
    user: str = "root"
    workdir: str = "/"
    health: str = ""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def argv(self, command: list[str]) -> list[str]:
        """``command`` in this root, in mount and process namespaces of its own, so that nothing outlives it."""
        inner = f"cd {shlex.quote(self.workdir)} && exec {shlex.join(command)}"
        prepare = f"mount -t proc proc {shlex.quote(str(self.root / 'proc'))} && exec "
        chroot = [CHROOT, f"--userspec={self.user}", str(self.root), "/bin/sh", "-c", inner]
        return ["unshare", "--mount", "--pid", "--fork", "sh", "-c", prepare + shlex.join(chroot)]

    def run(self, script: str) -> None:
        subprocess.run(self.argv(["/bin/sh", "-c", script]), env=self.env, check=True)

    def inside(self, path: str) -> Path:
        """Where ``path`` of this root is outside of it."""
        return self.root / os.path.normpath(Path("/", self.workdir, path)).lstrip("/")


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """The instructions and their arguments, continued lines joined."""
    lines = [line for line in dockerfile.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


def copy(stages: dict[str, Stage], stage: Stage, arguments: str) -> None:
    """COPY, from the repository or from another stage."""
    *sources, target = shlex.split(arguments)
    origin = REPOSITORY
    if sources[0].startswith("--from="):
        origin = stages[sources.pop(0).removeprefix("--from=")].root
    ignore = shutil.ignore_patterns("__pycache__") if origin == REPOSITORY else None
    for name in sources:
        source, place = origin / name.lstrip("/"), stage.inside(target)
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, ignore=ignore, dirs_exist_ok=True)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, place)


def carry_out(stages: dict[str, Stage], stage: Stage, name: str, arguments: str) -> None:
    """One instruction other than FROM."""
    print(f"--- {name} {arguments}", flush=True)
    match name:
        case "RUN":
            stage.run(arguments)
        case "COPY":
            copy(stages, stage, arguments)
        case "ENV":
            stage.env |= dict(pair.split("=", 1) for pair in shlex.split(arguments))
        case "WORKDIR":
            stage.workdir = arguments
            stage.inside(".").mkdir(parents=True, exist_ok=True)
        case "USER":
            stage.user = arguments
        case "HEALTHCHECK":
            stage.health = arguments.partition("CMD ")[2]
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(arguments)
        case "CMD":
            stage.command = json.loads(arguments)
        case "VOLUME" | "EXPOSE":
            pass
        case _:
            sys.exit(f"this script doesn't know {name}; teach it")


def build(base: Path, work: Path) -> Stage:
    """All stages; the last one is returned."""
    stages: dict[str, Stage] = {}
    stage = Stage(base)
    for name, arguments in instructions(REPOSITORY / "Dockerfile"):
        if name != "FROM":
            carry_out(stages, stage, name, arguments)
            continue
        label = arguments.split(" AS ")[1] if " AS " in arguments else "last"
        stage = stages[label] = Stage(work / label)
        subprocess.run(["cp", "--archive", "--reflink=auto", base, stage.root], check=True)
        if CERTIFICATES.exists():  # this machine's way out may have a certificate of its own
            shutil.copy(CERTIFICATES, stage.root / CERTIFICATES.relative_to("/"))
            stage.env |= {"SSL_CERT_FILE": str(CERTIFICATES), "PIP_CERT": str(CERTIFICATES)}
    return stage


def prepare(base: Path) -> None:
    """What the base image has and a bare root doesn't: this machine's resolver, and Python."""
    for name in ("resolv.conf", "hosts"):
        shutil.copy(Path("/etc") / name, base / "etc" / name)
    if not (base / "usr/bin/python3").exists():
        Stage(base, env={**Stage(base).env, "DEBIAN_FRONTEND": "noninteractive"}).run(PYTHON)


def try_out(stage: Stage) -> None:
    """Start the server as the image would, wait until it is ready, ask, check its health, end it, start it again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stage.env |= {"QA_PORT": str(listener.getsockname()[1]), "QA_HOST": "127.0.0.1"}
    ready = f"http://127.0.0.1:{stage.env['QA_PORT']}/readyz"
    for start in ("first", "second"):
        began = time.monotonic()
        server = subprocess.Popen(stage.argv(stage.entrypoint + stage.command), env=stage.env)
        try:
            while not answers(ready):
                if server.poll() is not None or time.monotonic() - began > START_SECONDS:
                    sys.exit(f"the server did not become ready (status {server.poll()})")
                time.sleep(0.2)
            print(f"--- {start} start: ready in {time.monotonic() - began:.1f} s", flush=True)
            stage.run(stage.health)
            subprocess.run(stage.argv([*stage.entrypoint, "ask", "--", QUESTION]), env=stage.env, check=True)
        finally:
            stop(server)
    stage.run("id; du -sh /opt/venv /data")


def stop(server: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the server itself, the first process of its namespace; ``unshare`` only waits for it."""
    if server.poll() is None:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGTERM)
        server.wait(timeout=60)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, help="what debootstrap made; Python is installed into it")
    base = parser.parse_args().root.resolve()
    prepare(base)
    with tempfile.TemporaryDirectory(dir=base.parent) as work:
        try_out(build(base, Path(work)))
    print("--- the Dockerfile's steps work", flush=True)


if __name__ == "__main__":
    main()
