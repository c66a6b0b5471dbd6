"""Memory that kernels of CMSIS-NN work in, by the formulas that it publishes.

Every function takes the larger figure where the library decides by more than it is told here, so
that none of them says less than a build asks for.

Source: ARM-software/CMSIS-NN 99f736a6, the ``*_get_buffer_size`` functions in Source/.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from fitgraph.registry.isa import ISA_CLASSES


class Extension(Enum):
    """Which instructions the kernels use; it decides the size of their scratch."""

    NONE = "none"
    DSP = "dsp"
    MVE = "mve"


#: Channels that the Helium depthwise kernel takes at once (CMSIS-NN, ``CH_IN_BLOCK_MVE``).
_MVE_CHANNEL_BLOCK: Final = 124


def extension_of(isa_class: str) -> Extension:
    """What CMSIS-NN is built with for an ISA class."""
    isa = ISA_CLASSES[isa_class]
    if isa.has_mve:
        return Extension.MVE
    return Extension.DSP if isa.has_dsp else Extension.NONE


def convolution_bytes(height: int, width: int, channels: int, extension: Extension) -> int:
    """Columns of int8 input as the inner product reads them: two of int16, or four of int8."""
    if extension is Extension.MVE:
        return helium_columns(height, width, channels)
    return 4 * round_up(height * width * channels, 4)


def helium_columns(height: int, width: int, channels: int) -> int:
    """Four columns in whole registers; a filter of one row may take a padded window instead."""
    columns = 4 * round_up(height * width * channels, 16)
    return columns if height > 1 else max(columns, 2 * width * channels)


def depthwise_bytes(
    height: int, width: int, channels: int, padding: int, extension: Extension
) -> int:
    """The window of all channels of int8 input (DSP), or of a block of them (Helium).

    Of one image without dilation and as many channels out as in; other layers need none.

    Args:
        padding: the larger of rows and columns before the data.
    """
    if extension is Extension.NONE:
        return 0
    if extension is Extension.MVE:
        return 4 * _MVE_CHANNEL_BLOCK * height * width
    return 0 if height == width == 3 and padding <= 1 else 2 * height * width * channels


def average_bytes(channels: int, extension: Extension) -> int:
    """A sum for each channel (DSP)."""
    return 4 * channels if extension is Extension.DSP else 0


def round_up(value: int, multiple: int) -> int:
    """The next multiple."""
    return -(-value // multiple) * multiple
