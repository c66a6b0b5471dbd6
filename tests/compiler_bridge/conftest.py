"""What several tests of the compiler bridge ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.support.exactness import Subject
from tests.support.example_models import quantized_example
from tests.support.kernel_cover import covering_models


@pytest.fixture(scope="session")
def int8_example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives an example's int8 variant by name; each is quantized once."""
    folder = tmp_path_factory.mktemp("int8-examples")
    return cache(lambda name: quantized_example(name, folder))


@pytest.fixture(scope="session")
def cover(shared_data: Path, int8_example: Callable[[str], Path]) -> list[Subject]:
    """Models that together need every kernel."""
    return covering_models(shared_data, int8_example)
