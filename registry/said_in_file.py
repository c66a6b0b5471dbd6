"""What a model file says of itself: its licence and its task, as records want them.

ONNX has ``metadata_props``, of which the standard names ``model_license``; others write ``license``
and ``task``. TFLite has a flatbuffer in a buffer that ``TFLITE_METADATA`` names, with a licence,
and a name that its writers set by the task.

Source: ONNX docs/MetadataProps.md; tensorflow/tflite-support, metadata_schema.fbs and
metadata/python/metadata_writers, which name a model by its class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.flatbuffer import FlatBuffer

LICENCE: Final = "licence"
TASK: Final = "task"
#: Characters of a text that are looked at.
_MOST_CHARACTERS: Final = 500
_KEYS: Final = {
    "model_license": LICENCE,
    "license": LICENCE,
    "licence": LICENCE,
    "task": TASK,
    "model_task": TASK,
}
#: Of the buffer with the metadata of a TFLite file.
METADATA_NAME: Final = "TFLITE_METADATA"
_METADATA_ID: Final = b"M001"
_NAME_FIELD: Final = 0
_LICENCE_FIELD: Final = 5
_WRITERS: Final = {
    "ImageClassifier": "image classification",
    "ObjectDetector": "object detection",
    "ImageSegmenter": "image segmentation",
    "AudioClassifier": "audio classification",
    "NLClassifier": "text classification",
    "BertNLClassifier": "text classification",
}
# Words of well-known licences, and their SPDX identifiers.
_LICENCES: Final = (
    (re.compile(r"(?i)\bapache\b.*\b2(\.0)?\b"), "Apache-2.0"),
    (re.compile(r"(?i)\bagpl\W*(v|version)?\W*3"), "AGPL-3.0-only"),
    (re.compile(r"(?i)\blgpl\W*(v|version)?\W*3"), "LGPL-3.0-only"),
    (re.compile(r"(?i)\bgpl\W*(v|version)?\W*3"), "GPL-3.0-only"),
    (re.compile(r"(?i)\bgpl\W*(v|version)?\W*2"), "GPL-2.0-only"),
    (re.compile(r"(?i)\bbsd\W*3\b"), "BSD-3-Clause"),
    (re.compile(r"(?i)\bbsd\W*2\b"), "BSD-2-Clause"),
    (re.compile(r"(?i)\bmit\b"), "MIT"),
)
# What says more than the name of one licence.
_MORE: Final = re.compile(r"(?i)\b(and|or|not|except|with|later|dual)\b|\+")
_MOST_NAME: Final = 100
# An identifier of SPDX has no spaces, and a digit or a hyphen.
_SPDX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+]*(-[A-Za-z0-9.+]+)+")
_MOST_SLUG: Final = 60


def said_by_onnx(properties: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Licence and task of ``metadata_props``; the first of several counts."""
    found: dict[str, str] = {}
    for key, value in properties:
        name, text = _KEYS.get(key.strip().lower()), _text(value)
        if name is not None and text:
            found.setdefault(name, text)
    return found


def said_by_tflite(content: bytes) -> Mapping[str, str]:
    """Licence and task of the metadata of a TFLite file; nothing of what is damaged."""
    if content[4:8] != _METADATA_ID:
        return {}
    try:
        root = FlatBuffer(content).root()
        name, licence = root.string(_NAME_FIELD), _text(root.string(_LICENCE_FIELD))
    except InvalidModelError:
        return {}
    found = {LICENCE: licence, TASK: _WRITERS.get(name.strip(), "")}
    return {key: text for key, text in found.items() if text}


def licences_of(said: Mapping[str, str]) -> tuple[str, ...]:
    """As SPDX writes it; ``LicenseRef-...`` where it is none that is known here."""
    text = said.get(LICENCE, "")
    if not text:
        return ()
    if _SPDX.fullmatch(text):
        return (text,)
    is_name = len(text) <= _MOST_NAME and not _MORE.search(text)
    known = next((name for words, name in _LICENCES if is_name and words.search(text)), "")
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", text)[:_MOST_SLUG].strip("-.")
    return (known or f"LicenseRef-{slug}",) if known or slug else ()


def tasks_of(said: Mapping[str, str]) -> tuple[str, ...]:
    """In lower case, with spaces."""
    task = " ".join(re.sub(r"[-_]+", " ", said.get(TASK, "")).lower().split())
    return (task,) if task else ()


def _text(value: str) -> str:
    """One line that can be printed; an empty string for anything else."""
    text = " ".join(value[:_MOST_CHARACTERS].split())
    return text if text.isprintable() else ""
