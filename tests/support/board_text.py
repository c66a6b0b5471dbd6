"""Board profiles as users write them."""

from __future__ import annotations


def board_text(
    board_id: str,
    *,
    core: str = "Cortex-M4F",
    isa_class: str = "armv7e-m+fp",
    flash: str = "512 KiB",
    ram: str = "128 KiB",
) -> str:
    """The YAML of a board of one flash and one RAM region, with nothing reserved.

    Args:
        flash: size, with its unit or in bytes.
        ram: likewise.
    """
    return f"""\
board_id: {board_id}
name: Mine
vendor: me
mcu: nRF52833
cpu_core: {core}
isa_class: {isa_class}
clock_hz: 64_000_000
regions:
  - {{name: FLASH, kind: flash, base_address: 0x0, size: {flash}}}
  - {{name: RAM, kind: sram, base_address: 0x20000000, size: {ram}}}
sources: [my desk]
"""
