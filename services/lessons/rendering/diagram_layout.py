"""Place the nodes of a diagram in layers, so that most arrows point in its direction (Sugiyama et al., 1981)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SWEEPS = 6


@dataclass(frozen=True)
class Layout:
    """`cells`: (layer, position in it) of each node; positions are centred, so they may be fractions."""

    cells: tuple[tuple[int, float], ...]
    layers: int
    breadth: int


def layout(count: int, edges: Sequence[tuple[int, int]], *, max_layers: int) -> Layout:
    """Return a cell for each of `count` nodes. Without edges, they fill a grid."""
    if not edges:
        return _grid(count, max_layers)
    layer_of = _layers(count, edges)
    if max(layer_of) + 1 > max_layers:
        return _grid(count, max_layers)
    layers: list[list[int]] = [[node for node in range(count) if layer_of[node] == layer] for layer in range(max(layer_of) + 1)]
    layers = [layer for layer in layers if layer]
    for sweep in range(_SWEEPS):
        _order(layers, edges, downwards=sweep % 2 == 0)
    breadth = max(len(layer) for layer in layers)
    cells: dict[int, tuple[int, float]] = {}
    for number, layer in enumerate(layers):
        for position, node in enumerate(layer):
            cells[node] = (number, position + (breadth - len(layer)) / 2)
    return Layout(tuple(cells[node] for node in range(count)), len(layers), breadth)


def _grid(count: int, max_layers: int) -> Layout:
    layers = min(count, max_layers)
    breadth = -(-count // layers)
    return Layout(tuple((node % layers, float(node // layers)) for node in range(count)), layers, breadth)


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return each node's longest path from a start, without the edges that close a circle."""
    targets: dict[int, list[int]] = {node: [] for node in range(count)}
    for source, target in edges:
        if source != target:
            targets[source].append(target)
    state = [0] * count  # 0 new, 1 on the path, 2 done
    order: list[int] = []
    forward: list[tuple[int, int]] = []

    def visit(node: int) -> None:
        state[node] = 1
        for target in targets[node]:
            if state[target] != 1:
                forward.append((node, target))
            if state[target] == 0:
                visit(target)
        state[node] = 2
        order.append(node)

    for node in range(count):
        if state[node] == 0:
            visit(node)
    layer_of = [0] * count
    for node in reversed(order):
        for source, target in forward:
            if source == node:
                layer_of[target] = max(layer_of[target], layer_of[node] + 1)
    return layer_of


def _order(layers: list[list[int]], edges: Sequence[tuple[int, int]], *, downwards: bool) -> None:
    """Sort each layer by the mean position of its neighbours in the layer before it."""
    numbers = range(1, len(layers)) if downwards else range(len(layers) - 2, -1, -1)
    for number in numbers:
        before = {node: position for position, node in enumerate(layers[number - 1 if downwards else number + 1])}
        positions = {node: position for position, node in enumerate(layers[number])}

        def mean(node: int, before: dict[int, int] = before, positions: dict[int, int] = positions) -> float:
            neighbour_positions = [before[a] for a, b in edges if b == node and a in before] + [
                before[b] for a, b in edges if a == node and b in before
            ]
            return sum(neighbour_positions) / len(neighbour_positions) if neighbour_positions else float(positions[node])

        layers[number].sort(key=mean)
