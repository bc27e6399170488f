"""Where things lie in an ONNX file, without the package that the format comes with.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and
https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator

Bytes = mmap.mmap | bytes

Span = tuple[int, int]
"""Start and end (exclusive) in the file."""

# Numbers of fields of ModelProto, GraphProto, NodeProto, AttributeProto and TensorProto
_GRAPH, _FUNCTIONS = 7, 25
_NODE, _INITIALIZER, _SPARSE_INITIALIZER = 1, 5, 15
_FUNCTION_NODE = 7
_ATTRIBUTE = 5
_TENSOR, _SUBGRAPH, _TENSORS, _SUBGRAPHS, _SPARSE, _SPARSES = 5, 6, 10, 11, 22, 23
_SPARSE_PARTS = (1, 2)
_KIND, _PACKED, _RAW, _EXTERNAL = 2, 4, 9, 13
_FLOAT32 = 1

_LONGEST_VARINT = 10  # bytes
_DEEPEST = 20  # graphs in graphs


def float32_weights(data: Bytes) -> Iterator[Span]:
    """Where the float32 weights of the main graph lie.

    Raises:
        ValueError: It is no ONNX file.
    """
    for graph in _spans(data, (0, len(data)), _GRAPH):
        for tensor in _spans(data, graph, _INITIALIZER):
            if [value for value, _ in _fields(data, tensor, _KIND)] == [_FLOAT32]:
                for number in (_RAW, _PACKED):
                    yield from _spans(data, tensor, number)


def external_files(data: Bytes) -> frozenset[str]:
    """The files beside it that hold weights of the model, as it names them.

    Raises:
        ValueError: It is no ONNX file.
    """
    whole = (0, len(data))
    graphs = [tensor for one in _spans(data, whole, _GRAPH) for tensor in _tensors(data, one)]
    functions = [
        tensor
        for function in _spans(data, whole, _FUNCTIONS)
        for node in _spans(data, function, _FUNCTION_NODE)
        for tensor in _node_tensors(data, node, _DEEPEST)
    ]
    entries = [_entry(data, one) for t in graphs + functions for one in _spans(data, t, _EXTERNAL)]
    return frozenset(
        value.decode("utf-8", "replace") for key, value in entries if key == b"location"
    )


def _tensors(data: Bytes, graph: Span, depth: int = _DEEPEST) -> Iterator[Span]:
    if not depth:
        raise ValueError("graphs in graphs without end")
    yield from _spans(data, graph, _INITIALIZER)
    for sparse in _spans(data, graph, _SPARSE_INITIALIZER):
        yield from _parts(data, sparse)
    for node in _spans(data, graph, _NODE):
        yield from _node_tensors(data, node, depth - 1)


def _node_tensors(data: Bytes, node: Span, depth: int) -> Iterator[Span]:
    for attribute in _spans(data, node, _ATTRIBUTE):
        for number in (_TENSOR, _TENSORS):
            yield from _spans(data, attribute, number)
        for number in (_SPARSE, _SPARSES):
            for sparse in _spans(data, attribute, number):
                yield from _parts(data, sparse)
        for number in (_SUBGRAPH, _SUBGRAPHS):
            for graph in _spans(data, attribute, number):
                yield from _tensors(data, graph, depth)


def _parts(data: Bytes, sparse: Span) -> Iterator[Span]:
    for number in _SPARSE_PARTS:
        yield from _spans(data, sparse, number)


def _entry(data: Bytes, entry: Span) -> tuple[bytes, bytes]:
    key, value = (
        b"".join(data[first:last] for first, last in _spans(data, entry, number))
        for number in (1, 2)
    )
    return key, value


def _spans(data: Bytes, message: Span, wanted: int) -> Iterator[Span]:
    return (span for _, span in _fields(data, message, wanted) if span is not None)


def _fields(data: Bytes, message: Span, wanted: int) -> Iterator[tuple[int, Span | None]]:
    """Each field ``wanted`` of a message: its number, or where its bytes lie.

    Raises:
        ValueError: No such message.
    """
    at, end = message
    while at < end:
        key, at = _varint(data, at, end)
        value, span = 0, None
        match key & 7:  # the wire type
            case 0:
                value, at = _varint(data, at, end)
            case 1:
                at += 8
            case 2:
                length, start = _varint(data, at, end)
                at = start + length
                span = (start, at)
            case 5:
                at += 4
            case kind:
                raise ValueError(f"wire type {kind}")
        if at > end:
            raise ValueError("cut off")
        if key >> 3 == wanted:
            yield value, span


def _varint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The number that begins at ``at``, and where it ends."""
    value = 0
    for shift, place in enumerate(range(at, min(end, at + _LONGEST_VARINT))):
        byte = data[place]
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, place + 1
    raise ValueError("cut off")
