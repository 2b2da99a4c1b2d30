"""Training the reader: a stopped run that goes on ends where an uninterrupted one does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.training.reader import groups as records
from eval.training.reader.config import TINY, load
from eval.training.reader.encode import encode_groups, tokenizer
from eval.training.reader.pairs import Document, pair_groups
from vectorstore.embeddings import export_bundled

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")
pytest.importorskip("safetensors", reason="training needs safetensors: pip install -e '.[train]'")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("base") / "e5"
    export_bundled(folder)
    yield folder
    (folder / "model.safetensors").unlink()  # 470 MB


@pytest.fixture
def data(tmp_path: Path, documents: list[Document]) -> Path:
    groups = [group for round in range(3) for group in pair_groups(documents, round)]
    encoded = encode_groups(tokenizer(), groups)
    for part in ("train", "valid"):
        encoded.save(tmp_path / f"{part}.npz")
        records.write(tmp_path / f"{part}.jsonl.gz", groups)
    return tmp_path


def packed(base: Path, run: Path, out: Path) -> str:
    from eval.training.reader.pack import pack

    return pack(base, run, out, 4).split()[0]


def test_a_stopped_run_goes_on_to_the_same_artefact(base: Path, data: Path, tmp_path: Path) -> None:
    from eval.training.reader.train import train

    assert train(base, data, tmp_path / "whole", TINY)
    assert not train(base, data, tmp_path / "parts", TINY, stop_after=3)
    assert train(base, data, tmp_path / "parts", TINY)
    whole, parts = (packed(base, tmp_path / name, tmp_path / f"{name}.npz") for name in ("whole", "parts"))
    assert whole == parts
    assert "CC BY-SA 4.0" in (tmp_path / "whole.md").read_text("utf-8")
    log = [json.loads(line) for line in (tmp_path / "whole" / "log.jsonl").read_text("utf-8").splitlines()]
    assert log[-1]["step"] == log[-1]["steps"]
    assert log[-1]["group_loss"] < log[0]["group_loss"]

    from eval.training.reader.evaluate import evaluate

    both = [evaluate(base, data, tmp_path / name, ["valid"], 1)["valid"]["all"] for name in ("whole", "whole.npz")]
    assert both[0]["answerable"] == both[1]["answerable"] == 24
    assert abs(both[0]["auc"] - both[1]["auc"]) < 0.1
    assert evaluate(base, data, None, ["valid"], 1)["valid"]["all"]["right"] > 0.5

    with pytest.raises(ValueError, match="other settings or data"):
        train(base, data, tmp_path / "whole", load(None, True, seed=7))
    with pytest.raises(ValueError, match=r"trained layers\.10\..*which frozen_layers = 11 keeps"):
        train(base, data, tmp_path / "next", replace(TINY, frozen_layers=11), start=tmp_path / "whole")
    for start in ("whole", "whole.npz"):
        train(base, data, tmp_path / "next", replace(TINY, seed=7), start=tmp_path / start, stop_after=2)
        lines = (tmp_path / "next" / "log.jsonl").read_text("utf-8").splitlines()
        assert json.loads(lines[0])["group_loss"] < log[0]["group_loss"]
        shutil.rmtree(tmp_path / "next")


def test_the_mean_of_a_run_and_an_artefact_lies_between_them(base: Path, data: Path, tmp_path: Path) -> None:
    from eval.training.reader.pack import averaged, pack, unpack
    from eval.training.reader.train import train

    train(base, data, tmp_path / "first", TINY)
    train(base, data, tmp_path / "second", replace(TINY, seed=7))
    made = [tmp_path / f"{name}.npz" for name in ("first", "second", "mean")]
    for run, out in zip(("first", "second"), made[:2], strict=True):
        pack(base, tmp_path / run, out, 8)
    pack(base, tmp_path / "second", made[2], 8, made[0], 0.75)
    first, second, mean = (unpack(base, path) for path in made)
    name = "layers.11.query.weight"
    wanted = 0.75 * second[name] + 0.25 * first[name]
    assert torch.allclose(mean[name], wanted, atol=1e-4)
    assert (first[name] - second[name]).abs().max() > 5e-4
    assert "mean of that run (0.75)" in (tmp_path / "mean.md").read_text("utf-8")
    with pytest.raises(ValueError, match=r"only one of both has head\.weight"):
        averaged(first, {key: value for key, value in second.items() if key != "head.weight"}, 0.5)


@pytest.mark.parametrize("bits", [3, 4, 8])
def test_packed_bits_are_unpacked(bits: int) -> None:
    from eval.training.reader.pack import pack_bits, quantise
    from vectorstore.embeddings.bundled.differences import unpack_bits

    rows = np.random.default_rng(1).normal(size=(6, 16)).astype(np.float32)
    values, scale = quantise(rows, bits)
    assert np.array_equal(unpack_bits(pack_bits(values, bits), bits, (6, 16)), values)
    error = np.abs(values * scale.astype(np.float32)[:, None] - rows).mean()
    assert error < {3: 0.35, 4: 0.15, 8: 0.01}[bits]


def test_the_loss_is_that_of_its_definition(documents: list[Document]) -> None:
    from eval.training.reader.loss import listwise, sentencewise
    from eval.training.reader.model import collate

    batch = collate(encode_groups(tokenizer(), list(pair_groups(documents, 0))[:2]), [0, 1])
    scores = torch.tensor([1.0, -2.0, 0.5, 0.3, -1.0, 2.0])
    e = np.exp(scores.numpy())
    wanted = np.mean([-np.log(e[0] / (1 + e[:3].sum())), -np.log(1 / (1 + e[3:].sum()))])
    assert float(listwise(scores, batch)) == pytest.approx(float(wanted), abs=1e-5)
    single = [np.log1p(1 / e[0]) / 2 + np.log1p(e[1:3]).mean() / 2, np.log1p(e[3:]).mean()]
    assert float(sentencewise(scores, batch)) == pytest.approx(float(np.mean(single)), abs=1e-5)


def test_the_untrained_encoder_gives_the_embedder_s_vectors(base: Path) -> None:
    """The product's own engine runs in 8 bits: the direction is the same, not every digit."""
    from eval.training.reader.encode import Encoded
    from eval.training.reader.model import collate, load_reader
    from vectorstore.embeddings import load_embedder

    texts = ["柳湾水库的蓄水量为412万吨。", "What does a plot cost?"]
    encode = tokenizer()
    rows = [[0, *encode(f"query: {text}"), 2] for text in texts]
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    each = np.arange(3, dtype=np.int32)
    bounds = np.array([(0, len(row)) for row in rows], dtype=np.int32)
    encoded = Encoded(np.concatenate(rows).astype(np.int32), ends, each, each, bounds, np.zeros(2, np.int8))
    reader = load_reader(base, 0, 0.0, 0).eval()
    batch = collate(encoded, [0, 1])
    with torch.no_grad():
        members = reader.states(batch)[batch.members]
    for number, expected in enumerate(load_embedder("bundled", base.parent / "cache").encode(texts, "query")):
        mean = members[batch.sentences == number].mean(0).numpy()
        assert float(mean @ expected / np.linalg.norm(mean)) > 0.97
