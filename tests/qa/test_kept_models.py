"""Where a process keeps the models that it makes, in a data directory that an earlier version left."""

from __future__ import annotations

from pathlib import Path

from qa.pipeline import build, open_library
from qa.settings import Settings
from tests.support import models
from tests.support.served import serving
from vectorstore.embeddings.bundled.kept import EMBEDDER, READER, sweep
from vectorstore.embeddings.bundled.prepared import load_or_build

OF_BEFORE = f"reader-{'0' * 16}-{'1' * 16}-int8-tokens-1"


def test_models_of_an_earlier_version_are_moved_or_removed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    models.lend(data)
    for path in (data / "models").glob("reader-*"):
        path.rename(data / path.name)  # where they were kept before
    for place in (data, data / "models"):
        load_or_build(place / OF_BEFORE, lambda: {"model.onnx": b"of other weights"})
    made = {path.parent.name: path.stat() for path in data.rglob("model.onnx") if path.parent.name != OF_BEFORE}
    assert len(made) == 3
    settings = Settings(data_dir=data)
    for _ in range(2):
        with open_library(settings) as library:
            assert build(settings, library).answerer.name == "extractive"
        assert [path.name for path in data.glob("*-*")] == []
        kept = {path.parent.name: path.stat() for path in (data / "models").glob("*/model.onnx")}
        assert {name: (at.st_ino, at.st_mtime_ns) for name, at in kept.items()} == {
            name: (at.st_ino, at.st_mtime_ns) for name, at in made.items()
        }


def test_another_version_beside_a_server_leaves_its_models(tmp_path: Path) -> None:
    """Until it has stopped; then they are as good as left behind."""
    data = tmp_path / "data"
    report = tmp_path / "report.md"
    report.write_text("青山县新建蔬菜大棚120个。", "utf-8")
    with serving(data, "--seeds", str(report)):
        kept = {path.name for path in (data / "models").iterdir()}
        assert len(kept) == 3
        for kind in (EMBEDDER, READER):
            sweep(data / "models", kind)
        assert {path.name for path in (data / "models").iterdir()} == kept
    for kind in (EMBEDDER, READER):
        sweep(data / "models", kind)
    assert list((data / "models").iterdir()) == []
