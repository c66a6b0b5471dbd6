"""What can go wrong while a variant of a model is made or measured."""

from __future__ import annotations

from fitgraph.compiler_bridge.errors import BridgeError


class RecipeError(BridgeError):
    """Base of the recipes' errors."""

    code = "recipe-error"


class NotFloatModelError(RecipeError):
    """The model has nothing that could be quantized, or is quantized already."""

    code = "not-a-float-model"


class CalibrationError(RecipeError):
    """The calibration data does not belong to the model, or is not usable."""

    code = "bad-calibration-data"


class EvaluationError(RecipeError):
    """The test data, the outputs and the metric do not go together."""

    code = "bad-evaluation-data"


def first_line(error: Exception) -> str:
    """Other libraries' messages run over many lines; the first says what is wrong."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
