"""Screening of whole databases: crystals through a filter and an engine into one store.

`screen` does it, on a cluster of Dask; `Store` is the file that holds the results, `query` and
`export` get them out. `where` and `keep` are the filters. Nothing heavy is imported before it is
used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cijkl.screening.cluster import Cluster
    from cijkl.screening.engines import Compute, Engine, Identity, Predict
    from cijkl.screening.filters import Tally, check_conditions, keep, where
    from cijkl.screening.queries import Answer, query
    from cijkl.screening.screening import Summary, screen
    from cijkl.screening.sets import SETS, ReadySet
    from cijkl.screening.statistics_page import write_report
    from cijkl.screening.store import Store, StoreError

__all__ = [
    "SETS",
    "Answer",
    "Cluster",
    "Compute",
    "Engine",
    "Identity",
    "Predict",
    "ReadySet",
    "Store",
    "StoreError",
    "Summary",
    "Tally",
    "check_conditions",
    "keep",
    "query",
    "screen",
    "where",
    "write_report",
]

_HOMES = {
    "Answer": "queries",
    "Cluster": "cluster",
    "Compute": "engines",
    "Engine": "engines",
    "Identity": "engines",
    "Predict": "engines",
    "ReadySet": "sets",
    "SETS": "sets",
    "Store": "store",
    "StoreError": "store",
    "Summary": "screening",
    "Tally": "filters",
    "check_conditions": "filters",
    "keep": "filters",
    "query": "queries",
    "screen": "screening",
    "where": "filters",
    "write_report": "statistics_page",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"cijkl.screening.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'cijkl.screening' has no attribute {name!r}")
