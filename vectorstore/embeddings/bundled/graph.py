"""The bundled model as an ONNX graph: input rows to its last layer or the mean of it, matrices in integers.

A matrix product takes its input as unsigned 8-bit integers and its weights as signed ones, with one scale for each
output. The input has one scale for the whole tensor, except after the activation, where the special tokens reach values
ten times those of any word: there each row has its own, which removes two thirds of the error of a vector for a
twentieth of the time. One text makes one tensor, so a vector never depends on the texts beside it.

Weights keep to +-63: with +-127 the sums of two products that x86 processors without VNNI add up in 16 bits would
saturate, and vectors would differ from machine to machine.

Where every token's vector counts, and not their mean, it is the input that keeps to 7 bits, with a scale for each row
throughout, and weights take 8: that removes six tenths of the error of a reader's scores for a seventh of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vectorstore.embeddings.bundled.weights import Floats, Shape

if TYPE_CHECKING:
    import onnx

RECIPE, TOKENS_RECIPE = "int8-2", "int8-tokens-1"
"""Of the mean and of every token's vector; to be changed whenever such a graph computes something else."""

INPUT = "rows"
_CONTRIB = "com.microsoft"
_LEAST = -0.17  # the minimum of x * Phi(x), near x = -0.75


class _Grid(NamedTuple):
    """The integers that numbers become."""

    weight: int
    """Largest of a weight."""
    top: int
    """Largest of an input, whose least is 0."""
    middle: int
    """Stands for 0 in a row of inputs of either sign."""
    active: int
    """The same in a row behind the activation, which has no value below ``_LEAST``."""


_COARSE, _FINE = _Grid(63, 255, 128, 20), _Grid(127, 127, 64, 11)


class LayerWeights(Protocol):
    """What a graph is made of: ``weights.Weights``, or those with the differences of a training."""

    @property
    def shape(self) -> Shape: ...

    def floats(self, name: str) -> Floats:
        """Return a norm's or a bias's values, one-dimensional."""

    def linear(self, name: str, inputs: int) -> Floats:
        """Return a matrix, shape (outputs, inputs)."""


def build(weights: LayerWeights, every_token: bool = False) -> bytes:
    """Return the model as a serialised ONNX graph.

    Its input ``rows`` is float32 (1, tokens, hidden): the sum of word, position and type embeddings. Its one output is
    float32: the mean of the last layer, (1, hidden), not normalised.

    Args:
        every_token: the output is the last layer itself, (1, tokens, hidden).

    Raises:
        UnknownWeights: a tensor is missing or of another size.
    """
    from onnx import TensorProto, helper

    shape = weights.shape
    graph = _Graph(weights, fine=every_token)
    rows = graph.norm(INPUT, "emb.ln")
    for layer in range(shape.layers):
        rows = _layer(graph, rows, f"l{layer}.")
    if not every_token:
        (rows,) = graph.op("ReduceMean", [rows, graph.constant(np.array([1], dtype=np.int64))], ["mean"], keepdims=0)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, "tokens", shape.hidden])],
            [
                helper.make_tensor_value_info(
                    rows, TensorProto.FLOAT, [1, "tokens", shape.hidden] if every_token else [1, shape.hidden]
                )
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIB, 1)],
        ir_version=9,
    )
    serialised: bytes = model.SerializeToString()
    return serialised


def _layer(graph: _Graph, rows: str, prefix: str) -> str:
    """Add one layer of a post-norm transformer; return the name of its output."""
    shape = graph.weights.shape
    together = graph.linear(rows, [prefix + part for part in "qkv"], shape.hidden)
    parts = graph.op("Split", [together], [graph.name() for _ in "qkv"], axis=-1, num_outputs=3)
    graph.op("MultiHeadAttention", parts, [context := graph.name()], domain=_CONTRIB, num_heads=shape.heads)
    rows = graph.norm(graph.sum(rows, graph.linear(context, [prefix + "ao"], shape.hidden)), prefix + "aln")
    inner = graph.linear(rows, [prefix + "fi"], shape.hidden)
    graph.op("Gelu", [inner], [active := graph.name()], domain=_CONTRIB)
    outer = graph.linear_by_row(active, [prefix + "fo"], shape.feed_forward, active=True)
    return graph.norm(graph.sum(rows, outer), prefix + "oln")


class _Graph:
    """Nodes and constants in the making."""

    def __init__(self, weights: LayerWeights, fine: bool) -> None:
        self.weights = weights
        self.fine = fine
        self.grid = _FINE if fine else _COARSE
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._names = 0

    def name(self) -> str:
        self._names += 1
        return f"t{self._names}"

    def op(self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes: Any) -> list[str]:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs

    def constant(self, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = self.name()
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def simple(self, kind: str, first: str, *constants: Any, **attributes: Any) -> str:
        """Add an operator on one tensor and constants, with one output; return the output's name."""
        inputs = [first, *(self.constant(np.asarray(values)) for values in constants)]
        return self.op(kind, inputs, [self.name()], **attributes)[0]

    def sum(self, left: str, right: str) -> str:
        return self.op("Add", [left, right], [self.name()])[0]

    def norm(self, rows: str, name: str) -> str:
        gain, bias = self.weights.floats(name + ".w"), self.weights.floats(name + ".b")
        return self.simple("LayerNormalization", rows, gain, bias, axis=-1, epsilon=self.weights.shape.epsilon)

    def linear(self, rows: str, names: list[str], inputs: int) -> str:
        """Add ``rows @ W.T + b`` for the weights and biases called ``names``, side by side."""
        if self.fine:
            return self.linear_by_row(rows, names, inputs)
        integers, scales, bias = self._stacked(names, inputs)
        zeros = np.zeros(len(scales), dtype=np.int8)
        constants = [self.constant(values) for values in (integers.T, scales, zeros, bias)]
        return self.op("DynamicQuantizeMatMul", [rows, *constants], [self.name()], domain=_CONTRIB)[0]

    def linear_by_row(self, rows: str, names: list[str], inputs: int, active: bool = False) -> str:
        """Add the same for rows that are each quantised with their own scale.

        Args:
            active: they stand behind the activation.
        """
        integers, scales, bias = self._stacked(names, inputs)
        zero = self.grid.active if active else self.grid.middle
        sizes = rows if active else self.simple("Abs", rows)
        largest = self.simple("ReduceMax", sizes, np.array([2], dtype=np.int64), keepdims=1)
        row_scale = self.simple("Mul", largest, np.float32(1 / (self.grid.top - zero)))
        row_scale = self.simple("Max", row_scale, np.float32(-_LEAST / zero if active else np.finfo(np.float32).tiny))
        flat = self.simple("Reshape", row_scale, np.array([-1], dtype=np.int64))
        (zeros,) = self.op("ConstantOfShape", self.op("Shape", [flat], [self.name()]), [self.name()], value=_byte(zero))
        (quantised,) = self.op("QuantizeLinear", [rows, flat, zeros], [self.name()], axis=1)
        product = self.simple("MatMulInteger", quantised, integers.T, np.uint8(zero), np.int8(0))
        (floats,) = self.op("Cast", [product], [self.name()], to=1)  # TensorProto.FLOAT
        (scaled,) = self.op("Mul", [floats, row_scale], [self.name()])
        return self.simple("Add", self.simple("Mul", scaled, scales), bias)

    def _stacked(self, names: list[str], inputs: int) -> tuple[NDArray[np.int8], Floats, Floats]:
        """Return the weights called ``names``, side by side, as integers, and their scales and biases."""
        weights = np.concatenate([self.weights.linear(name + ".w", inputs) for name in names])
        bias = np.concatenate([self.weights.floats(name + ".b") for name in names])
        return *quantise(weights, self.grid.weight), bias


def _byte(value: int) -> onnx.TensorProto:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.array([value], dtype=np.uint8))


def quantise(matrix: Floats, top: int) -> tuple[NDArray[np.int8], Floats]:
    """Return ``matrix``, shape (outputs, inputs), as integers up to ``top`` and one scale for each output."""
    largest = np.abs(matrix).max(axis=1)
    scales = (np.where(largest > np.finfo(np.float32).tiny * top, largest, 1) / top).astype(np.float32)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales
