"""What a profile holds."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.compiler_bridge.memory_plan import ArenaPart


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step of a model: one call of a kernel.

    Attributes:
        operator: of the model file, with its position there.
        instructions: of one inference, those of functions that it calls among them.
        macs: as the registry counts the operator; 0 for one that has none, None if unknown.
        code_bytes: of this step alone; what it shares with others stands with the functions.
        weights_bytes: of constants that no earlier step has.
        live_bytes: of all values that are needed while it runs.
    """

    index: int
    operator: str
    kernel: str
    instructions: int
    macs: int | None
    code_bytes: int
    weights_bytes: int
    live_bytes: int

    @property
    def instructions_per_mac(self) -> float | None:
        return self.instructions / self.macs if self.macs else None


@dataclass(frozen=True, slots=True)
class FunctionFigures:
    """One function of the firmware that several steps may call.

    Attributes:
        steps: which called it.
    """

    name: str
    instructions: int
    code_bytes: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TensorLife:
    """One value in the arena.

    Attributes:
        role: ``input``, ``output``, ``state`` or an empty string.
        first_step: from -1, before the first step, on.
        last_step: included; the number of steps if it is read after the last one.
    """

    name: str
    offset_bytes: int
    n_bytes: int
    first_step: int
    last_step: int
    role: str = ""


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step of a model, without what only a run tells.

    Attributes:
        live_bytes: of all values that are needed while it runs.
    """

    index: int
    operator: str
    live_bytes: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where each value lies in the arena, and when; the same for every ISA class.

    Attributes:
        lower_bound_bytes: no arena with this order of operators can be smaller.
        peak_step: at which most bytes are live.
        parts: of an arena in several memory regions, as if they lay side by side.
    """

    model: str
    arena_bytes: int
    lower_bound_bytes: int
    peak_step: int
    steps: tuple[TimelineStep, ...]
    tensors: tuple[TensorLife, ...]
    parts: tuple[ArenaPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Saving:
    """What could be saved next.

    Attributes:
        what: ``instructions`` or ``arena``.
        amount: in instructions or bytes.
        share: of the total.
        reason: one sentence with the figures that it was computed from.
    """

    what: str
    step: int
    amount: int
    share: float
    reason: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A model on an ISA class, or on a board of it.

    Attributes:
        instructions: of one inference: those of the steps and ``other_instructions``.
        other_instructions: outside of any step: calling the model, its entry and exit.
        code_bytes: all flash but weights: those of the steps, the functions and
            ``other_code_bytes``.
        other_code_bytes: constants, vectors and what pads.
        other_weights_bytes: what aligns weights.
        lower_bound_bytes: no arena with this order of operators can be smaller.
        peak_step: at which most bytes are live.
        parts: of an arena in several memory regions; see ``Timeline``.
    """

    model: str
    isa_class: str
    board: str
    toolchain: str
    emulator: str
    instructions: int
    other_instructions: int
    code_bytes: int
    other_code_bytes: int
    weights_bytes: int
    other_weights_bytes: int
    arena_bytes: int
    lower_bound_bytes: int
    peak_step: int
    peak_tensors: tuple[str, ...]
    steps: tuple[StepFigures, ...]
    functions: tuple[FunctionFigures, ...]
    tensors: tuple[TensorLife, ...]
    savings: tuple[Saving, ...]
    parts: tuple[ArenaPart, ...] = ()

    @property
    def timeline(self) -> Timeline:
        """What of it has to do with memory."""
        return Timeline(
            model=self.model,
            arena_bytes=self.arena_bytes,
            lower_bound_bytes=self.lower_bound_bytes,
            peak_step=self.peak_step,
            steps=tuple(
                TimelineStep(one.index, one.operator, one.live_bytes) for one in self.steps
            ),
            tensors=self.tensors,
            parts=self.parts,
        )
