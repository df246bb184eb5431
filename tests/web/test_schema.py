"""The API against its own description: schemathesis makes requests from OpenAPI; no 5xx, nothing undocumented."""

from __future__ import annotations

import contextlib
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving import Server

pytestmark = pytest.mark.slow

#: Requests made up for each operation and mode; derandomised, so they are the same every time.
EXAMPLES = 12
KEPT = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
#: Made-up names are seldom a measure: half of the requests ask for one that is.
MEASURES = ("sw-encounters", "usbp-encounters", "darien-entries", "exchange-rate", "usbp-daily")


def test_the_api_keeps_to_its_description(server: Server) -> None:
    schema = schemathesis.openapi.from_url(f"{server.address}api/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 15
    assert "/api/v1/scenario" in {operation.path for operation in operations}
    statuses: set[int] = set()
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            statuses |= _tried(operation, mode)
    assert {200, 400, 404} <= statuses


def _tried(operation: Any, mode: Any) -> set[int]:
    found: set[int] = set()

    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate],
    )  # fmt: skip
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode), name=st.sampled_from((None, *MEASURES))
    )
    def one(case: Any, name: str | None) -> None:
        if name and case.path_parameters and "measure" in case.path_parameters:
            case.path_parameters["measure"] = name
        response = case.call_and_validate(checks=KEPT, timeout=60)
        found.add(response.status_code)

    with contextlib.suppress(hypothesis.errors.Unsatisfiable):  # nothing wrong can be said of it
        one()
    return found
