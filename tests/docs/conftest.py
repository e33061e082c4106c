"""Settings of the tests of the documentation."""

from __future__ import annotations

import pytest


@pytest.fixture
def as_a_reader(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A terminal of 80 columns, and no cache but an empty one."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path_factory.mktemp("cache")))
