"""What a runtime lacks of the operators that a model uses, and what is not known of it."""

from __future__ import annotations

from fitgraph.matcher.facts import ModelNeeds, OperatorUse
from fitgraph.registry.model_graph import DType
from fitgraph.registry.runtime import OperatorSupport, Runtime

# Types of biases, shapes, axes and indices, which accompany the data of many operators.
_COMPANIONS = frozenset({DType.INT32.value, DType.INT64.value})

_FLOATS = frozenset({DType.FLOAT32.value, DType.FLOAT16.value})
# Types of quantized weights.
_WEIGHTS = frozenset({DType.INT4.value, DType.INT8.value, DType.UINT8.value, DType.INT16.value})


def complaints(model: ModelNeeds, runtime: Runtime) -> dict[str, str]:
    """Each operator that is not supported as used, with what is wrong, sorted by operator."""
    return _said(model, runtime, is_open=False)


def open_questions(model: ModelNeeds, runtime: Runtime) -> dict[str, str]:
    """Each operator of which the facts do not tell whether it is supported as used, and why."""
    return _said(model, runtime, is_open=True)


def _said(model: ModelNeeds, runtime: Runtime, *, is_open: bool) -> dict[str, str]:
    supported = {support.operator: support for support in runtime.operators}
    uses = sorted(model.operators, key=lambda use: (use.operator, use.version, sorted(use.dtypes)))
    found: dict[str, str] = {}
    for use in uses:
        words, is_unknown = _judged(use, supported.get(use.operator), runtime)
        if words and is_unknown is is_open:
            found[use.operator] = words
    return found


def _judged(
    use: OperatorUse, support: OperatorSupport | None, runtime: Runtime
) -> tuple[str, bool]:
    """What stands against a use, if anything, and whether that leaves it open."""
    complaint = _complaint(use, support)
    is_unlisted = support is None and use.operator.partition(":")[0] in runtime.unlisted_sets
    if complaint and is_unlisted:
        return f"{use.operator}: the list of its operator set is not known", True
    if complaint and runtime.fallback:
        return f"{complaint}: left to {runtime.fallback}", True
    if complaint:
        is_dtype = support is not None and " on " in complaint
        return complaint, runtime.is_converting and is_dtype
    if support is not None and not support.dtypes and use.dtypes:
        return f"{use.operator} on {', '.join(sorted(use.dtypes))}: types are not known", True
    return "", False


def _complaint(use: OperatorUse, support: OperatorSupport | None) -> str:
    if support is None:
        return use.operator
    if support.max_version is not None and use.version > support.max_version:
        return f"{use.operator} version {use.version} (up to {support.max_version})"
    if support.min_version is not None and use.version < support.min_version:
        return f"{use.operator} version {use.version} (from {support.min_version})"
    if support.refuses_hybrid and use.dtypes & _FLOATS and use.dtypes & _WEIGHTS:
        weights = ", ".join(sorted(use.dtypes & _WEIGHTS))
        return f"{use.operator} with float data and weights of {weights}"
    foreign = use.dtypes.difference(support.dtypes) if support.dtypes else frozenset()
    if use.dtypes.intersection(support.dtypes):
        foreign = foreign.difference(_COMPANIONS)
    return f"{use.operator} on {', '.join(sorted(foreign))}" if foreign else ""
