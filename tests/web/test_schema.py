"""The API against its own schema: whatever schemathesis thinks of, no 5xx and no other shape."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

pytest.importorskip("schemathesis")

QUICK = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@pytest.mark.slow  # a dozen requests for each of the addresses
def test_every_operation_keeps_to_the_schema(live):
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    wanted = [
        not_a_server_error,
        checks.content_type_conformance,
        checks.response_schema_conformance,
        checks.status_code_conformance,
    ]
    schema = schemathesis.openapi.from_url(f"{live}/api/openapi.json")
    seen = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        seen.add(operation.label)

        @QUICK
        @given(operation.as_strategy())
        def run(case):
            case.call_and_validate(checks=wanted, timeout=60.0)

        run()
    assert {"POST /api/predict", "POST /api/compute", "DELETE /api/jobs/{id}"} <= seen
