"""A cross-encoder of a few kilobytes, made in the test: it likes the sentences whose characters the question has."""

from __future__ import annotations

from pathlib import Path

ALPHABET = (
    "青山县选派了多少名农技员白河市和的大棚各有哪个地方最新建蔬菜驻村指导培训民 howmanyplesrbufdt0123456789?？，。"
)


def save_tiny_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """Save a sentence-transformers cross-encoder with ``labels`` outputs, the same at every call, in ``folder``."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(ALPHABET.replace(" ", ""))]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=256,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt"), model_max_length=256).save_pretrained(folder)
    CrossEncoder(str(folder)).save_pretrained(str(folder))
    return folder
