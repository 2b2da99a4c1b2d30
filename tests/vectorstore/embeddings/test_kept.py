"""Prepared models on the disk: which stay and which go, with real ones and, where only names matter, small files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.support.tiny_reader import save_tiny_reader
from vectorstore.embeddings import adopt_models, load_embedder, load_reader_encoder, remove_unused_readers
from vectorstore.embeddings.bundled.kept import READER, sweep
from vectorstore.embeddings.bundled.prepared import load_or_build

OLD_READER = f"reader-{'0' * 16}-{'1' * 16}-int8-tokens-1"
OLD_EMBEDDER = f"multilingual-e5-small-{'2' * 16}-int8-1"


def keep(folder: Path, *names: str) -> None:
    """Keep small models of these names, as another version would."""
    for name in names:
        load_or_build(folder / name, lambda: {"model.onnx": b"a model", "vocabulary.npy": b"words"})


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


_USING = """
import sys
from pathlib import Path
from vectorstore.embeddings.bundled.kept import use
held = use(Path(sys.argv[1]))
print("held" if held else "not there", flush=True)
sys.stdin.read()
"""


@contextmanager
def used_elsewhere(directory: Path) -> Iterator[None]:
    """Let another process use a model, and be killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", _USING, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.kill()


def test_what_other_versions_left_goes_when_the_new_models_are_there(tmp_path: Path) -> None:
    keep(tmp_path, OLD_READER, OLD_EMBEDDER)
    embedder = load_embedder("bundled", tmp_path)
    assert names(tmp_path) == {embedder.fingerprint, OLD_READER}  # an embedder knows nothing of readers
    reader = load_reader_encoder(save_tiny_reader(tmp_path / "reader.npz"), tmp_path)
    judge = load_reader_encoder(save_tiny_reader(tmp_path / "judge.npz", size=0.001), tmp_path)
    assert OLD_READER in names(tmp_path)
    remove_unused_readers(tmp_path)
    assert {embedder.fingerprint, reader.fingerprint, judge.fingerprint} == {
        path.name for path in tmp_path.iterdir() if path.is_dir()
    }


def test_what_a_running_process_uses_stays_until_it_ends(tmp_path: Path) -> None:
    keep(tmp_path, OLD_READER)
    with used_elsewhere(tmp_path / OLD_READER), used_elsewhere(tmp_path / OLD_READER):
        sweep(tmp_path, READER)
        assert names(tmp_path) == {OLD_READER}
    sweep(tmp_path, READER)
    assert names(tmp_path) == set()


def test_a_process_whose_model_is_taken_away_works_on_and_makes_it_again(tmp_path: Path) -> None:
    """As a server does that runs an earlier version, which doesn't say what it uses."""
    weights = save_tiny_reader(tmp_path / "reader.npz")
    cache = tmp_path / "models"
    encoder = load_reader_encoder(weights, cache)
    tokens = [[0, *encoder.tokens("青山县选派了多少名农技员？"), 2]]
    before = encoder.encode(tokens)[0]
    shutil.rmtree(cache / encoder.fingerprint)
    assert np.array_equal(encoder.encode(tokens)[0], before)
    again = load_reader_encoder(weights, cache)
    assert np.array_equal(again.encode(tokens)[0], before)
    assert names(cache) == {encoder.fingerprint}


def test_models_at_the_old_place_are_moved_and_not_made_again(tmp_path: Path) -> None:
    weights, data = save_tiny_reader(tmp_path / "reader.npz"), tmp_path / "data"
    fingerprint = load_reader_encoder(weights, data).fingerprint
    made = (data / fingerprint / "model.onnx").stat()
    keep(data, OLD_READER, OLD_EMBEDDER)
    keep(data / "models", OLD_READER)
    adopt_models(data, data / "models")
    assert names(data) == {"models"}
    encoder = load_reader_encoder(weights, data / "models")
    remove_unused_readers(data / "models")
    assert names(data / "models") == {fingerprint, OLD_EMBEDDER}
    kept = (data / "models" / encoder.fingerprint / "model.onnx").stat()
    assert (kept.st_ino, kept.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)


def test_nothing_else_is_touched(tmp_path: Path) -> None:
    keep(tmp_path, "reader-notes", "elsewhere")
    (tmp_path / "library.sqlite3").write_bytes(b"")
    (tmp_path / "reader-empty").mkdir()
    (tmp_path / OLD_READER).symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    before = names(tmp_path)
    adopt_models(tmp_path, tmp_path / "models")
    sweep(tmp_path, READER)
    assert names(tmp_path) == before


def test_what_was_being_made_when_a_process_was_killed_goes_after_a_day(tmp_path: Path) -> None:
    for name, age in ((".making-now", 0), (".making-old", 2), (".removing-old", 2)):
        keep(tmp_path / name, "half")
        then = time.time() - age * 24 * 3600
        os.utime(tmp_path / name, (then, then))
    sweep(tmp_path, READER)
    assert names(tmp_path) == {".making-now"}


def test_a_folder_that_is_not_there_or_can_t_be_written_is_no_failure(tmp_path: Path) -> None:
    sweep(tmp_path / "nowhere", READER)
    (tmp_path / "file").write_text("not a directory")
    keep(tmp_path / "data", OLD_READER)
    adopt_models(tmp_path / "data", tmp_path / "file")
    assert names(tmp_path / "data") == {OLD_READER}
