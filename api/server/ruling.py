"""Matches under the policies of the server, in lists and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from fitgraph.api.plan_jobs import ONE_BY_ONE, SHOWN, FindBroken, FindForbidden, Rules
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.matching import Side
from fitgraph.api.server.state import Server
from fitgraph.matcher.decide import with_constraint
from fitgraph.matcher.index.index import Pair as Told
from fitgraph.matcher.index.levels import Truths
from fitgraph.matcher.policies import Policies, policy
from fitgraph.matcher.policy_graph import Pair
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.iris import board_iri, model_iri, runtime_iri

#: Of resources that rules may speak of.
_KINDS: Final = ("policy", "model", "board", "mcu", "runtime")
#: Pairs that rules tell apart, which are held against them for one answer: half a minute.
_MOST: Final = 20_000
_RANKS: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


async def under_rules(server: Server, matches: Sequence[Match]) -> Sequence[Match]:
    """The matches with what they break of the server's policies; as they are where it has none.

    What is a no already stays as it is, and what was found is kept until something changes.

    Raises:
        DeadlineError: it takes longer than a query may.
    """
    from rdflib import Graph

    rules = server.policies.rules()
    could = [one for one in matches if one.verdict is not Verdict.NO]
    if not rules or not could:
        return matches
    names = {one.model for one in could}
    digests = {name: (await server.matching.model(name)).sha256 for name in names}
    pairs = {
        (one.model, one.board): Pair(
            model_iri(digests[one.model]), board_iri(one.board), runtime_iri(one.runtime)
        )
        for one in could
    }
    broken = await _broken(server, rules, tuple(pairs.values()))
    told = Policies(SHOWN, Graph(), len(rules))
    ruled = []
    for one in matches:
        pair = pairs.get((one.model, one.board))
        found = one if pair is None else with_constraint(one, policy(told, broken[pair]))
        ruled.append(found)
    return ruled


async def ruled(server: Server, side: Side) -> Side:
    """A side whose counts and order go by the server's policies; itself where it has none.

    Raises:
        RequestError: the policies tell too many pairs apart.
    """
    if not server.policies.rules():
        return side
    every = await server.graph.read(lambda _: side.some(None, 0))
    models = list(dict.fromkeys(one.model for one in every))
    boards = list(dict.fromkeys(one.board for one in every))
    runtime = side.index.facts.runtime.name
    found = await forbidden_to(server, models, boards, runtime)
    rows = {name: place for place, name in enumerate(models)}
    columns = {name: place for place, name in enumerate(boards)}
    pairs = sorted(
        (
            replace(one, verdict=Verdict.NO) if found[rows[one.model], columns[one.board]] else one
            for one in every
        ),
        key=_order,
    )
    counts = Counter(one.verdict for one in pairs)

    def some(n_pairs: int | None, start: int) -> tuple[Told, ...]:
        return tuple(pairs[start:] if n_pairs is None else pairs[start : start + n_pairs])

    return Side(side.index, {verdict: counts[verdict] for verdict in Verdict}, some)


async def forbidden_to(
    server: Server, models: Sequence[str], boards: Sequence[str], runtime: str
) -> Truths:
    """Which pairs break a policy of the server, a row a model; kept until something changes.

    Args:
        server: with the policies.
        models: names.
        boards: ids.
        runtime: its name.

    Raises:
        RequestError: the policies tell too many pairs apart.
    """
    rules = server.policies.rules()
    if not rules:
        return np.zeros((len(models), len(boards)), dtype=np.bool_)
    digests = [(await server.matching.model(name)).sha256 for name in models]
    rows, columns = tuple(map(model_iri, digests)), tuple(map(board_iri, boards))
    known = server.policies.tables(server.graph.revision_of(*_KINDS))
    key = rows, columns, runtime
    if key not in known:
        known[key] = await _table(server, rules, rows, columns, runtime_iri(runtime))
    return known[key]


async def _table(
    server: Server, rules: Rules, models: tuple[str, ...], boards: tuple[str, ...], runtime: str
) -> Truths:
    async with server.snapshots.latest() as where:
        job = FindForbidden(where, rules, models, boards, runtime, ONE_BY_ONE)
        found: Any = await server.workers.do(job, server.settings.query_timeout_s)
    if found is None and len(models) * len(boards) > _MOST:
        raise RequestError(
            f"the policies tell {len(models):,} models and {len(boards):,} boards apart one by one",
            hint="ask for fewer; or let the rules say what boards have instead of their names",
        )
    if found is None:
        pairs = tuple(Pair(model, board, runtime) for model in models for board in boards)
        broken = await _broken(server, rules, pairs)
        found = np.array([bool(broken[pair]) for pair in pairs], dtype=np.bool_)
    table: Truths = found.reshape(len(models), len(boards))
    return table


async def _broken(
    server: Server, rules: Rules, pairs: tuple[Pair, ...]
) -> Mapping[Pair, tuple[str, ...]]:
    """What each pair breaks, as many at a time as a worker takes."""
    known = server.policies.known(server.graph.revision_of(*_KINDS))
    while unknown := tuple(pair for pair in pairs if pair not in known):
        async with server.snapshots.latest() as where:
            job = FindBroken(where, rules, unknown)
            found: Any = await server.workers.do(job, server.settings.query_timeout_s)
        known.update(found)
    return known


def _order(one: Told) -> tuple[int, float, str, str]:
    """As ``fitgraph.matcher.match.in_order`` has it."""
    margin = one.sram_margin_bytes
    return _RANKS[one.verdict], float("inf") if margin is None else -margin, one.model, one.board
