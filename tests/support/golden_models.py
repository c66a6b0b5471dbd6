"""The models whose figures are kept: our examples, wake words, and those of the shared data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.example_models import NAMES, float_example
from tests.support.listed_models import FOLDER
from tests.support.reference_models import FLOAT32, INT8, UINT8, reference_path
from tests.support.wake_words import wake_words

# The file of this one is also that of Micro_Speech_Forward_Backward.
TWICE = "Micro_Speech_Yes_No_3"
KWS_REF = "mlcommons+tiny__aeea4368_kws_ref_model.tflite"


@dataclass(frozen=True, slots=True)
class GoldenModel:
    """A model file, which need not be there."""

    name: str
    path: Path


def _models() -> tuple[GoldenModel, ...]:
    examples = [GoldenModel(name, float_example(name)) for name in NAMES]
    words = [GoldenModel(path.stem, path) for path in wake_words()]
    names = (name for name in (*INT8, *FLOAT32, *UINT8) if name != TWICE)
    reference = [GoldenModel(name.rstrip("_"), reference_path(FOLDER, name)) for name in names]
    kws_ref = GoldenModel("kws_ref_model", FOLDER / "models" / KWS_REF)
    return (*examples, *words, *reference, kws_ref)


MODELS = _models()
