"""Training: one pass over the batches in a fixed order, resumable to the bit from its last checkpoint."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .config import Config
from .encode import Encoded
from .loss import listwise, sentencewise
from .model import LAYERS, Batch, Reader, collate, load_reader
from .pack import unpack

CHECKPOINT, LOG, CONFIG = "checkpoint.pt", "log.jsonl", "config.json"


def batches(data: Encoded, config: Config) -> list[list[int]]:
    """Return the groups of each step, in order: every epoch a new permutation, cut at ``batch_tokens``."""
    count = min(data.size, config.max_groups or data.size)
    found: list[list[int]] = []
    epochs = int(np.ceil(config.epochs))
    for epoch in range(epochs):
        mixed = np.random.default_rng([config.seed, epoch]).permutation(data.size).tolist()
        made: list[list[int]] = [[]]
        used = 0
        for group in (at for at in mixed if at < count):
            size = data.length(group)
            if made[-1] and used + size > config.batch_tokens:
                made.append([])
                used = 0
            made[-1].append(group)
            used += size
        first, last = (min(1.0, max(0.0, share - epoch)) for share in (config.skip, config.epochs))
        found += made[round(len(made) * first) : round(len(made) * last)]
    return found


def rate(step: int, steps: int, config: Config) -> float:
    """Return the share of the learning rate at a step: linear warm-up, then full, then linear decay to 0."""
    warm = max(1, round(config.warm_up * steps))
    falling = max(1, min(steps - warm, round(config.decay * steps)))
    return min((step + 1) / warm, 1.0, (steps - step) / falling) if config.decay else min((step + 1) / warm, 1.0)


def optimiser(reader: Reader, config: Config) -> torch.optim.AdamW:
    """Return AdamW with a learning rate for each layer; biases and norms don't decay."""
    parts: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in reader.trained().items():
        if name.startswith("head."):
            own = config.head_learning_rate
        else:
            own = config.learning_rate * config.layer_decay ** (LAYERS - 1 - int(name.split(".")[1]))
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        parts.setdefault((own, decay), []).append(parameter)
    given = [{"params": p, "lr": own, "peak": own, "weight_decay": decay} for (own, decay), p in parts.items()]
    return torch.optim.AdamW(given, betas=(0.9, 0.98))


class Run:
    """A training run in a folder: its state, checkpoint and log.

    Args:
        start: the folder of a run, or an artefact, whose weights this one begins with; None for the base encoder's.
    """

    def __init__(self, base: Path, data: Encoded, folder: Path, config: Config, start: Path | None = None) -> None:
        self.folder, self.config, self.data = folder, config, data
        torch.set_num_threads(config.threads)
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = (
            False  # nothing reads it, and it takes a fifth of the time
        )
        torch.manual_seed(config.seed)
        self.plan = batches(data, config)
        self.reader = load_reader(base, config.frozen_layers, config.dropout, config.seed)
        self.started = ""
        if start is not None:
            self._start(base, start)
        self.optimiser = optimiser(self.reader, config)
        self.step = 0
        self.tokens = 0

    def _start(self, base: Path, folder: Path) -> None:
        artefact = folder.is_file()
        weights = unpack(base, folder) if artefact else torch.load(folder / CHECKPOINT, weights_only=True)["weights"]
        unknown = self.reader.load_state_dict(weights, strict=False).unexpected_keys
        if unknown:
            raise ValueError(f"{folder} is no run of this reader: it has {unknown}")
        lost = sorted({name.rpartition(".")[0] for name in set(weights) - set(self.reader.trained())})
        if lost:  # a run keeps what it trains, so these would be the base's again
            raise ValueError(
                f"{folder} trained {', '.join(lost)}, which frozen_layers = {self.config.frozen_layers} keeps"
            )
        digest = hashlib.sha256()
        for name in sorted(weights):
            digest.update(name.encode() + weights[name].float().numpy().tobytes())
        self.started = digest.hexdigest()

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one.

        Raises:
            ValueError: it is of other settings or other data.
        """
        path = self.folder / CHECKPOINT
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        if state["identity"] != self.identity():
            raise ValueError(f"{path} is of other settings or data; give another --run folder, or remove it")
        self.reader.load_state_dict(state["weights"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])
        self.step, self.tokens = state["step"], state["tokens"]

    def identity(self) -> str:
        """Return a hash of what the result depends on: settings, and the data in their order."""
        settings = {k: v for k, v in self.config.as_dict().items() if not k.endswith(("_seconds", "_steps"))}
        digest = hashlib.sha256(json.dumps([settings, self.plan, self.started]).encode())
        digest.update(self.data.tokens.tobytes() + self.data.labels.tobytes())
        return digest.hexdigest()

    def save(self) -> None:
        """Write the checkpoint; it appears whole or not at all."""
        state = {
            "identity": self.identity(),
            "weights": {name: p.detach() for name, p in self.reader.trained().items()},
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
            "step": self.step,
            "tokens": self.tokens,
            "steps": len(self.plan),
            "config": self.config.as_dict(),
        }
        made = self.folder / (CHECKPOINT + ".new")
        torch.save(state, made)
        made.replace(self.folder / CHECKPOINT)

    def log(self, **values: object) -> None:
        """Append a line to the log."""
        line = {"step": self.step, "steps": len(self.plan), "tokens": self.tokens, **values}
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def one_step(self) -> tuple[float, float, Batch]:
        """Train on the next batch; return both losses."""
        config = self.config
        share = rate(self.step, len(self.plan), config)
        for part in self.optimiser.param_groups:
            part["lr"] = part["peak"] * share
        batch = collate(self.data, self.plan[self.step])
        self.reader.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            scores = self.reader(batch)
        grouped, single = listwise(scores, batch), sentencewise(scores, batch)
        self.optimiser.zero_grad()
        (grouped + config.sentence_weight * single).backward()
        torch.nn.utils.clip_grad_norm_(self.reader.trained().values(), config.clip)
        self.optimiser.step()
        self.step += 1
        self.tokens += len(batch.tokens)
        return float(grouped.detach()), float(single.detach()), batch


def train(base: Path, data: Path, folder: Path, config: Config, stop_after: int = 0, start: Path | None = None) -> bool:
    """Train until the end of the plan, or until told to stop; return whether the end was reached.

    Args:
        base: the exported encoder.
        data: what ``prepare`` wrote.
        folder: of the run; resumes from its checkpoint.
        stop_after: steps of this call after which it stops; 0 for none. SIGTERM does the same at any time.
        start: the folder of a run, or an artefact, whose weights this one begins with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(base, Encoded.load(data / "train.npz"), folder, config, start)
    run.resume()
    (folder / CONFIG).write_text(json.dumps(config.as_dict(), indent=1) + "\n", encoding="utf-8")
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: told.append(number))
    try:
        reached = _train(run, told, _validation(data, run), stop_after)
    finally:
        signal.signal(signal.SIGTERM, before)
    run.save()
    return reached


def _validation(data: Path, run: Run) -> Callable[[], dict[str, float]]:
    def measure() -> dict[str, float]:
        from .evaluate import score_groups, summary

        valid = Encoded.load(data / "valid.npz")
        return summary(valid, score_groups(run.reader, valid))

    return measure


def _train(run: Run, told: list[int], validate: Callable[[], dict[str, float]], stop_after: int) -> bool:
    config, first = run.config, run.step
    losses: list[tuple[float, float]] = []
    logged = saved = time.monotonic()
    tokens = run.tokens
    while run.step < len(run.plan):
        grouped, single, _ = run.one_step()
        losses.append((grouped, single))
        now = time.monotonic()
        if run.step % config.log_steps == 0 or run.step == len(run.plan):
            grouped, single = np.mean(losses, axis=0)
            speed = (run.tokens - tokens) / max(now - logged, 1e-6)
            run.log(group_loss=round(grouped, 4), sentence_loss=round(single, 4), tokens_per_second=round(speed))
            losses, logged, tokens = [], now, run.tokens
        if config.evaluate_steps and run.step % config.evaluate_steps == 0:
            run.log(validation=validate())
            logged = time.monotonic()
        if told or (stop_after and run.step - first >= stop_after):
            return False
        if now - saved > config.checkpoint_seconds:
            run.save()
            saved = time.monotonic()
    return True
