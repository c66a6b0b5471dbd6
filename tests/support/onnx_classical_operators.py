"""Classical models of ai.onnx.ml with random trees and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.support.onnx_operators import Operators

DOMAIN = "ai.onnx.ml"
MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE")
N_FEATURES = 5
LABELS = (-3, 7, 40)


@dataclass
class Forest:
    """Collects the nodes and weights of random trees."""

    random: np.random.Generator
    kind: str
    modes: Sequence[str] = ("BRANCH_LEQ",)
    is_positive: bool = False
    attributes: dict[str, list[Any]] = field(default_factory=dict)

    def tree(self, targets: Sequence[int], depth: int = 3) -> Forest:
        """Adds a tree; each of its leaves has a weight for each of the targets."""
        number = 1 + max(self.attributes.get("nodes_treeids", [-1]))
        self._node(number, targets, depth)
        return self

    def _node(self, tree: int, targets: Sequence[int], depth: int) -> int:
        """Adds a node and all below it; returns its number."""
        number = self.attributes.get("nodes_treeids", []).count(tree)
        is_leaf = depth == 0 or (number > 0 and self.random.random() < 0.2)
        # Halves, which inputs have, too: equality counts.
        threshold = 0.0 if is_leaf else float(self.random.integers(-4, 5)) / 2
        feature = 0 if is_leaf else int(self.random.integers(N_FEATURES))
        mode = "LEAF" if is_leaf else str(self.random.choice(self.modes))
        self._add("nodes_", treeids=tree, nodeids=number, modes=mode, values=threshold)
        missing = int(self.random.integers(2))
        self._add("nodes_", featureids=feature, missing_value_tracks_true=missing)
        self._add("nodes_", truenodeids=0, falsenodeids=0)
        place = len(self.attributes["nodes_nodeids"]) - 1
        if is_leaf:
            self._weigh(tree, number, targets)
        else:
            for way in ("true", "false"):
                child = self._node(tree, targets, depth - 1)
                self.attributes[f"nodes_{way}nodeids"][place] = child
        return number

    def _weigh(self, tree: int, node: int, targets: Sequence[int]) -> None:
        for target in targets:
            drawn = float(np.float32(self.random.normal()))
            weight = abs(drawn) / 6 if self.is_positive else drawn
            self._add(f"{self.kind}_", treeids=tree, nodeids=node, ids=target, weights=weight)

    def _add(self, prefix: str, **values: Any) -> None:
        for name, value in values.items():
            self.attributes.setdefault(prefix + name, []).append(value)


def forest(kind: str, trees: Sequence[Sequence[int]], **options: Any) -> dict[str, list[Any]]:
    """Attributes of a tree for each list of targets."""
    found = Forest(np.random.default_rng(len(trees)), kind, **options)
    for targets in trees:
        found.tree(targets)
    return found.attributes


def classifiers() -> dict[str, dict[str, Any]]:
    """Attributes of TreeEnsembleClassifier by what they are."""
    both, labels = {"classlabels_int64s": LABELS[:2]}, {"classlabels_int64s": LABELS}
    one, each = [[0]] * 4, [[0], [1], [2], [0], [1], [2]]
    probable = forest("class", one, is_positive=True)
    mixed = forest("class", one, modes=MODES)
    rows = forest("class", [[0, 1, 2]] * 4, modes=MODES)
    boosted = forest("class", each)
    return {
        "probabilities of two classes": both | probable,
        "positive and through a sigmoid": both | probable | {"post_transform": "LOGISTIC"},
        "two classes": both | mixed,
        "two classes through a sigmoid": both | mixed | {"post_transform": "LOGISTIC"},
        "two classes through a softmax": both | mixed | {"post_transform": "SOFTMAX"},
        "two classes and a base": both
        | mixed
        | {"base_values": [0.3], "post_transform": "LOGISTIC"},
        "positive and a base": both | probable | {"base_values": [-0.2]},
        "positive, a base and a sigmoid": both
        | probable
        | {"base_values": [-0.2], "post_transform": "LOGISTIC"},
        "positive and through a softmax": both | probable | {"post_transform": "SOFTMAX"},
        "three classes": labels | rows,
        "three classes through a softmax": labels | rows | {"post_transform": "SOFTMAX"},
        "boosted": labels | boosted | {"post_transform": "LOGISTIC"},
        "boosted on a base": labels | boosted | {"base_values": [0.1, 0.2, -0.4]},
    }


def regressors() -> dict[str, dict[str, Any]]:
    """Attributes of TreeEnsembleRegressor by what they are."""
    one = forest("target", [[0]] * 5, modes=MODES)
    two = forest("target", [[0, 1]] * 3)
    found: dict[str, dict[str, Any]] = {
        f"the {name} of trees": one | {"n_targets": 1, "aggregate_function": name}
        for name in ("SUM", "AVERAGE", "MIN", "MAX")
    }
    found["two targets on a base"] = two | {"n_targets": 2, "base_values": [1.5, -0.5]}
    found["targets by tree"] = forest("target", [[1], [0]]) | {"n_targets": 2}
    return found


def classical(all_of_them: Operators) -> None:
    """Each classical model that is compiled."""
    x = all_of_them.graph.node("Div", [_halves(all_of_them), _two(all_of_them)])
    for attributes in regressors().values():
        all_of_them.node("TreeEnsembleRegressor", [x], domain=DOMAIN, **attributes)
    for attributes in classifiers().values():
        all_of_them.nodes("TreeEnsembleClassifier", [x], 2, domain=DOMAIN, **attributes)
    (label, _) = all_of_them.graph.nodes[-1].output
    other = {"keys_int64s": LABELS[:2], "values_int64s": [5, 6], "default_int64": 9}
    all_of_them.node("LabelEncoder", [label], domain=DOMAIN, **other)
    _linear(all_of_them, all_of_them.input(2, N_FEATURES))
    for norm in ("MAX", "L1", "L2"):
        all_of_them.node("Normalizer", [x], domain=DOMAIN, norm=norm)
    for n in (1, N_FEATURES):
        parts = {"offset": [0.25] * n, "scale": [3.0, *[0.5] * (n - 1)]}
        all_of_them.node("Scaler", [x], domain=DOMAIN, **parts)
    support_vectors(all_of_them)
    all_of_them.node("Binarizer", [x], domain=DOMAIN, threshold=0.5)
    values = [0.5, -1.0, 2.0, 3.0, -4.0]
    for replaced in (0.5, -0.5):
        put_in: dict[str, Any] = {"imputed_value_floats": values, "replaced_value_float": replaced}
        all_of_them.node("Imputer", [x], domain=DOMAIN, **put_in)


def machines() -> dict[str, dict[str, Any]]:
    """Attributes of SVMClassifier by what they are."""
    two, three = _machine((3, 2)), _machine((3, 1, 4))
    kernels: dict[str, dict[str, Any]] = {
        "LINEAR": {"kernel_params": [0.0, 0.0, 0.0]},
        "POLY": {"kernel_params": [0.1, 0.5, 3.0]},
        "RBF": {"kernel_params": [0.2, 0.0, 3.0]},
        "SIGMOID": {"kernel_params": [0.1, -0.2, 3.0]},
    }
    found = {
        f"{kernel} of {n}": machine | parts | {"kernel_type": kernel}
        for kernel, parts in kernels.items()
        for n, machine in (("two", two), ("three", three))
    }
    rbf: dict[str, Any] = {"kernel_type": "RBF", **kernels["RBF"]}
    for n, machine, n_pairs in (("two", two, 1), ("three", three, 3)):
        sigmoids = {"prob_a": [-1.5, -2.0, -0.7][:n_pairs], "prob_b": [0.1, -0.3, 0.2][:n_pairs]}
        found[f"probabilities of {n}"] = machine | rbf | sigmoids
    found["a softmax of pairs"] = three | rbf | {"post_transform": "SOFTMAX"}
    return found


def _machine(counts: Sequence[int]) -> dict[str, Any]:
    """Random support vectors of each class."""
    random, n, n_classes = np.random.default_rng(len(counts)), sum(counts), len(counts)
    n_pairs = n_classes * (n_classes - 1) // 2
    sizes = {"support_vectors": n * N_FEATURES, "coefficients": (n_classes - 1) * n, "rho": n_pairs}
    drawn = {name: random.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    lists = {name: values.tolist() for name, values in drawn.items()}
    return {"vectors_per_class": counts, "classlabels_ints": LABELS[:n_classes], **lists}


def support_vectors(all_of_them: Operators) -> None:
    """Machines of all kernels, for classes and for numbers."""
    x = all_of_them.input(2, N_FEATURES)
    for attributes in machines().values():
        all_of_them.nodes("SVMClassifier", [x], 2, domain=DOMAIN, **attributes)
    vectors = {"support_vectors": all_of_them.real(4 * N_FEATURES).tolist(), "n_supports": 4}
    sums = {"coefficients": all_of_them.real(4).tolist(), "rho": [0.2]}
    rbf = {"kernel_type": "RBF", "kernel_params": [0.2, 0.0, 3.0]}
    for one_class in (0, 1):
        parts = {**vectors, **sums, **rbf, "one_class": one_class}
        all_of_them.node("SVMRegressor", [x], domain=DOMAIN, **parts)
    straight = {"coefficients": all_of_them.real(N_FEATURES).tolist(), "rho": [-0.4]}
    straight["kernel_params"] = [0.0, 0.0, 0.0]
    all_of_them.node("SVMRegressor", [x], domain=DOMAIN, kernel_type="LINEAR", **straight)


def _halves(all_of_them: Operators) -> str:
    """Whole numbers, of which every other one is odd."""
    graph = all_of_them.graph
    return graph.node(
        "Round", [graph.node("Mul", [all_of_them.input(2, N_FEATURES), _two(all_of_them)])]
    )


def _two(all_of_them: Operators) -> str:
    return all_of_them.graph.constant(2, np.float32)


def _linear(all_of_them: Operators, x: str) -> None:
    weights = {
        "coefficients": all_of_them.real(3 * N_FEATURES).tolist(),
        "intercepts": all_of_them.real(3).tolist(),
    }
    all_of_them.node("LinearRegressor", [x], domain=DOMAIN, targets=3, **weights)
    for transform in ("NONE", "LOGISTIC", "SOFTMAX"):
        attributes = {**weights, "classlabels_ints": LABELS, "post_transform": transform}
        all_of_them.nodes("LinearClassifier", [x], 2, domain=DOMAIN, **attributes)
