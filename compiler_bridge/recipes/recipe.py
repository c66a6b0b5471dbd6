"""What was done to a model to get a variant of it: the record that lineage is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recipe:
    """One application of a recipe to one model file.

    Attributes:
        name: which recipe, such as ``int8-post-training``.
        tool: name and version of what did the work.
        parameters: every choice that changes the result.
        source_sha256: of the model file that the recipe was applied to.
        calibration_sha256: of the calibration data (see ``CalibrationSet.sha256``).
        n_calibration_samples: how many samples the ranges come from.
    """

    name: str
    tool: str
    parameters: Mapping[str, str | int | float | bool]
    source_sha256: str
    calibration_sha256: str
    n_calibration_samples: int

    @property
    def text(self) -> str:
        """One line that says how to do it again: ``int8-post-training, format=QDQ, ...``."""
        choices = [f"{name}={value}" for name, value in self.parameters.items()]
        return ", ".join([self.name, *choices, self.tool])


@dataclass(frozen=True, slots=True)
class QuantizedModel:
    """A variant that lies on disk.

    Attributes:
        int8_operators: op type to how many of them read and write int8 only.
        float_operators: op type to how many of them still compute in float.
    """

    path: Path
    sha256: str
    n_bytes: int
    recipe: Recipe
    int8_operators: Mapping[str, int]
    float_operators: Mapping[str, int]
