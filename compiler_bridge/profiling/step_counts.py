"""Instructions of one inference by step, counted in unicorn.

Instructions of the model's entry function belong to the step whose line they come from. What runs
outside of it belongs to the step that called last. So every instruction is counted once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from unicorn import unicorn_const as uc
from unicorn.unicorn_py3 import Uc

from fitgraph.compiler_bridge.elf import FirmwareImage
from fitgraph.compiler_bridge.emulators.blocks import BlockCounts, BlockHook
from fitgraph.compiler_bridge.emulators.cores import CORES, Core
from fitgraph.compiler_bridge.emulators.native_blocks import block_hook
from fitgraph.compiler_bridge.emulators.protocol import DEFAULT_TIMEOUT_S
from fitgraph.compiler_bridge.emulators.unicorn_session import UnicornSession
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import input_bytes
from fitgraph.compiler_bridge.profiling.line_map import LineMap
from fitgraph.compiler_bridge.program import Array
from fitgraph.registry.board import Board

Block = tuple[int, int]

# What calls the model.
_HARNESS = frozenset({"main", "fitgraph_wait"})


@dataclass(frozen=True, slots=True)
class StepCounts:
    """Instructions of one inference.

    Attributes:
        by_step: None for what belongs to no step.
        by_function: of functions outside of the model's entry, with the steps that called them.
    """

    by_step: Mapping[int | None, int]
    by_function: Mapping[str, tuple[int, tuple[int, ...]]]


def count_steps(
    elf: bytes, board: Board, generated: GeneratedCode, lines: LineMap, inputs: Sequence[Array]
) -> StepCounts:
    """Runs one inference on a core of unicorn's.

    Raises:
        EmulationError: see ``Emulator.run``.
    """
    core = CORES[board.needed_isa_class()]
    session = UnicornSession(core, elf, board, generated, DEFAULT_TIMEOUT_S)
    hook = _StepHook(core, session.image, lines, block_hook(core, session.image))
    session.infer_counted(input_bytes(generated, inputs), hook)
    return hook.result()


@dataclass(slots=True)
class _StepHook:
    """A block hook that notes, whenever the model goes on to another step, what ran meanwhile."""

    core: Core
    image: FirmwareImage
    lines: LineMap
    blocks: BlockHook
    by_step: Counter[int | None] = field(default_factory=Counter)
    by_function: Counter[str] = field(default_factory=Counter)
    callers: dict[str, set[int]] = field(default_factory=dict)
    _step: int | None = None
    _before: Mapping[Block, int] = field(default_factory=dict)
    _handle: int = 0
    _machine: Uc | None = None

    def attach(self, machine: Uc) -> None:
        """See ``BlockHook``."""
        self._machine = machine
        self.blocks.attach(machine)
        self._handle = machine.hook_add(
            uc.UC_HOOK_BLOCK, self._entered, begin=self.lines.start, end=self.lines.end - 1
        )

    def so_far(self) -> Mapping[Block, int]:
        return self.blocks.so_far()

    def detach(self, machine: Uc) -> BlockCounts:
        """See ``BlockHook``."""
        machine.hook_del(self._handle)
        self._note()
        counts = self.blocks.detach(machine)
        self._count_entry(machine, counts.times)
        return counts

    def result(self) -> StepCounts:
        """What was counted."""
        functions = {
            name: (count, tuple(sorted(self.callers[name])))
            for name, count in self.by_function.items()
        }
        return StepCounts(dict(self.by_step), functions)

    def _entered(self, _machine: Uc, address: int, n_bytes: int, _data: object) -> None:
        """A block's last instruction may be a call, of the step that it belongs to."""
        step = self.lines.step_at(address + n_bytes - 1)
        if step != self._step:
            self._note()
            self._step = step

    def _note(self) -> None:
        """Counts what ran outside of the entry function since the last time."""
        assert self._machine is not None
        now = self.blocks.so_far()
        for (address, n_bytes), times in now.items():
            fresh = times - self._before.get((address, n_bytes), 0)
            if fresh and not self.lines.holds(address):
                self._count(address, n_bytes, fresh, self._machine)
        self._before = now

    def _count(self, address: int, n_bytes: int, times: int, machine: Uc) -> None:
        name = self.image.nearest_function(address)
        code = bytes(machine.mem_read(address, n_bytes))
        count = times * len(list(_instructions(self.core, code)))
        step = None if name in _HARNESS else self._step
        self.by_step[step] += count
        self.by_function[name] += count
        self.callers.setdefault(name, set()).update(() if step is None else (step,))

    def _count_entry(self, machine: Uc, blocks: Mapping[Block, int]) -> None:
        for (address, n_bytes), times in blocks.items():
            if self.lines.holds(address):
                code = bytes(machine.mem_read(address, n_bytes))
                for offset in _instructions(self.core, code):
                    self.by_step[self.lines.step_at(address + offset)] += times


def _instructions(core: Core, code: bytes) -> list[int]:
    """Offsets of the instructions of straight code."""
    offsets, offset = [], 0
    while offset < len(code):
        offsets.append(offset)
        offset += core.instruction_bytes(int.from_bytes(code[offset : offset + 2], "little"))
    return offsets
