"""The block hook in C: counting then costs next to nothing.

Where it cannot be compiled, the hook in Python does the same slowly.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache

import numpy as np
from unicorn import unicorn_const as uc
from unicorn.unicorn_py3 import Uc, UcError
from unicorn.unicorn_py3.unicorn import uclib

from fitgraph.compiler_bridge.elf import FirmwareImage
from fitgraph.compiler_bridge.emulators.blocks import BlockCounts, BlockHook, PythonBlockHook
from fitgraph.compiler_bridge.emulators.cores import Core
from fitgraph.compiler_bridge.emulators.host_library import host_library
from fitgraph.compiler_bridge.errors import EmulationError, ToolchainError

_SLOT_BYTES = 2


class _BlockCounter(ctypes.Structure):
    """``block_counter_t``."""

    _fields_ = (
        ("base_address", ctypes.c_uint64),
        ("n_slots", ctypes.c_uint64),
        ("times", ctypes.c_void_p),
        ("n_bytes", ctypes.c_void_p),
        ("n_unknown", ctypes.c_uint64),
        ("previous_address", ctypes.c_uint64),
        ("lowest_stack_pointer", ctypes.c_uint64),
        ("read_register", ctypes.c_void_p),
        ("stack_pointer_id", ctypes.c_int32),
    )


class NativeBlockHook:
    """Counts the blocks of the firmware's code."""

    def __init__(self, core: Core, image: FirmwareImage, library: ctypes.CDLL) -> None:
        code = image.sections[".text"]
        n_slots = code.n_bytes // _SLOT_BYTES
        self._core = core
        self._function = library.fitgraph_block_entered
        self._times = np.zeros(n_slots, np.uint64)
        self._n_bytes = np.zeros(n_slots, np.uint32)
        self._handle = ctypes.c_size_t()
        self._counter = _BlockCounter(
            base_address=code.address,
            n_slots=n_slots,
            times=self._times.ctypes.data,
            n_bytes=self._n_bytes.ctypes.data,
            read_register=ctypes.cast(uclib.uc_reg_read, ctypes.c_void_p),
            stack_pointer_id=core.sp,
        )

    def attach(self, machine: Uc) -> None:
        """See ``BlockHook``; unicorn's own ``hook_add`` takes no function that is not Python."""
        self._counter.lowest_stack_pointer = machine.reg_read(self._core.sp)
        every_address = (ctypes.c_uint64(1), ctypes.c_uint64(0))
        status = uclib.uc_hook_add(
            machine._uch,  # noqa: SLF001 - the engine's handle, which has no other name
            ctypes.byref(self._handle),
            uc.UC_HOOK_BLOCK,
            self._function,
            ctypes.byref(self._counter),
            *every_address,
        )
        if status != uc.UC_ERR_OK:
            raise UcError(status)

    def detach(self, machine: Uc) -> BlockCounts:
        """See ``BlockHook``.

        Raises:
            EmulationError: something ran that is not the firmware's code.
        """
        uclib.uc_hook_del(machine._uch, self._handle)  # noqa: SLF001 - see attach()
        if self._counter.n_unknown:
            raise EmulationError(
                f"{self._counter.n_unknown} blocks ran that are not code of the firmware"
            )
        return BlockCounts(self.so_far(), self._counter.lowest_stack_pointer)

    def so_far(self) -> Mapping[tuple[int, int], int]:
        """See ``BlockHook``."""
        slots = np.flatnonzero(self._times)
        addresses = self._counter.base_address + slots * _SLOT_BYTES
        keys = zip(addresses.tolist(), self._n_bytes[slots].tolist(), strict=True)
        return dict(zip(keys, self._times[slots].tolist(), strict=True))


def block_hook(core: Core, image: FirmwareImage) -> BlockHook:
    """The hook in C, or the one in Python where there is no library of it."""
    library = block_counter_library()
    return PythonBlockHook(core) if library is None else NativeBlockHook(core, image, library)


@cache
def block_counter_library() -> ctypes.CDLL | None:
    """The compiled hook, or None where it cannot be compiled or loaded."""
    try:
        return ctypes.CDLL(str(host_library("block_counter", ("-nostdlib",))))
    except (OSError, ToolchainError):
        return None
