"""Looks for an order of a program's steps that needs less memory at once.

Goes through the sets of steps that may be done after one step, after two, and so on; of the ways
to each set only the one with the lowest peak counts. Without a limit on the sets that is exact
(Ahn et al. 2020, Ordering Chaos, section 3); with one it is a beam search.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fitgraph.compiler_bridge.passes.step_memory import Done, ProgramMemory
from fitgraph.compiler_bridge.program import Program

# Steps that are tried after some set, in all: a few seconds on a machine of 2020.
MOST_TRIES = 300_000
MOST_SETS_AT_ONCE = 1_000
# Steps beyond which the given order stays; sets of so many take too long to compare.
MOST_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """An order of steps.

    Attributes:
        steps: positions in the given order.
        peak_bytes: the most that is live at any step.
        is_exact: whether no order has a lower peak.
    """

    steps: tuple[int, ...]
    peak_bytes: int
    is_exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """A way to have some steps done."""

    peak: int
    live: int
    done: Done
    ready: tuple[int, ...]
    before: _Node | None = None
    step: int = -1


@dataclass(frozen=True, slots=True)
class _Graph:
    """Which steps wait for which."""

    awaited: Sequence[Done]
    waiting: Sequence[Sequence[int]]


def best_order(program: Program) -> Order | None:
    """The order with the lowest peak that was found; the given one if none is lower.

    None for a program with too many steps to look at, or with loops or branches.
    """
    n = len(program.steps)
    if n > MOST_STEPS or program.regions:
        return None
    memory = ProgramMemory(program)
    given = Order(tuple(range(n)), _peak(memory, n), is_exact=False)
    least = max(memory.at_start, memory.least())
    if given.peak_bytes <= least:
        return replace(given, is_exact=True)
    return _search(_graph(program), memory, given, least)


def _peak(memory: ProgramMemory, n: int) -> int:
    peak, live, done = memory.at_start, memory.after_start, 0
    for step in range(n):
        during, live = memory.taking(done, live, step)
        peak, done = max(peak, during), done | 1 << step
    return peak


def _search(graph: _Graph, memory: ProgramMemory, given: Order, least: int) -> Order:
    n, tries = len(graph.awaited), MOST_TRIES
    ready = tuple(step for step, awaited in enumerate(graph.awaited) if not awaited)
    level = [_Node(least, memory.after_start, 0, ready)]
    is_exact = True
    for place in range(n):
        found: dict[Done, _Node] = {}
        for node in level:
            for after in _next(node, graph, memory, given.peak_bytes, found):
                found[after.done] = after
            tries -= len(node.ready)
        width = _width(found.values(), tries, n - place)
        is_exact &= len(found) <= width
        level = sorted(found.values(), key=lambda node: (node.peak, node.live))[:width]
    if not level:
        return replace(given, is_exact=is_exact)
    return Order(_path(level[0]), level[0].peak, is_exact)


def _width(nodes: Collection[_Node], tries: int, n_left: int) -> int:
    """How many of the sets are gone on from, so that the tries last to the end."""
    choices = sum(len(node.ready) for node in nodes)
    affordable = tries * len(nodes) // max(1, choices * n_left)
    return max(1, min(MOST_SETS_AT_ONCE, affordable))


def _next(
    node: _Node, graph: _Graph, memory: ProgramMemory, limit: int, found: Mapping[Done, _Node]
) -> Iterator[_Node]:
    """What may follow below the limit, and better than what was found."""
    for step, during, live in _choices(node, memory):
        peak, done = max(node.peak, during), node.done | 1 << step
        if peak < limit and (done not in found or peak < found[done].peak):
            freed = (one for one in graph.waiting[step] if not graph.awaited[one] & ~done)
            ready = (*(one for one in node.ready if one != step), *freed)
            yield _Node(peak, live, done, ready, node, step)


def _choices(node: _Node, memory: ProgramMemory) -> list[tuple[int, int, int]]:
    """The next step, live bytes during it and after it.

    A step that raises no peak and leaves no more than it found need not wait for another.
    """
    choices = []
    for step in node.ready:
        during, live = memory.taking(node.done, node.live, step)
        if during <= node.peak and live <= node.live:
            return [(step, during, live)]
        choices.append((step, during, live))
    return choices


def _path(node: _Node) -> tuple[int, ...]:
    steps = []
    at: _Node | None = node
    while at is not None and at.before is not None:
        steps.append(at.step)
        at = at.before
    return tuple(reversed(steps))


def _graph(program: Program) -> _Graph:
    """A step waits for those that wrote what it reads or writes, or read what it writes."""
    awaited: list[Done] = []
    writer: dict[int, int] = {}
    readers: dict[int, list[int]] = {}
    for place, step in enumerate(program.steps):
        written = (*step.outputs, *step.scratch)
        before = {writer[value] for value in (*step.value_inputs, *written) if value in writer}
        before |= {reader for value in written for reader in readers.get(value, ())}
        awaited.append(sum(1 << one for one in before))
        for value in step.value_inputs:
            readers.setdefault(value, []).append(place)
        for value in written:
            writer[value], readers[value] = place, []
    waiting: list[list[int]] = [[] for _ in program.steps]
    for place, mask in enumerate(awaited):
        for one in _bits(mask):
            waiting[one].append(place)
    return _Graph(awaited, waiting)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
