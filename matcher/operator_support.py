"""What a runtime lacks of the operators that a model uses."""

from __future__ import annotations

from fitgraph.matcher.facts import ModelNeeds, OperatorUse
from fitgraph.registry.runtime import OperatorSupport, Runtime


def complaints(model: ModelNeeds, runtime: Runtime) -> dict[str, str]:
    """Each operator that is not supported as used, with what is wrong, sorted by operator."""
    supported = {support.operator: support for support in runtime.operators}
    uses = sorted(model.operators, key=lambda use: (use.operator, use.version, sorted(use.dtypes)))
    found = ((use.operator, _complaint(use, supported.get(use.operator))) for use in uses)
    return {operator: complaint for operator, complaint in found if complaint}


def _complaint(use: OperatorUse, support: OperatorSupport | None) -> str:
    if support is None:
        return use.operator
    if support.max_version is not None and use.version > support.max_version:
        return f"{use.operator} version {use.version} (up to {support.max_version})"
    if support.min_version is not None and use.version < support.min_version:
        return f"{use.operator} version {use.version} (from {support.min_version})"
    foreign = sorted(use.dtypes.difference(support.dtypes)) if support.dtypes else []
    return f"{use.operator} on {', '.join(foreign)}" if foreign else ""
