"""The reader in torch: the bundled encoder without padding, and one linear unit over each sentence's token vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .encode import Encoded

HIDDEN, HEADS, LAYERS, FEED_FORWARD, EPSILON = 384, 12, 12, 1536, 1e-12
FAR = -1e4
SIMILAR = 1.25
"""Sequences whose lengths differ by less than this factor attend in one batch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some groups as tensors. Sequences lie one behind the other, the shortest first, and are never padded."""

    tokens: Tensor
    """Shape (tokens,)."""
    places: Tensor
    """Of each token in its sequence; shape (tokens,)."""
    runs: tuple[tuple[int, int, Tensor], ...]
    """Of sequences that attend in one batch: first token, end, and lengths."""
    members: Tensor
    """Tokens that belong to a sentence; shape (members,)."""
    sentences: Tensor
    """The sentence of each of those; shape (members,)."""
    groups: Tensor
    """The group of each sentence; shape (sentences,)."""
    labels: Tensor
    """Shape (sentences,)."""
    count: int
    """Of groups."""


def collate(data: Encoded, chosen: list[int]) -> Batch:
    """Return groups as a batch; sentences are in the order of groups, sequences and sentences of ``data``."""
    sequences = [(at, group) for group in chosen for at in range(data.groups[group], data.groups[group + 1])]
    first_sentence = np.cumsum([0] + [data.sentences[at + 1] - data.sentences[at] for at, _ in sequences])
    lengths = [int(data.sequences[at + 1] - data.sequences[at]) for at, _ in sequences]
    order = sorted(range(len(sequences)), key=lambda i: lengths[i])
    starts = np.cumsum([0] + [lengths[i] for i in order])
    members, sentences = [], []
    for place, i in enumerate(order):
        at = sequences[i][0]
        for number, (start, end) in enumerate(data.bounds[data.sentences[at] : data.sentences[at + 1]]):
            members.append(np.arange(starts[place] + start, starts[place] + end))
            sentences.append(np.full(end - start, first_sentence[i] + number))
    group_of = {group: number for number, group in enumerate(chosen)}
    owners = [np.full(data.sentences[at + 1] - data.sentences[at], group_of[group]) for at, group in sequences]
    labels = [data.labels[data.sentences[at] : data.sentences[at + 1]] for at, _ in sequences]
    tokens = [data.tokens[data.sequences[at] : data.sequences[at + 1]] for at in (sequences[i][0] for i in order)]
    return Batch(
        torch.from_numpy(np.concatenate(tokens).astype(np.int64)),
        torch.from_numpy(np.concatenate([np.arange(lengths[i]) for i in order])),
        tuple(_runs([lengths[i] for i in order])),
        torch.from_numpy(np.concatenate(members)),
        torch.from_numpy(np.concatenate(sentences).astype(np.int64)),
        torch.from_numpy(np.concatenate(owners).astype(np.int64)),
        torch.from_numpy(np.concatenate(labels).astype(np.int64)),
        len(chosen),
    )


def _runs(lengths: list[int]) -> list[tuple[int, int, Tensor]]:
    found, first, start = [], 0, 0
    for at in range(1, len(lengths) + 1):
        if at == len(lengths) or lengths[at] > SIMILAR * lengths[first]:
            end = start + sum(lengths[first:at])
            found.append((start, end, torch.tensor(lengths[first:at])))
            first, start = at, end
    return found


class Layer(nn.Module):
    """A transformer layer over sequences that lie one behind the other."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(HIDDEN, HIDDEN) for _ in range(3))
        self.attended = nn.Linear(HIDDEN, HIDDEN)
        self.attended_norm = nn.LayerNorm(HIDDEN, EPSILON)
        self.wide = nn.Linear(HIDDEN, FEED_FORWARD)
        self.narrow = nn.Linear(FEED_FORWARD, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, batch: Batch) -> Tensor:
        """Return the states after this layer, shape (tokens, HIDDEN)."""
        query, key, value = self.query(states), self.key(states), self.value(states)
        sizes = [end - start for start, end, _ in batch.runs]
        parts = zip(query.split(sizes), key.split(sizes), value.split(sizes), batch.runs, strict=True)
        heard = torch.cat([_attend(q, k, v, lengths) for q, k, v, (_, _, lengths) in parts])
        states = self.attended_norm(states + self.dropout(self.attended(heard)))
        widened = functional.gelu(self.wide(states))
        normed: Tensor = self.norm(states + self.dropout(self.narrow(widened)))
        return normed


def _attend(query: Tensor, key: Tensor, value: Tensor, lengths: Tensor) -> Tensor:
    """Return softmax attention within each of ``lengths`` sequences, shape (tokens, HIDDEN).

    Written out, since on a CPU the backward pass of torch's fused attention takes a third of the whole training.
    """
    count, longest, width = len(lengths), int(lengths.max()), HIDDEN // HEADS
    real = torch.arange(longest) < lengths[:, None]
    even = bool(real.all())

    def padded(flat: Tensor) -> Tensor:
        if even:
            rows = flat.view(count, longest, HIDDEN)
        else:
            rows = flat.new_zeros(count, longest, HIDDEN)
            rows[real] = flat
        return rows.view(count, longest, HEADS, width).transpose(1, 2)

    scores = padded(query * width**-0.5) @ padded(key).transpose(-1, -2)
    if not even:
        scores = scores.masked_fill(~real[:, None, None, :], FAR)
    rows = (scores.softmax(-1) @ padded(value)).transpose(1, 2).reshape(count, longest, HIDDEN)
    return rows.reshape(-1, HIDDEN) if even else rows[real]


class Reader(nn.Module):
    """Scores each sentence of each passage; the score of "nothing answers" is 0."""

    def __init__(self, frozen_layers: int = 4, dropout: float = 0.1) -> None:
        super().__init__()
        self.frozen_layers = frozen_layers
        self.words = nn.Embedding(250_037, HIDDEN)
        self.positions = nn.Embedding(512, HIDDEN)
        self.embedding_norm = nn.LayerNorm(HIDDEN, EPSILON)
        self.layers = nn.ModuleList(Layer(0.0 if at < frozen_layers else dropout) for at in range(LAYERS))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * HIDDEN, 1)

    def states(self, batch: Batch) -> Tensor:
        """Return the last layer's vector of each token, shape (tokens, HIDDEN)."""
        with torch.no_grad():
            states = self.embedding_norm(self.words(batch.tokens) + self.positions(batch.places))
            for layer in self.layers[: self.frozen_layers]:
                states = layer(states, batch)
        for layer in self.layers[self.frozen_layers :]:
            states = layer(states, batch)
        return states

    def forward(self, batch: Batch) -> Tensor:
        """Return the score of each sentence, shape (sentences,)."""
        members = self.states(batch).float()[batch.members]
        count = len(batch.labels)
        sizes = torch.bincount(batch.sentences, minlength=count)
        mean = members.new_zeros(count, HIDDEN).index_add(0, batch.sentences, members) / sizes[:, None]
        index = batch.sentences[:, None].expand(-1, HIDDEN)
        largest = members.new_full((count, HIDDEN), -1e4).scatter_reduce(0, index, members, "amax")
        scores: Tensor = self.head(self.dropout(torch.cat([mean, largest], dim=1)))[:, 0]
        return scores.float()

    def trained(self) -> dict[str, nn.Parameter]:
        """Return the parameters that training changes, by name, lowest layer first."""
        kept = [f"layers.{at}." for at in range(self.frozen_layers, LAYERS)] + ["head."]
        return {name: p for name, p in self.named_parameters() if any(name.startswith(one) for one in kept)}


_NAMES = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "attended",
    "attention.output.LayerNorm": "attended_norm",
    "intermediate.dense": "wide",
    "output.dense": "narrow",
    "output.LayerNorm": "norm",
}


def base_weights(directory: Path) -> dict[str, Tensor]:
    """Return the exported encoder's weights under this module's names."""
    from safetensors.torch import load_file

    found = {}
    for name, tensor in load_file(directory / "model.safetensors").items():
        plain = name.removeprefix("bert.")
        if plain.startswith("encoder.layer."):
            at, rest = plain.removeprefix("encoder.layer.").split(".", 1)
            part, kind = rest.rsplit(".", 1)
            found[f"layers.{at}.{_NAMES[part]}.{kind}"] = tensor
        elif plain.startswith("embeddings.LayerNorm."):
            found["embedding_norm." + plain.rsplit(".", 1)[1]] = tensor
        elif plain == "embeddings.word_embeddings.weight":
            found["words.weight"] = tensor
        elif plain == "embeddings.position_embeddings.weight":
            found["positions.weight"] = tensor
        elif plain == "embeddings.token_type_embeddings.weight":
            types = tensor[0]
    found["positions.weight"] = found["positions.weight"] + types  # all tokens are of type 0
    return found


def load_reader(directory: Path, frozen_layers: int, dropout: float, seed: int) -> Reader:
    """Return the reader before any training: the base encoder, and a small random head drawn from ``seed``."""
    reader = Reader(frozen_layers, dropout)
    missing, unknown = reader.load_state_dict(base_weights(directory), strict=False)
    if unknown or set(missing) != {"head.weight", "head.bias"}:
        raise ValueError(f"{directory} is not the bundled encoder: it lacks {missing} and has {unknown}")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        reader.head.weight.copy_(torch.randn(1, 2 * HIDDEN, generator=generator) * 0.02)
        reader.head.bias.fill_(-2.0)
    trained = reader.trained()
    for name, parameter in reader.named_parameters():
        parameter.requires_grad_(name in trained)
    return reader
