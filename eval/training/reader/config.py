"""Everything that a training run depends on besides its data: read from TOML, kept beside the run."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Config:
    """A training run's settings."""

    seed: int = 20
    epochs: float = 1.0
    skip: float = 0.0
    """Epochs of the plan's beginning that are left out: those that the run started from has seen."""
    batch_tokens: int = 4000
    frozen_layers: int = 4
    """Lowest layers that stay as they are, as do the embeddings."""
    learning_rate: float = 1e-4
    """Of the topmost layer; each one below has ``layer_decay`` of the one above."""
    layer_decay: float = 0.9
    head_learning_rate: float = 1e-3
    warm_up: float = 0.05
    decay: float = 1.0
    """Share of the steps, at the end, over which the learning rate falls to 0; 1 for all after the warm-up."""
    weight_decay: float = 0.01
    dropout: float = 0.1
    clip: float = 1.0
    sentence_weight: float = 0.3
    """Of the loss over single sentences, beside the loss over groups."""
    threads: int = 2
    bfloat16: bool = True
    checkpoint_seconds: float = 600.0
    log_steps: int = 20
    evaluate_steps: int = 0
    """Steps between two measurements on the validation part; 0 for the end only."""
    max_groups: int = 0
    """Train on so many examples only; 0 for all."""

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


TINY = Config(
    epochs=2.0, batch_tokens=1500, frozen_layers=10, bfloat16=False, threads=1, max_groups=40, log_steps=2, warm_up=0.1
)
"""Two layers, forty examples: seconds on a CPU."""


def load(path: Path | None, tiny: bool = False, **overrides: float | None) -> Config:
    """Return the settings of a TOML file, with ``overrides`` that aren't None.

    Raises:
        ValueError: the file has a key that is no setting.
    """
    given = tomllib.loads(path.read_text("utf-8")) if path else {}
    unknown = set(given) - {field.name for field in fields(Config)}
    if unknown:
        raise ValueError(f"{path} has {', '.join(sorted(unknown))}, which are no settings of the reader's training")
    given |= {name: value for name, value in overrides.items() if value is not None}
    return replace(TINY if tiny else Config(), **given)
