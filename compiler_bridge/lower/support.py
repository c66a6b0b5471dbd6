"""Which operators a lowering takes: the table behind ``supported operators`` everywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.registry.model_graph import DType, ModelGraph, Operator


@dataclass(frozen=True, slots=True)
class Lowering:
    """How one operator type is lowered.

    Attributes:
        lower: writes the steps; takes the operator and the context of its operator set.
        dtypes: dtypes of the data (first) input or output that it takes.
        max_version: newest operator version whose semantics are known to be those lowered.
    """

    lower: Callable[[Any, Any], None]
    dtypes: frozenset[DType]
    max_version: int


def lowering(lower: Callable[[Any, Any], None], *dtypes: DType, max_version: int) -> Lowering:
    """A table entry."""
    return Lowering(lower, frozenset(dtypes), max_version)


LoweringTable = Mapping[str, Lowering]


def for_dtype(tables: Sequence[LoweringTable], op_type: str, dtype: DType | None) -> Lowering:
    """The entry of the first table that lowers the operator on that dtype.

    Raises:
        LookupError: no table does.
    """
    entries = [table[op_type] for table in tables if op_type in table]
    return next(entry for entry in entries if not entry.dtypes or dtype in entry.dtypes)


def merged(tables: Sequence[LoweringTable]) -> LoweringTable:
    """What the tables take together; of two entries of one operator, the first one lowers."""
    together: dict[str, Lowering] = {}
    for table in tables:
        for op_type, entry in table.items():
            known = together.get(op_type, entry)
            together[op_type] = replace(
                known,
                dtypes=known.dtypes | entry.dtypes,
                max_version=max(known.max_version, entry.max_version),
            )
    return together


def refuse_ends(graph: ModelGraph, dtypes: Collection[DType]) -> None:
    """Says which input or output of the model has a type that the C interface does not offer.

    Raises:
        UnsupportedOperatorError: by the operator that reads or writes it.
    """
    for kind, indices in (("input", graph.inputs), ("output", graph.outputs)):
        for index in indices:
            tensor = graph.tensors[index]
            if tensor.dtype not in dtypes:
                raise UnsupportedOperatorError(
                    f"{graph.name}: {_user(graph, kind, index)} {kind} {tensor.name!r} as "
                    f"{tensor.dtype}, which is not supported for an {kind} of the model",
                    hint=f"an {kind} may be {', '.join(sorted(dtypes))}",
                )


def _user(graph: ModelGraph, kind: str, index: int) -> str:
    for operator in graph.operators:
        used = operator.inputs if kind == "input" else operator.outputs
        if index in used:
            verb = "reads" if kind == "input" else "writes"
            return f"{operator.qualified_name} version {operator.version} {verb} the"
    return "no operator uses the"


def refuse_unsupported(
    graph: ModelGraph,
    why_not: Callable[[ModelGraph, Operator], str],
    folded: frozenset[int] = frozenset(),
) -> None:
    """Says before any work starts what cannot be compiled.

    Args:
        why_not: what speaks against an operator; empty if nothing does.
        folded: positions of operators that leave constants and nothing to do.

    Raises:
        UnsupportedOperatorError: the first reason, and how many kinds more there are.
    """
    reasons = [
        reason
        for position, operator in enumerate(graph.operators)
        if position not in folded and (reason := why_not(graph, operator))
    ]
    if reasons:
        more = len(set(reasons)) - 1
        raise UnsupportedOperatorError(
            f"{graph.name}: {reasons[0]}" + (f" (and {more} more kinds)" if more else ""),
            hint="`fitgraph model show` lists the model's operators with versions and dtypes",
        )
