"""RapidOCR: its models are inside its package, so that nothing is ever downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import rapidocr
from numpy.typing import NDArray

from vectorstore.places import Box
from vectorstore.reading.recognised import RecognisedLine

_PARTS = {"Det": "*_det_*.onnx", "Cls": "*_cls_*.onnx", "Rec": "*_rec_*.onnx"}
_MEAN_SCORE = 0.5
"""A line that is less sure than this is none."""

Quad = Sequence[Sequence[float]]
Piece = tuple[str, Box]
"""Characters that stand together, and their box in pixels."""


class _Found(Protocol):
    """What RapidOCR returns of a picture: of each line its text, its corners, and its words with theirs."""

    txts: Sequence[str] | None
    boxes: Sequence[Quad]
    word_results: Sequence[Sequence[tuple[str, float, Quad | None]]]


class Engine:
    """Recognises Chinese, English, Japanese and many other languages in printed text.

    Args:
        threads: processors that it may use.

    Raises:
        OSError: the installed package has no models inside.
    """

    fingerprint = f"rapidocr {version('rapidocr')}"
    """Changes whenever the same picture might be read differently."""

    def __init__(self, threads: int) -> None:
        folder = Path(rapidocr.__file__).parent / "models"
        found = {part: sorted(folder.glob(pattern)) for part, pattern in _PARTS.items()}
        if not all(found.values()):
            raise OSError(f"{folder} holds no models; install another version of rapidocr")
        # Models are named: otherwise it makes a folder, and asks the network for what it misses.
        models = {f"{part}.model_path": str(paths[0]) for part, paths in found.items()}
        settings = {
            "Global.log_level": "critical",
            "Global.return_word_box": True,
            "Global.text_score": _MEAN_SCORE,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        }
        self._engine = rapidocr.RapidOCR(params={**models, **settings})

    def lines(self, picture: NDArray[np.uint8], scale: float) -> tuple[RecognisedLine, ...]:
        """Return the lines of text in a picture.

        Args:
            picture: shape (height, width, 3), blue first.
            scale: pixels of a point, in which boxes are returned.
        """
        found = cast(_Found, self._engine(picture))
        texts = found.txts or ()
        words = found.word_results if len(found.word_results) == len(texts) else [()] * len(texts)
        lines = []
        for text, quad, pieces in zip(texts, found.boxes if texts else (), words, strict=True):
            text = " ".join(text.split())
            named = [(piece[0], _box(piece[2])) for piece in pieces if piece[0].strip() and piece[2] is not None]
            boxes = _of_pieces(text, named) or _divided(_box(quad), len(text))
            points = tuple((a / scale, b / scale, c / scale, d / scale) for a, b, c, d in boxes)
            if text:
                lines.append(RecognisedLine(text, points))
        return tuple(lines)


def _box(quad: Quad) -> Box:
    """Return the upright box around four corners."""
    xs, ys = [float(corner[0]) for corner in quad], [float(corner[1]) for corner in quad]
    return max(0.0, min(xs)), max(0.0, min(ys)), max(xs), max(ys)


def _divided(box: Box, count: int) -> list[Box]:
    """Return equally wide boxes for so many characters, one beside the other."""
    left, top, right, bottom = box
    step = (right - left) / max(1, count)
    return [(left + index * step, top, left + (index + 1) * step, bottom) for index in range(count)]


def _of_pieces(text: str, pieces: Sequence[Piece]) -> list[Box]:
    """Return the boxes of a line's characters from those of its words, and of blanks between them; else none."""
    boxes: list[Box] = []
    at = 0
    for word, box in pieces:
        word = " ".join(word.split())
        start = text.find(word, at)
        if start < 0 or text[at:start].strip():
            return []
        if start > at:
            left = boxes[-1][2] if boxes else box[0]
            boxes += _divided((min(left, box[0]), box[1], box[0], box[3]), start - at)
        boxes += _divided(box, len(word))
        at = start + len(word)
    return boxes if at == len(text) else []
