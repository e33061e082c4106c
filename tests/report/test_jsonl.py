from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cijkl.report.jsonl import dumps, write_lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def reject(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(), VALUES))
def test_any_record_is_one_line_of_strict_json(record: dict[str, Any]) -> None:
    text = dumps(record)
    assert "\n" not in text
    assert "\r" not in text
    assert set(json.loads(text, parse_constant=reject)) == set(record)


def test_what_is_no_number_becomes_null_and_arrays_become_lists() -> None:
    record = {
        "a": np.array([[1.5, np.nan], [np.inf, -0.25]]),
        "b": np.float32(0.5),
        "c": np.bool_(True),
        "d": (1, float("-inf")),
        "e": np.int64(7),
    }
    assert json.loads(dumps(record)) == {
        "a": [[1.5, None], [None, -0.25]],
        "b": 0.5,
        "c": True,
        "d": [1, None],
        "e": 7,
    }


def test_numbers_survive_exactly() -> None:
    values = np.random.default_rng(0).normal(size=50) * 10.0 ** np.arange(-25, 25)
    assert json.loads(dumps({"v": values}))["v"] == values.tolist()


def test_lines_are_in_order_and_counted() -> None:
    stream = io.StringIO()
    assert write_lines(({"id": f"é{i}"} for i in range(3)), stream) == 3
    assert [json.loads(line)["id"] for line in stream.getvalue().splitlines()] == ["é0", "é1", "é2"]
