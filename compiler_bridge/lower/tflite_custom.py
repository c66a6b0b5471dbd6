"""Options of TFLite's custom operators, each within its bounds."""

from __future__ import annotations

from fitgraph.compiler_bridge.lower.flex_options import flex_options
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.registry.model_graph import Operator


def custom_option(
    operator: Operator,
    context: TfliteContext,
    name: str,
    low: int,
    high: int,
    *,
    default: int | None = None,
) -> int:
    """A whole number from low to high.

    Args:
        default: what it is where the file is silent.

    Raises:
        UnsupportedOperatorError: it is missing, or something else.
    """
    try:
        options = flex_options(operator.attributes.get("custom_options", b""))
    except (ValueError, IndexError) as error:
        raise context.refusal(operator, str(error)) from error
    value = options.get(name, default)
    if not isinstance(value, int) or not low <= value <= high:
        raise context.refusal(operator, f"its {name} is {value}")
    return value
