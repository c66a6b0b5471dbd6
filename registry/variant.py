"""How one model was derived from another, and what that did to its accuracy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """Lineage of one derived model.

    Attributes:
        model_sha256: of the derived model file.
        source_sha256: of the model file that it was derived from.
        recipe: what was done, so that it can be done again: ``int8 post-training, per channel``.
        calibration_sha256: of the calibration data; None where the recipe takes none.
        metric: what accuracy means here and on which data: ``top-1 accuracy, 360 digits``.
        accuracy_before: of the source model, in units of the metric; None when not measured.
        accuracy_after: of the derived model on the same data; None when not measured.
    """

    model_sha256: str
    source_sha256: str
    recipe: str
    calibration_sha256: str | None = None
    metric: str = ""
    accuracy_before: float | None = None
    accuracy_after: float | None = None
