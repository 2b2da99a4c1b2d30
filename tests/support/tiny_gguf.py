"""A tiny language model with random weights in a GGUF file: it says nothing sensible, through the real machinery.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; the architecture is "llama" with one layer, and a
byte-level vocabulary of the SentencePiece kind.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

_ALIGNMENT = 32
_UINT32, _FLOAT32, _BOOL, _STRING, _ARRAY, _INT32 = 4, 6, 7, 8, 9, 5
_WIDTH, _FEED_FORWARD, _HEADS, _CONTEXT = 64, 128, 4, 16384
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6
_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\n' }}{% endfor %}assistant: "
)


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def _array(kind: int, values: list[bytes]) -> bytes:
    return struct.pack("<IQ", kind, len(values)) + b"".join(values)


def _metadata() -> dict[str, tuple[int, bytes]]:
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "甲", "县", "。"]
    kinds = [_UNKNOWN, _CONTROL, _CONTROL, *[_BYTE] * 256, *[_NORMAL] * 4]
    number = {
        "llama.block_count": 1,
        "llama.context_length": _CONTEXT,
        "llama.embedding_length": _WIDTH,
        "llama.feed_forward_length": _FEED_FORWARD,
        "llama.attention.head_count": _HEADS,
        "llama.attention.head_count_kv": _HEADS,
        "llama.rope.dimension_count": _WIDTH // _HEADS,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "general.alignment": _ALIGNMENT,
    }
    return {
        "general.architecture": (_STRING, _text("llama")),
        "general.name": (_STRING, _text("tiny")),
        **{name: (_UINT32, struct.pack("<I", value)) for name, value in number.items()},
        "llama.attention.layer_norm_rms_epsilon": (_FLOAT32, struct.pack("<f", 1e-5)),
        "tokenizer.ggml.model": (_STRING, _text("llama")),
        "tokenizer.ggml.tokens": (_ARRAY, _array(_STRING, [_text(token) for token in tokens])),
        "tokenizer.ggml.scores": (_ARRAY, _array(_FLOAT32, [struct.pack("<f", -float(i)) for i in range(len(tokens))])),
        "tokenizer.ggml.token_type": (_ARRAY, _array(_INT32, [struct.pack("<i", kind) for kind in kinds])),
        "tokenizer.chat_template": (_STRING, _text(_TEMPLATE)),
    }


def _tensors(vocabulary: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    shapes = {
        "token_embd.weight": (vocabulary, _WIDTH),
        "output.weight": (vocabulary, _WIDTH),
        **{f"blk.0.attn_{name}.weight": (_WIDTH, _WIDTH) for name in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": (_FEED_FORWARD, _WIDTH),
        "blk.0.ffn_up.weight": (_FEED_FORWARD, _WIDTH),
        "blk.0.ffn_down.weight": (_WIDTH, _FEED_FORWARD),
    }
    made = {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    norms = ("output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight")
    return made | {name: np.ones(_WIDTH, np.float32) for name in norms}


def write(path: Path) -> Path:
    """Write the model (about 0.4 MB) and return its path."""
    metadata = _metadata()
    tensors = _tensors(vocabulary=263)
    head = struct.pack("<IIQQ", 0x46554747, 3, len(tensors), len(metadata))
    for name, (kind, value) in metadata.items():
        head += _text(name) + struct.pack("<I", kind) + value
    data = b""
    for name, tensor in tensors.items():
        dimensions = tensor.shape[::-1]
        head += _text(name) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, 0, len(data))
        data += tensor.tobytes() + b"\0" * (-tensor.nbytes % _ALIGNMENT)
    path.write_bytes(head + b"\0" * (-len(head) % _ALIGNMENT) + data)
    return path
