"""What is kept of the model: whole or built anew, and never needed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vectorstore.embeddings import load_embedder
from vectorstore.embeddings.bundled.embedder import BundledEmbedder
from vectorstore.embeddings.bundled.prepared import Files, load_or_build

FILES = {"model.onnx": b"model" * 100, "vocabulary.npy": b"vocabulary"}


class Builder:
    """Builds FILES, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Files:
        self.times += 1
        return dict(FILES)


def _truncate(directory: Path) -> None:
    (directory / "model.onnx").write_bytes(FILES["model.onnx"][:-1])


def _flip(directory: Path) -> None:
    data = bytearray(FILES["model.onnx"])
    data[7] ^= 16
    (directory / "model.onnx").write_bytes(data)


def _remove_file(directory: Path) -> None:
    (directory / "vocabulary.npy").unlink()


def _remove_manifest(directory: Path) -> None:
    (directory / "manifest.json").unlink()


def _garble_manifest(directory: Path) -> None:
    (directory / "manifest.json").write_bytes(b"\xff\xfe{")


def _empty_manifest(directory: Path) -> None:
    (directory / "manifest.json").write_text("{}")


def _other_manifest(directory: Path) -> None:
    (directory / "manifest.json").write_text("[1, 2]")


def test_built_once_and_read_after_that(tmp_path: Path) -> None:
    build = Builder()
    assert load_or_build(tmp_path / "kept", build) == FILES
    assert load_or_build(tmp_path / "kept", build) == FILES
    assert build.times == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    "damage",
    [_truncate, _flip, _remove_file, _remove_manifest, _garble_manifest, _empty_manifest, _other_manifest],
    ids=lambda damage: damage.__name__.strip("_"),
)
def test_what_is_damaged_is_built_anew(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    build = Builder()
    load_or_build(tmp_path / "kept", build)
    damage(tmp_path / "kept")
    assert load_or_build(tmp_path / "kept", build) == FILES
    assert load_or_build(tmp_path / "kept", build) == FILES
    assert build.times == 2
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_place_that_cant_be_written_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a directory")
    build = Builder()
    assert load_or_build(tmp_path / "file" / "kept", build) == FILES
    assert "can't be kept" in caplog.text


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> Files:
        raise ValueError("no such tensor")

    with pytest.raises(ValueError, match="no such tensor"):
        load_or_build(tmp_path / "kept", fail)
    assert list(tmp_path.iterdir()) == []


def test_several_may_build_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: load_or_build(tmp_path / "kept", Builder()), range(16)))
    assert all(files == FILES for files in results)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    fresh = Builder()
    assert load_or_build(tmp_path / "kept", fresh) == FILES
    assert fresh.times == 0


def test_a_damaged_model_is_mended_when_the_embedder_loads(bundled: BundledEmbedder, tmp_path: Path) -> None:
    first = load_embedder("bundled", tmp_path)
    model = tmp_path / first.fingerprint / "model.onnx"
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2])
    second = load_embedder("bundled", tmp_path)
    assert model.read_bytes() == whole
    assert second.encode(["甲"], "query").tobytes() == bundled.encode(["甲"], "query").tobytes()
