"""Runs the first layers of a network in patches, so that none of their images is whole at once.

A patch is a few rows of the last of these layers' output, computed through all of them before the
next patch begins. Neighbouring patches need some of the same rows in between and compute them
twice: that is the price (Lin et al. 2021, MCUNetV2, section 3). Every output is computed from the
same numbers in the same order, so it is the same to the bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fitgraph.compiler_bridge.layout import ALIGNMENT_BYTES
from fitgraph.compiler_bridge.passes.clearances import with_clearances
from fitgraph.compiler_bridge.passes.row_steps import WINDOWS, Rows, RowStep, row_step
from fitgraph.compiler_bridge.program import Program, Step, Value


@dataclass(frozen=True, slots=True)
class Cut:
    """Which layers are run in patches, and how high these are.

    Attributes:
        n_layers: of the leading chain.
        n_rows: of the last layer's output in a patch; the last patch may have fewer.
    """

    n_layers: int
    n_rows: int


def leading_chain(program: Program) -> tuple[RowStep, ...]:
    """The first steps that make rows out of rows, each of what only the one before wrote."""
    uses = _Uses(program)
    at = next((place for place in range(len(program.steps)) if uses.begins(place)), None)
    n_rows = None if at is None else uses.rows_before(at)
    chain: list[RowStep] = []
    while at is not None:
        found = row_step(program, at, chain[-1].out_rows if chain else n_rows)
        if found is None or uses.n_writers[found.target] != 1:
            break
        chain.append(found)
        at = uses.only_reader(found.target)
    return tuple(chain)


class _Uses:
    """Who writes and who reads each value."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._inputs = {io.value for io in program.inputs}
        states = {index for index, value in enumerate(program.values) if value.is_state}
        self._kept = self._inputs | {io.value for io in program.outputs} | states
        self._barred = states
        self.n_writers = Counter(value for step in program.steps for value in step.outputs)
        self._readers: dict[int, list[int]] = {}
        for place, step in enumerate(program.steps):
            for value in step.value_inputs:
                self._readers.setdefault(value, []).append(place)

    def only_reader(self, value: int) -> int | None:
        """The step that alone needs the value."""
        readers = self._readers.get(value, [])
        return readers[0] if len(readers) == 1 and value not in self._kept else None

    def begins(self, place: int) -> bool:
        """Whether a chain may begin there: nobody writes anew the image that the step reads."""
        if row_step(self._program, place, 1) is None:
            return False
        (source,) = self._program.steps[place].value_inputs
        is_whole = self.n_writers[source] == (0 if source in self._inputs else 1)
        return is_whole and source not in self._barred

    def rows_before(self, place: int) -> int | None:
        """Rows of a step's image, told by the first window that slides over what it makes."""
        at: int | None = place
        while at is not None and row_step(self._program, at, 1) is not None:
            step = self._program.steps[at]
            if step.kernel in WINDOWS:
                return int(step.fields["in_h"])  # type: ignore[arg-type]
            at = self.only_reader(step.outputs[0])
        return None


def cuts(chain: Sequence[RowStep]) -> Iterator[Cut]:
    """All ways to run the chain, or its beginning, in patches."""
    for n_layers in range(2, len(chain) + 1):
        n_rows = chain[n_layers - 1].out_rows
        heights = {-(-n_rows // n_patches) for n_patches in range(2, n_rows + 1)}
        for height in sorted(heights, reverse=True):
            cut = Cut(n_layers, height)
            if _is_possible(chain, cut):
                yield cut


def extra_macs(chain: Sequence[RowStep], cut: Cut) -> int:
    """Multiply-accumulates of the rows that are computed more than once."""
    chosen = chain[: cut.n_layers]
    spent = sum(
        one.macs * (rows[1] - rows[0])
        for patch in _patches(chosen, cut.n_rows)
        for one, rows in zip(chosen, patch, strict=True)
    )
    return spent - sum(one.macs * one.out_rows for one in chosen)


def in_patches(program: Program, chain: Sequence[RowStep], cut: Cut) -> Program:
    """The program with the chain's beginning in patches."""
    chosen = chain[: cut.n_layers]
    made = _Parts(list(program.values))
    for number, patch in enumerate(_patches(chosen, cut.n_rows)):
        made.add(chosen, patch, number)
    values = tuple(made.values)
    promised = with_clearances(replace(program, values=values, steps=tuple(made.steps))).steps
    places = [one.place for one in chosen]
    steps: list[Step] = []
    for place, step in enumerate(program.steps):
        if place == places[-1]:
            steps += promised
        elif place not in places:
            steps.append(step)
    return replace(program, values=values, steps=tuple(steps))


@dataclass(slots=True)
class _Parts:
    """Steps of patches, with the values that they need."""

    values: list[Value]
    steps: list[Step]

    def __init__(self, values: list[Value]) -> None:
        self.values, self.steps = values, []

    def add(self, chain: Sequence[RowStep], patch: Sequence[Rows], number: int) -> None:
        """The steps of one patch."""
        source, offset = chain[0].source, chain[0].needed(patch[0])[0] * chain[0].in_row_bytes
        for one, rows in zip(chain, patch, strict=True):
            is_last = one is chain[-1]
            target = one.target if is_last else self._value(one, rows, number)
            step = replace(
                one.step,
                fields=one.part(rows),
                inputs=(source,),
                outputs=(target,),
                scratch=tuple(self._again(value) for value in one.step.scratch),
                input_offset_bytes=offset,
                output_offset_bytes=rows[0] * one.out_row_bytes if is_last else 0,
            )
            self.steps.append(step)
            source, offset = target, 0

    def _value(self, one: RowStep, rows: Rows, number: int) -> int:
        whole = self.values[one.target]
        n_rows = rows[1] - rows[0]
        shape = (1, n_rows, whole.n_elements // one.out_rows)
        self.values.append(Value(f"{whole.name}, patch {number}", shape, whole.dtype))
        return len(self.values) - 1

    def _again(self, value: int) -> int:
        self.values.append(self.values[value])
        return len(self.values) - 1


def _patches(chain: Sequence[RowStep], n_rows: int) -> Iterator[tuple[Rows, ...]]:
    """For each patch the rows of each layer's output."""
    last = chain[-1].out_rows
    for first in range(0, last, n_rows):
        rows = (first, min(last, first + n_rows))
        found = [rows]
        for one in reversed(chain[1:]):
            rows = one.needed(rows)
            found.append(rows)
        yield tuple(reversed(found))


def _is_possible(chain: Sequence[RowStep], cut: Cut) -> bool:
    """Whether each call has rows to read, and parts begin where a value may begin."""
    chosen = chain[: cut.n_layers]
    for patch in _patches(chosen, cut.n_rows):
        read = [one.needed(rows) for one, rows in zip(chosen, patch, strict=True)]
        starts = (read[0][0] * chosen[0].in_row_bytes, patch[-1][0] * chosen[-1].out_row_bytes)
        if any(first >= last for first, last in read) or any(at % ALIGNMENT_BYTES for at in starts):
            return False
    return True
