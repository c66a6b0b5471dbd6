"""One package serves all cores: its sources choose by what the compiler predefines."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.compiler_bridge.toolchain.zig import zig_environment, zig_executable
from tests.support.exactness import Subject
from tests.support.packed_models import WARNINGS, content_of, done, unpack

HEADERS = Path(__file__).parents[3] / "compiler_bridge" / "firmware" / "include"


@pytest.mark.parametrize("isa_class", sorted(TARGETS))
def test_the_sources_compile_for_every_class_without_a_warning(
    isa_class: str, digits: Subject, wake_word: Subject, tmp_path: Path
) -> None:
    """Nothing but the core is said to the compiler; the model has an arena of its own, or none."""
    flags = [*TARGETS[isa_class].zig, "-fno-sanitize=all", "-std=c99", "-Os", *WARNINGS]
    for model in (digits, wake_word):
        prefix = model.generated.prefix
        folder = unpack("cmake", content_of(model), tmp_path / prefix)
        include = ["-I", folder / "include", "-isystem", HEADERS]
        for define in ((), (f"-D{prefix.upper()}_CALLER_ARENA=1",)):
            command = [zig_executable(), "cc", *flags, *include, *define, "-c"]
            source = folder / "src" / f"{prefix}.c"
            done([*command, source, "-o", "m.o"], tmp_path, environment=zig_environment(tmp_path))
