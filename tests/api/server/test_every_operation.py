"""Whatever is sent by the OpenAPI document or against it, the server never fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode

from tests.support.running_server import running_server

EXAMPLES = 3
#: A stream of events does not end by itself.
STREAMS = "^/events"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("fuzzed") / "store"
    with running_server(folder, body_timeout_s=2.0) as client:
        yield client


@pytest.mark.parametrize("mode", GenerationMode)
def test_no_request_makes_the_server_fail(served: httpx.Client, mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_url(f"{str(served.base_url).rstrip('/')}/openapi.json")
    failed, tried = [], 0
    found: Any
    for found in document.exclude(path_regex=STREAMS).get_all_operations():
        operation = found.ok()

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @hypothesis.settings(
            max_examples=EXAMPLES,
            suppress_health_check=list(hypothesis.HealthCheck),
            derandomize=True,
            database=None,
        )
        def send(case: Any) -> None:
            nonlocal tried
            response, tried = case.call(), tried + 1
            if response.status_code >= 500:
                failed.append((case.as_curl_command(), response.status_code, response.text))

        try:
            send()
        except hypothesis.errors.Unsatisfiable:  # nothing can be wrong in what takes nothing
            continue
    assert not failed, failed[:3]
    assert tried > 40
