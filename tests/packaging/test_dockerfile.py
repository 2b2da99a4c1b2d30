"""The Dockerfile as far as it can be tried without a container engine: it is understood, and what it copies builds."""

from __future__ import annotations

import shlex
import shutil
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packaging.building import uv
from tests.packaging.prove_dockerfile import REPOSITORY, instructions

KNOWN = {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD", "VOLUME", "EXPOSE"}


def copied() -> list[tuple[str, str]]:
    """Source and target of what the Dockerfile copies from the repository."""
    arguments = [shlex.split(rest) for name, rest in instructions(REPOSITORY / "Dockerfile") if name == "COPY"]
    return [
        (source, target) for *sources, target in arguments if not sources[0].startswith("--from=") for source in sources
    ]


def test_instructions_are_those_that_the_proof_knows() -> None:
    assert {name for name, _ in instructions(REPOSITORY / "Dockerfile")} <= KNOWN


def test_what_is_copied_exists_and_reaches_the_builder() -> None:
    everything, *let_through = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()[1:]
    assert everything == "*"
    for source, _ in copied():
        assert (REPOSITORY / source).exists(), source
        assert f"!{source}" in let_through


@pytest.mark.skipif(find_spec("uv") is None, reason="needs uv, which `make setup` installs")
def test_wheel_builds_from_what_is_copied(tmp_path: Path) -> None:
    for source, target in copied():
        place = tmp_path / target
        if (REPOSITORY / source).is_dir():
            shutil.copytree(REPOSITORY / source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(REPOSITORY / source, place)
    uv("build", "--wheel", "--out-dir", "dist", directory=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {"qa/cli/__init__.py", "qa/_prompts/answer.en.md", "qa_eval/cli.py"} <= set(archive.namelist())
