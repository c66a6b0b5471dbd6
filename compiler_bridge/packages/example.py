"""Statements of the generated examples: fill each input, say each output."""

from __future__ import annotations

from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor


def fill_inputs(generated: GeneratedCode, *, names: str = "MODEL") -> str:
    """C statements that write a real 0 to all elements of all inputs."""
    return "\n".join(
        f"    for (int i = 0; i < {names}_INPUT_{index}_ELEMENTS; i++) {{\n"
        f"        {names}_INPUT_{index}[i] = {_zero(tensor, f'{names}_INPUT_{index}')};\n"
        "    }"
        for index, tensor in enumerate(generated.inputs)
    )


def say_outputs(generated: GeneratedCode, statement: str, *, names: str = "MODEL") -> str:
    """C statements that say every element of every output.

    Args:
        statement: with ``{name}``, ``{real}`` (a ``double``) and ``{raw}``, as Python formats.
    """
    return "\n".join(
        f"    for (int i = 0; i < {names}_OUTPUT_{index}_ELEMENTS; i++) {{\n        "
        + statement.format(
            name=f"{names}_OUTPUT_{index}_NAME",
            real=_real(tensor, f"{names}_OUTPUT_{index}"),
            raw=f"{names}_OUTPUT_{index}[i]",
        )
        + "\n    }"
        for index, tensor in enumerate(generated.outputs)
    )


def _is_quantized(tensor: IoTensor) -> bool:
    return tensor.quantization is not None and len(tensor.quantization.scales) == 1


def _zero(tensor: IoTensor, name: str) -> str:
    return f"{name}_ZERO_POINT" if _is_quantized(tensor) else "0"


def _real(tensor: IoTensor, name: str) -> str:
    if _is_quantized(tensor):
        return f"(double){name}_SCALE * ({name}[i] - {name}_ZERO_POINT)"
    return f"(double){name}[i]"
