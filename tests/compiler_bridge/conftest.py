"""What several tests of the compiler bridge ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.support.example_models import quantized_example


@pytest.fixture(scope="session")
def int8_example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives an example's int8 variant by name; each is quantized once."""
    folder = tmp_path_factory.mktemp("int8-examples")
    return cache(lambda name: quantized_example(name, folder))
