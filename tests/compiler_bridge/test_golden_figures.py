"""Instructions, code, SRAM and stack of real models are what they were when last reviewed.

`make goldens` writes the file anew; its diff shows which model became slower or larger, and where.
"""

from __future__ import annotations

import pytest

from tests.support.exactness import subject
from tests.support.golden_figures import (
    CLASSES,
    HELIUM,
    PATH,
    QEMU,
    UNICORN,
    installed_versions,
    measured,
    read_goldens,
    write_goldens,
)
from tests.support.golden_models import MODELS, GoldenModel
from tests.support.tools import require_tool

# What the figures of an emulator hang on.
USED = {UNICORN: ("ziglang", UNICORN), QEMU: ("ziglang", QEMU)}
EVERY_CLASS = tuple(isa_class for classes in CLASSES.values() for isa_class in classes)


@pytest.mark.parametrize("emulator", CLASSES)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_firmware_takes_what_it_took_when_last_reviewed(
    model: GoldenModel, emulator: str, *, update_goldens: bool
) -> None:
    """Fails on any change, to the better too: `make goldens` and look at the diff."""
    if not model.path.is_file():
        pytest.skip(f"there is no {model.path}")
    if emulator == QEMU:
        require_tool(QEMU)
    here = {tool: number for tool, number in installed_versions().items() if tool in USED[emulator]}
    known_versions, goldens = read_goldens()
    if not update_goldens and here != {tool: known_versions.get(tool) for tool in here}:
        pytest.skip(f"the goldens are of {known_versions}, here are {here}")
    ours = subject(model.path)
    known = tuple(
        one for one in goldens if one.model == model.name and one.isa_class in CLASSES[emulator]
    )
    if not update_goldens and {one.sha256 for one in known} - {ours.graph.sha256[:12]}:
        pytest.skip(f"the goldens are of another {model.name}")
    fresh = measured(model.name, ours.graph.sha256, ours.generated, emulator)
    if update_goldens:
        write_goldens(here, fresh)
        return
    assert fresh == known, "run `make goldens` and review the diff"


def test_the_goldens_are_of_known_models_each_on_all_classes() -> None:
    """A line that no test looks at would be believed for ever."""
    _, goldens = read_goldens()
    names = {model.name for model in MODELS}
    assert {one.model for one in goldens} == names
    assert sorted((one.model, one.isa_class) for one in goldens) == sorted(
        (name, isa_class) for name in names for isa_class in EVERY_CLASS
    )
    assert list(goldens) == sorted(goldens), f"{PATH} is not sorted"
    assert all(one.instructions > 0 for one in goldens)


@pytest.mark.parametrize(
    ("isa_class", "other"),
    [
        ("armv7e-m+fp.dp", "armv7e-m+fp"),
        ("armv8-m.main+dsp+fp", "armv7e-m+fp"),
        (HELIUM, "armv7e-m+fp"),
        ("rv32imc", "armv6-m"),
    ],
)
def test_no_model_takes_more_instructions_than_on_the_class_below(
    isa_class: str, other: str
) -> None:
    """A Cortex-M7, M33 or M55 at most those of a Cortex-M4, RV32IMC those of a Cortex-M0."""
    counts = {(one.model, one.isa_class): one.instructions for one in read_goldens()[1]}
    slower = [
        model
        for model, its_class in counts
        if its_class == isa_class and counts[model, isa_class] > counts[model, other]
    ]
    assert not slower
