"""One firmware in unicorn, from reset to the last inference."""

from __future__ import annotations

from collections.abc import Sequence

from unicorn import unicorn_const as uc
from unicorn.unicorn_py3 import UcError

from fitgraph.compiler_bridge.elf import read_firmware
from fitgraph.compiler_bridge.emulators.blocks import BlockCounts, BlockHook
from fitgraph.compiler_bridge.emulators.cores import Core
from fitgraph.compiler_bridge.emulators.faults import FaultWatch, MemoryFault
from fitgraph.compiler_bridge.emulators.memory import SYSTEM_CONTROL_SPACE, board_pages
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor
from fitgraph.registry.board import Board

# An unlikely byte, by which untouched stack is known.
_PAINT = b"\xa5"
# A fault this close to the stack pointer and past the end of the stack is the stack's.
_NEAR_STACK_POINTER_BYTES = 256


class UnicornSession:
    """A core that waits in the harness for the next inputs.

    Attributes:
        machine: unicorn's core and memory.
        image: the firmware.
    """

    def __init__(
        self, core: Core, elf: bytes, board: Board, generated: GeneratedCode, timeout_s: float
    ) -> None:
        self.image = read_firmware(elf)
        self.machine = core.create()
        self._core = core
        self._generated = generated
        self._timeout_s = timeout_s
        self._faults = FaultWatch(core)
        self._stack = (
            self.image.symbol("fitgraph_stack_limit"),
            self.image.symbol("fitgraph_stack_top"),
        )
        self._wait = self.image.symbol("fitgraph_wait") & ~1
        self._arenas = {name: self.image.symbol(name) for name in generated.arenas}
        self._map(board)
        self._load(board)
        self._boot()

    def infer(self, contents: Sequence[bytes]) -> tuple[bytes, ...]:
        """Bytes of the outputs for the bytes of the inputs."""
        for tensor, content in zip(self._generated.inputs, contents, strict=True):
            self.machine.mem_write(self._address_of(tensor), content)
        # The core stands at the first instruction of an empty function: go on after its call.
        self._run(self.machine.reg_read(self._core.return_address))
        return tuple(
            bytes(self.machine.mem_read(self._address_of(tensor), tensor.n_bytes))
            for tensor in self._generated.outputs
        )

    def _address_of(self, tensor: IoTensor) -> int:
        arena, offset = self._generated.place_of(tensor)
        return self._arenas[arena] + offset

    def infer_counted(
        self, contents: Sequence[bytes], hook: BlockHook
    ) -> tuple[tuple[bytes, ...], BlockCounts]:
        """Like ``infer``, counting blocks and following the stack pointer."""
        hook.attach(self.machine)
        # Code that was translated before does not call the hook.
        self.machine.ctl_flush_tb()
        outputs = self.infer(contents)
        return outputs, hook.detach(self.machine)

    def stack_high_water_bytes(self, lowest_sp: int) -> int:
        """Deepest stack use: what was written since reset, or the stack pointer if deeper.

        Raises:
            EmulationError: it is more than the firmware reserves.
        """
        limit, top = self._stack
        content = bytes(self.machine.mem_read(limit, top - limit))
        written_bytes = len(content.lstrip(_PAINT))
        used_bytes = max(written_bytes, top - lowest_sp)
        if used_bytes > top - limit:
            raise EmulationError(
                f"the stack grew to {used_bytes:,} bytes, but {top - limit:,} are reserved",
                hint="build the firmware with a larger stack",
            )
        return used_bytes

    def _map(self, board: Board) -> None:
        pages = list(board_pages(board, self.machine.query(uc.UC_QUERY_PAGE_SIZE)))
        if self._core.is_arm:
            pages.append(SYSTEM_CONTROL_SPACE)
        for mapped in pages:
            span = mapped.pages
            self.machine.mem_map(span.start, span.end - span.start, mapped.rights)
        guards = tuple(guard for mapped in pages for guard in mapped.guards)
        self._faults.attach(self.machine, guards)

    def _load(self, board: Board) -> None:
        limit, top = self._stack
        try:
            for segment in self.image.segments:
                self.machine.mem_write(segment.load_address, segment.content)
            self.machine.mem_write(limit, _PAINT * (top - limit))
        except UcError as error:
            raise EmulationError(
                f"the firmware does not lie in the memory of {board.name}",
                hint="link it with that board's linker script",
            ) from error

    def _boot(self) -> None:
        self.machine.reg_write(self._core.sp, self._stack[1])
        self._run(self.image.symbol("Reset_Handler"))

    def _run(self, start: int) -> None:
        """Runs from an address until the harness waits."""
        entry = start | self._core.entry_bit
        try:
            self.machine.emu_start(entry, self._wait, timeout=round(self._timeout_s * 1e6))
        except UcError as error:
            if self._faults.fault is None:
                raise EmulationError(f"the core stopped {self._where()}: {error}") from error
        if self._faults.fault is not None:
            raise self._memory_error(self._faults.fault)
        if self.machine.reg_read(self._core.pc) != self._wait:
            raise EmulationError(
                f"the firmware did not finish within {self._timeout_s:g} s; it was {self._where()}",
                hint="allow more time, or look for an endless loop",
            )

    def _where(self) -> str:
        pc = self.machine.reg_read(self._core.pc)
        return f"in {self.image.nearest_function(pc)} at 0x{pc:08x}"

    def _memory_error(self, fault: MemoryFault) -> EmulationError:
        place = f"in {self.image.nearest_function(fault.pc)} at 0x{fault.pc:08x}"
        # A push that faults has not moved the stack pointer yet.
        below_bytes = abs(fault.address - self.machine.reg_read(self._core.sp))
        deep = fault.address < self._stack[0] and below_bytes < _NEAR_STACK_POINTER_BYTES
        return EmulationError(
            f"the firmware {fault.verb} 0x{fault.address:08x}, which the board's memory does not "
            f"allow, {place}",
            hint="the stack overflowed its region" if deep else "",
        )
