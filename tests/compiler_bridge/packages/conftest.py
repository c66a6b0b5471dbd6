"""Models that packages are tried with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.exactness import Subject, subject
from tests.support.example_models import float_example
from tests.support.wake_words import wake_words


@pytest.fixture(scope="session")
def digits(int8_example: Callable[[str], Path]) -> Subject:
    """int8 inside, float32 at its ends."""
    return subject(int8_example("digits"))


@pytest.fixture(scope="session")
def anomaly() -> Subject:
    """float32."""
    return subject(float_example("anomaly"))


@pytest.fixture(scope="session")
def wake_word() -> Subject:
    """int8 in, uint8 out, and a state."""
    return subject(wake_words()[0])
