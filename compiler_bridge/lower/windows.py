"""Geometry of sliding windows: convolution and pooling."""

from __future__ import annotations

from dataclasses import dataclass

# Far beyond any kernel; the generated code walks over all taps to find those inside the input.
LARGEST_REACH = 2**15


@dataclass(frozen=True, slots=True)
class Axis:
    """A window along one axis.

    Attributes:
        size: of the input.
        out: of the output.
        pad: before the first element.
        declared_after: padding after the last element as the file says it; None if it does not.
        pad_after: after the last element that any window reaches (negative: unused elements).
    """

    size: int
    out: int
    kernel: int
    stride: int
    dilation: int
    pad: int
    declared_after: int | None = None

    @property
    def pad_after(self) -> int:
        return (
            (self.out - 1) * self.stride
            + (self.kernel - 1) * self.dilation
            + 1
            - (self.size + self.pad)
        )

    @property
    def is_padded(self) -> bool:
        """Whether some window reaches outside the input."""
        return self.pad > 0 or self.pad_after > 0

    @property
    def is_rounded_up(self) -> bool:
        """Whether the last window reaches beyond the padding that the file declares."""
        return self.declared_after is not None and self.pad_after > self.declared_after

    @property
    def has_empty_window(self) -> bool:
        """Whether some window lies in the padding only."""
        last = (self.out - 1) * self.stride - self.pad
        return self.pad >= (self.kernel - 1) * self.dilation + 1 or last >= self.size


def geometry(rows: Axis, columns: Axis) -> dict[str, int]:
    """Fields that all window kernels share."""
    return {
        "in_h": rows.size,
        "in_w": columns.size,
        "out_h": rows.out,
        "out_w": columns.out,
        "kernel_h": rows.kernel,
        "kernel_w": columns.kernel,
        "stride_h": rows.stride,
        "stride_w": columns.stride,
        "pad_h": rows.pad,
        "pad_w": columns.pad,
    }


def dilations(rows: Axis, columns: Axis) -> dict[str, int]:
    """Fields of the kernels that take dilation."""
    return {"dilation_h": rows.dilation, "dilation_w": columns.dilation}
