"""Rules of a user as SHACL shapes in a folder: what may go where, besides what fits where.

Each pair of a model and a board is a node of class ``fg:Match`` with ``fg:model``, ``fg:board`` and
``fg:runtime``; beside it stands what the graph says of these three, of the board's memory regions
and of its microcontroller, and every triple of the folder's files. A pair breaks a rule if its own
node does, or its model's, its board's or its runtime's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.policy_files import read_policies
from fitgraph.matcher.policy_graph import Described, Pair, described
from fitgraph.matcher.policy_reach import reach_of
from fitgraph.matcher.verdict import Constraint
from fitgraph.registry.footprint import Evidence

if TYPE_CHECKING:  # it takes half a second to import, which who has no policy need not wait for
    from numpy.typing import NDArray
    from rdflib import Graph
    from rdflib.term import Node

    from fitgraph.registry.store_base import Store


#: Pairs that can be told apart and are held one by one; each takes about a millisecond.
MOST_APART: Final = 20_000


@dataclass(frozen=True, slots=True)
class Policies:
    """The rules of a folder.

    Attributes:
        rules: shapes and whatever else the files say.
        n_files: that were read.
    """

    folder: Path
    rules: Graph
    n_files: int


def load_policies(folder: Path) -> Policies:
    """All Turtle files of a folder.

    Raises:
        InvalidDemandError: there is none, one is no Turtle, or says what would not be checked; the
            message names file and line.
    """
    found = read_policies(folder)
    rules = found[0].graph
    for one in found[1:]:
        rules = rules + one.graph
    return Policies(folder, rules, len(found))


def broken(policies: Policies, store: Store, pairs: Sequence[Pair]) -> dict[Pair, tuple[str, ...]]:
    """What each pair breaks, in the words of the rules; a pair that breaks none is not there.

    Of pairs that the rules cannot tell apart one is held against them.

    Raises:
        InvalidDemandError: a rule cannot be checked.
    """
    resources = {iri for pair in pairs for iri in pair.resources}
    known = described(store, resources, reach_of(policies.rules))
    keys = {iri: known.key(iri) for iri in resources}
    alike: defaultdict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        alike[tuple(keys[iri] for iri in pair.resources)].append(pair)
    words = _held(policies, known, [some[0] for some in alike.values()])
    own = _own_messages(policies.rules)
    found: dict[Pair, tuple[str, ...]] = {}
    one_by_one: list[Pair] = []
    for some in alike.values():
        messages = words.get(some[0])
        if messages and len(some) > 1 and not own.issuperset(messages):
            one_by_one += some  # pySHACL's own words may name the pair
        elif messages:
            found.update(dict.fromkeys(some, messages))
    return found | _held(policies, known, one_by_one)


def forbidden(
    policies: Policies,
    store: Store,
    models: Sequence[str],
    boards: Sequence[str],
    runtime: str,
    most: int = MOST_APART,
) -> NDArray[np.bool_] | None:
    """Which pairs of a model and a board break a rule, a row a model, without saying which rule.

    None where the rules tell more than ``most`` of them apart.

    Args:
        models: IRIs, likewise ``boards`` and ``runtime``.

    Raises:
        InvalidDemandError: a rule cannot be checked.
    """
    known = described(store, {*models, *boards, runtime}, reach_of(policies.rules))
    rows, columns = _numbered(known, models), _numbered(known, boards)
    if len(rows) * len(columns) > most:
        return None
    pairs = [Pair(model, board, runtime) for model in rows.values() for board in columns.values()]
    held = _held(policies, known, pairs)
    is_broken = np.array([pair in held for pair in pairs], dtype=np.bool_)
    of_classes = is_broken.reshape(len(rows), len(columns))
    return of_classes[np.ix_(_places(known, rows, models), _places(known, columns, boards))]


def _numbered(known: Described, iris: Sequence[str]) -> dict[str, str]:
    """The first resource of each key, by the key."""
    found: dict[str, str] = {}
    for iri in iris:
        found.setdefault(known.key(iri), iri)
    return found


def _places(known: Described, firsts: Mapping[str, str], iris: Sequence[str]) -> list[int]:
    places = {key: place for place, key in enumerate(firsts)}
    return [places[known.key(iri)] for iri in iris]


def _held(
    policies: Policies, known: Described, pairs: Sequence[Pair]
) -> dict[Pair, tuple[str, ...]]:
    """What each of these pairs breaks, all of them held against the rules."""
    if not pairs:
        return {}
    graph, nodes = known.nodes(pairs)
    words = _violations(policies, graph + policies.rules)
    found = {pair: _of_nodes(words, concerned) for pair, concerned in nodes.items()}
    return {pair: messages for pair, messages in found.items() if messages}


def _own_messages(rules: Graph) -> frozenset[str]:
    """What the authors of the rules say."""
    from rdflib import SH  # noqa: PLC0415 - see above

    return frozenset(str(one) for one in rules.objects(None, SH.message))


def policy(policies: Policies, messages: Sequence[str]) -> Constraint:
    """Whether the rules hold for a pair.

    Args:
        messages: of the rules that it breaks.
    """
    files = f"{policies.n_files} file{'s' * (policies.n_files != 1)} of {policies.folder}"
    return Constraint(
        name="policy",
        required=0,
        available=len(messages),
        margin=-len(messages),
        unit="broken rules",
        evidence=Evidence.BOUND,
        satisfied=not messages,
        sources=(str(policies.folder),),
        message="; ".join(messages) or f"no rule in {files} is broken",
    )


def _of_nodes(words: Mapping[Node, set[str]], nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(sorted({message for node in nodes for message in words.get(node, ())}))


def _violations(policies: Policies, graph: Graph) -> dict[Node, set[str]]:
    """Messages by the node that breaks the rule; warnings and notes forbid nothing."""
    from pyshacl import validate  # noqa: PLC0415 - see above
    from rdflib import RDF, SH, Graph, Literal  # noqa: PLC0415

    try:
        _, report, _ = validate(graph, shacl_graph=policies.rules, abort_on_first=False)
    except Exception as error:  # pySHACL raises whatever a shape makes it meet
        raise InvalidDemandError(
            f"the policies in {policies.folder} cannot be checked: {_first_line(error)}",
            hint="hold the shapes against SHACL, sections 2 to 5",
        ) from error
    found: dict[Node, set[str]] = {}
    if not isinstance(report, Graph):
        return found
    for result in report.subjects(RDF.type, SH.ValidationResult):
        node = report.value(result, SH.focusNode)
        if node is None or report.value(result, SH.resultSeverity) != SH.Violation:
            continue
        said = [str(one) for one in report.objects(result, SH.resultMessage)]
        source = report.value(result, SH.sourceShape)
        shown = "" if source is None or isinstance(source, Literal) else str(source)
        found.setdefault(node, set()).update(said or [f"the rule {shown} is broken"])
    return found


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
