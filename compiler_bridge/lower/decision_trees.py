"""Trees of decisions (ai.onnx.ml) in the form in which they are walked: one array of nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.program import Array

LEAF = "LEAF"
# Of each condition: whether its opposite is asked instead, and whether equality does not count.
_MODES = {
    "BRANCH_LEQ": (False, False),
    "BRANCH_LT": (False, True),
    "BRANCH_GT": (True, False),
    "BRANCH_GTE": (True, True),
}
MOST_NODES = 2**18
_MOST_FEATURES = 2**14  # a place and a bit in 15
_FARTHEST = np.iinfo(np.uint16).max

_Key = tuple[int, int]  # of a node: its tree's number and its own
_Weights = dict[int, float]


class BadTreesError(ValueError):
    """Attributes that are no trees, or trees that the kernel cannot walk."""


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Fields of the kernel ``trees_f32``, and what else is known of the weights.

    Attributes:
        rows: a row of weights, one for each target, for each kind of leaf; None where each tree
            adds to one target only.
        targets: that trees add to.
        all_positive: whether no weight is negative.
        always_scored: whether each target gets a weight from any input, or counts as without.
    """

    feature: Array
    threshold: Array
    skip: Array
    roots: Array
    tree_targets: Array
    rows: Array | None
    targets: frozenset[int]
    all_positive: bool
    always_scored: bool
    every_leaf_weighs: bool


@dataclass(frozen=True, slots=True)
class _Node:
    """One node as the file has it, its condition turned into value <= threshold."""

    feature: int
    threshold: float
    leads_on: _Key
    otherwise: _Key
    is_leaf: bool


@dataclass(slots=True)
class _Laid:
    """Nodes in the order in which they are walked."""

    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    skip: list[int] = field(default_factory=list)
    leaves: list[tuple[int, _Key]] = field(default_factory=list)


def trees(attributes: Mapping[str, Any], kind: str, n_targets: int, n_features: int) -> Trees:
    """The trees of a TreeEnsembleClassifier (kind ``class``) or -Regressor (``target``).

    Raises:
        BadTreesError: nodes are missing, shared or circular, a condition is of another kind, or
            places exceed what the kernel's tables hold.
    """
    nodes = _nodes(attributes, n_features)
    weights = _weights(attributes, kind, n_targets, nodes)
    laid, roots, keys = _Laid(), [], _roots(nodes)
    for root in keys:
        roots.append(len(laid.feature))
        _lay(nodes, root, laid)
    if len(laid.feature) != len(nodes):
        raise BadTreesError("nodes belong to no tree, or lie in a circle")
    return _packed(laid, roots, [key[0] for key in keys], weights, n_targets)


def _column(attributes: Mapping[str, Any], name: str, n: int | None = None) -> Sequence[Any]:
    values = attributes.get(name, ())
    if n is not None and len(values) != n:
        raise BadTreesError(f"{name} has {len(values)} entries for {n}")
    return tuple(values)


def _nodes(attributes: Mapping[str, Any], n_features: int) -> dict[_Key, _Node]:
    numbers = _column(attributes, "nodes_treeids")
    n = len(numbers)
    if not 0 < n <= MOST_NODES:
        raise BadTreesError(f"it has {n} nodes; 1 to {MOST_NODES} are compiled")
    own, modes, features, values, on, off = (
        _column(attributes, f"nodes_{name}", n)
        for name in ("nodeids", "modes", "featureids", "values", "truenodeids", "falsenodeids")
    )
    missing = attributes.get("nodes_missing_value_tracks_true") or (0,) * n
    if len(missing) != n:
        raise BadTreesError(f"nodes_missing_value_tracks_true has {len(missing)} entries for {n}")
    nodes: dict[_Key, _Node] = {}
    for i, tree in enumerate(numbers):
        nodes[(tree, own[i])] = _node(
            (tree, modes[i]), features[i], values[i], (on[i], off[i]), bool(missing[i]), n_features
        )
    if len(nodes) != n:
        raise BadTreesError("two nodes of a tree have one number")
    return nodes


def _node(
    place: tuple[int, str],
    feature: int,
    value: float,
    ways: tuple[int, int],
    missing: bool,  # noqa: FBT001
    n_features: int,
) -> _Node:
    tree, mode = place
    on, off = ((tree, way) for way in ways)
    if mode == LEAF:
        return _Node(-1, 0.0, on, off, is_leaf=True)
    if mode not in _MODES:
        raise BadTreesError(f"a condition is {mode}")
    if not 0 <= feature < min(n_features, _MOST_FEATURES):
        raise BadTreesError(f"a condition reads value {feature} of {n_features}")
    is_opposite, is_strict = _MODES[mode]
    threshold = np.float32(value)
    if not np.isfinite(threshold):
        raise BadTreesError(f"a threshold is {threshold}")
    if is_strict:
        threshold = np.nextafter(threshold, np.float32(-np.inf))
    if is_opposite:
        on, off, missing = off, on, not missing
    return _Node(2 * feature + missing, float(threshold), on, off, is_leaf=False)


def _roots(nodes: Mapping[_Key, _Node]) -> list[_Key]:
    """The first node of each tree, in the file's order of trees."""
    inner = {key for node in nodes.values() if not node.is_leaf for key in _ways(node)}
    roots = [key for key in nodes if key not in inner]
    if len(roots) != len({tree for tree, _ in nodes}) or len({t for t, _ in roots}) != len(roots):
        raise BadTreesError("a tree has no first node, or several")
    return roots


def _ways(node: _Node) -> tuple[_Key, _Key]:
    return node.leads_on, node.otherwise


def _lay(nodes: Mapping[_Key, _Node], root: _Key, laid: _Laid) -> None:
    """Depth first; who was there must not be met again."""
    met: set[_Key] = set()
    waiting: list[tuple[_Key, int | None]] = [(root, None)]
    while waiting:
        key, asked_at = waiting.pop()
        if key in met or key not in nodes:
            raise BadTreesError(f"node {key[1]} of tree {key[0]} is missing or in two places")
        met.add(key)
        node, at = nodes[key], len(laid.feature)
        if asked_at is not None:
            laid.skip[asked_at] = at - asked_at
        laid.feature.append(node.feature)
        laid.threshold.append(node.threshold)
        laid.skip.append(0)
        if node.is_leaf:
            laid.leaves.append((at, key))
        else:
            waiting += [(node.otherwise, at), (node.leads_on, None)]


def _weights(
    attributes: Mapping[str, Any], kind: str, n_targets: int, nodes: Mapping[_Key, _Node]
) -> dict[_Key, _Weights]:
    """Of each leaf: target to weight."""
    numbers = _column(attributes, f"{kind}_treeids")
    n = len(numbers)
    own, targets, values = (
        _column(attributes, f"{kind}_{name}", n) for name in ("nodeids", "ids", "weights")
    )
    found: dict[_Key, _Weights] = {}
    for key, target, value in zip(zip(numbers, own, strict=True), targets, values, strict=True):
        leaf = found.setdefault(key, {})
        if key not in nodes or not 0 <= target < n_targets or target in leaf:
            raise BadTreesError(f"a weight of node {key[1]} of tree {key[0]} has no place")
        leaf[target] = float(value)
    return found


def _packed(
    laid: _Laid,
    roots: list[int],
    numbers: list[int],
    weights: Mapping[_Key, _Weights],
    n_targets: int,
) -> Trees:
    leaves = [(at, key[0], weights.get(key, {})) for at, key in laid.leaves]
    used = {number: set[int]() for number in numbers}
    for _, number, leaf in leaves:
        used[number] |= leaf.keys()
    threshold, skip = np.array(laid.threshold, np.float32), np.array(laid.skip, np.int64)
    rows = None
    if any(len(targets) > 1 for targets in used.values()):
        rows = _rows(leaves, skip, n_targets)
    else:
        for at, _, leaf in leaves:
            threshold[at] = next(iter(leaf.values()), 0.0)
    if skip.max(initial=0) > _FARTHEST:
        raise BadTreesError(f"a tree has more than {_FARTHEST} nodes")
    tree_targets = [next(iter(used[number]), 0) for number in numbers]
    all_positive = all(weight >= 0 for _, _, leaf in leaves for weight in leaf.values())
    return Trees(
        feature=np.array(laid.feature, np.int16),
        threshold=threshold,
        skip=skip.astype(np.uint16),
        roots=np.array(roots, np.int32),
        tree_targets=np.array(tree_targets, np.int16),
        rows=rows,
        targets=frozenset().union(*used.values()),
        all_positive=all_positive,
        always_scored=_always_scored(leaves, n_targets)
        or (all_positive and all(any(leaf.values()) for _, _, leaf in leaves)),
        every_leaf_weighs=all(leaf.keys() == used[number] for _, number, leaf in leaves),
    )


def _rows(leaves: Sequence[tuple[int, int, _Weights]], skip: Array, n_targets: int) -> Array:
    """Different rows of weights; ``skip`` of a leaf becomes the place of its row."""
    known: dict[tuple[float, ...], int] = {}
    for at, _, leaf in leaves:
        row = tuple(leaf.get(target, 0.0) for target in range(n_targets))
        skip[at] = known.setdefault(row, len(known))
    return np.array(list(known), np.float32)


def _always_scored(leaves: Sequence[tuple[int, int, _Weights]], n_targets: int) -> bool:
    """Whether each target has a tree all of whose leaves have a weight for it."""
    scored: set[int] = set()
    for _, of_tree in _by_tree(leaves):
        scored |= set.intersection(*(set(leaf) for leaf in of_tree))
    return len(scored) == n_targets


def _by_tree(
    leaves: Sequence[tuple[int, int, _Weights]],
) -> Iterator[tuple[int, list[_Weights]]]:
    grouped: dict[int, list[_Weights]] = {}
    for _, number, leaf in leaves:
        grouped.setdefault(number, []).append(leaf)
    yield from grouped.items()
