"""The bundled model with a training's differences: true to the embedder without any, and only for its own weights."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_reader import HIDDEN, save_tiny_reader
from vectorstore import cores
from vectorstore.embeddings import load_reader_encoder
from vectorstore.embeddings.bundled import session, token_encoder
from vectorstore.embeddings.bundled.differences import TrainedWeights, read_differences
from vectorstore.embeddings.bundled.embedder import BundledEmbedder
from vectorstore.embeddings.bundled.token_encoder import TokenEncoder
from vectorstore.embeddings.bundled.weights import Weights, read, weight_file, weight_hash
from vectorstore.errors import EmbedderError

TEXTS = [
    "query: 青山县选派了多少名农技员？",
    "query: What does a plot cost?",
    "query: " + "全县新建蔬菜大棚1200个。" * 20,
]
FIRST, LAST = 0, 2


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> TokenEncoder:
    folder = tmp_path_factory.mktemp("reader")
    return load_reader_encoder(save_tiny_reader(folder / "tiny.npz"), folder / "cache")


def sequences(encoder: TokenEncoder) -> list[list[int]]:
    return [[FIRST, *encoder.tokens(text), LAST] for text in TEXTS]


def test_without_differences_its_vectors_are_the_embedder_s(bundled: BundledEmbedder, tmp_path: Path) -> None:
    encoder = load_reader_encoder(save_tiny_reader(tmp_path / "none.npz", size=0.0), tmp_path / "cache")
    states = encoder.encode(sequences(encoder))
    expected = bundled.encode([text.removeprefix("query: ") for text in TEXTS], "query")
    for tokens, vectors, vector in zip(sequences(encoder), states, expected, strict=True):
        assert vectors.shape == (len(tokens), encoder.dimensions)
        assert vectors.dtype == np.float32
        mean = vectors.mean(axis=0)
        assert float(mean @ vector / np.linalg.norm(mean)) > 0.99


def test_differences_change_the_vectors(bundled: BundledEmbedder, tmp_path: Path) -> None:
    encoder = load_reader_encoder(save_tiny_reader(tmp_path / "large.npz", size=0.1), tmp_path / "cache")
    (states,) = encoder.encode(sequences(encoder)[:1])
    mean = states.mean(axis=0)
    vector = bundled.encode([TEXTS[0].removeprefix("query: ")], "query")[0]
    assert float(mean @ vector / np.linalg.norm(mean)) < 0.98


def test_differences_are_added_to_the_weights(weights: Weights, tmp_path: Path) -> None:
    path = save_tiny_reader(tmp_path / "tiny.npz", size=0.25)
    trained = TrainedWeights(weights, read_differences(path, weight_hash(weight_file())))
    steps = (trained.linear("l11.q.w", HIDDEN) - weights.linear("l11.q.w", HIDDEN)) / 0.25
    packed = np.load(path)["layers.11.query.weight.q"]
    assert np.allclose(steps.reshape(-1)[:4], [int(n) - 8 for b in packed[:2] for n in (b & 15, b >> 4)], atol=1e-4)
    assert not np.array_equal(trained.floats("l11.oln.b"), weights.floats("l11.oln.b"))
    assert np.array_equal(trained.linear("l10.q.w", HIDDEN), weights.linear("l10.q.w", HIDDEN))


def test_a_sequence_s_vectors_depend_on_it_alone(encoder: TokenEncoder) -> None:
    together = encoder.encode(sequences(encoder))
    for tokens, vectors in zip(sequences(encoder), together, strict=True):
        assert encoder.encode([tokens])[0].tobytes() == vectors.tobytes()
    assert encoder.encode([]) == []


class Counting:
    """A session that is slow, and counts how many sequences it runs at the same time."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self.lock = threading.Lock()

    def run(self, tokens: Sequence[int]) -> np.ndarray:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.01)
        with self.lock:
            self.running -= 1
        return np.zeros((len(tokens), HIDDEN), np.float32)


def test_readers_run_no_more_sequences_at_once_than_there_are_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "count", lambda: 2)
    monkeypatch.setattr(token_encoder, "_TURNS", session.Turns())
    folder, counting = tmp_path / "cache", Counting()
    readers = [
        load_reader_encoder(save_tiny_reader(tmp_path / f"{size}.npz", size=size), folder) for size in (0.0, 0.1)
    ]
    for reader in readers:
        monkeypatch.setattr(reader, "_session", counting)
    with ThreadPoolExecutor(6) as threads:
        done = list(threads.map(lambda turn: readers[turn % 2].encode([[FIRST, 7, LAST]] * 4), range(12)))
    assert [len(vectors) for vectors in done] == [4] * 12
    assert counting.most == 2


def test_models_of_one_weight_file_share_its_mapping_and_its_pieces(bundled: BundledEmbedder, tmp_path: Path) -> None:
    copied = tmp_path / "weights.bin"
    shutil.copy(weight_file(), copied)
    mapped = read(copied)
    assert read(copied) is mapped
    os.utime(copied, (1, 1))
    assert read(copied) is not mapped
    first, second = (load_reader_encoder(save_tiny_reader(tmp_path / f"{n}.npz", size=n), tmp_path) for n in (0.1, 0.2))
    assert first.tokens(TEXTS[1]) is second.tokens(TEXTS[1])


def test_it_is_made_once_and_named_by_both_files(encoder: TokenEncoder, tmp_path: Path) -> None:
    path, cache = save_tiny_reader(tmp_path / "tiny.npz"), tmp_path / "cache"
    first = load_reader_encoder(path, cache)
    (folder,) = cache.iterdir()
    assert folder.name == first.fingerprint == encoder.fingerprint
    times = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    again = load_reader_encoder(path, cache)
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == times
    tokens = sequences(first)[:1]
    assert again.encode(tokens)[0].tobytes() == first.encode(tokens)[0].tobytes()
    other = load_reader_encoder(save_tiny_reader(tmp_path / "other.npz", size=0.001), cache)
    assert other.fingerprint != first.fingerprint


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 64
    path.write_bytes(data)


def garbled(path: Path) -> None:
    path.write_bytes(b"not an archive")


def without_a_scale(path: Path) -> None:
    arrays = {name: array for name, array in np.load(path).items() if not name.endswith(".scale")}
    np.savez(path, **arrays)


def without_a_head(path: Path) -> None:
    np.savez(path, **{name: array for name, array in np.load(path).items() if not name.startswith("head.")})


def of_another_size(path: Path) -> None:
    np.savez(path, **dict(np.load(path)) | {"layers.11.query.weight.q": np.zeros(7, np.uint8)})


def of_a_layer_that_is_not_there(path: Path) -> None:
    np.savez(path, **dict(np.load(path)), **{"layers.12.norm.bias": np.zeros(HIDDEN, np.float16)})


def with_numbers_that_are_none(path: Path) -> None:
    np.savez(path, **dict(np.load(path)) | {"layers.11.norm.bias": np.full(HIDDEN, np.nan, np.float16)})


DAMAGES = [
    truncated, flipped, garbled, without_a_scale, without_a_head, of_another_size, of_a_layer_that_is_not_there,
    with_numbers_that_are_none,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_named(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = save_tiny_reader(tmp_path / "tiny.npz")
    damage(path)
    with pytest.raises(EmbedderError, match=r"tiny\.npz is damaged or holds no trained weights"):
        load_reader_encoder(path, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("header", [{"format": 2}, {"bits": 5}])
def test_a_file_of_another_form_is_refused(tmp_path: Path, header: dict[str, object]) -> None:
    path = save_tiny_reader(tmp_path / "tiny.npz", **header)
    with pytest.raises(EmbedderError, match=r"tiny\.npz is damaged or holds no trained weights \(format"):
        load_reader_encoder(path, tmp_path)


@pytest.mark.parametrize(("base", "said"), [({"weights": "ab" * 32}, "abab"), ({}, "unknown")])
def test_differences_from_other_weights_are_refused(tmp_path: Path, base: dict[str, str], said: str) -> None:
    path = save_tiny_reader(tmp_path / "tiny.npz", base=base)
    with pytest.raises(EmbedderError, match=rf"tiny\.npz was trained from other weights \({said}"):
        load_reader_encoder(path, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"the trained weights .*nowhere\.npz can't be read: No such file"):
        load_reader_encoder(tmp_path / "nowhere.npz", tmp_path)
