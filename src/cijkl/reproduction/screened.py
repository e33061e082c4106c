"""The results of a screening, from a store that is there or from crystals that are screened now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.reproduction.outcome import Request
from cijkl.reproduction.run_folders import run_folder

__all__ = ["read_store", "screened", "stable_rows", "store_of"]

#: of the screening, in the user's folder
_STORE = "screened.duckdb"


@contextmanager
def store_of(request: Request, name: str, ready_set: str) -> Iterator[tuple[Path, list[str]]]:
    """Path of a store: the user's, or one into which their crystals are screened; and remarks.

    Parameters
    ----------
    request
        With a ``store``, or ``data``: crystals in any form that `cijkl screen` takes. The store of
        such a screening is kept in ``out``, where it is taken up.
    name
        Of the item.
    ready_set
        Filter for such crystals, one of `cijkl.screening.SETS`.

    Raises
    ------
    InputError
        If neither is given, or both; or no crystal meets the filter.
    """
    if (request.store is None) == (request.data is None):
        raise InputError(
            f"{name} needs either a store of `cijkl screen` as --store or crystals as --data, "
            f"which are then screened with the set {ready_set}"
        )
    if request.store is not None:
        yield request.store, []
        return
    from cijkl.screening import screen

    with run_folder(request, ready_set) as folder:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _STORE
        done = screen(str(request.data), path, where=ready_set, report=request.counted)
        if done.interrupted:
            raise KeyboardInterrupt
        if done.counts.failed:
            request.report(f"{done.counts.failed} of {done.counts.inputs} crystals failed")
        yield path, list(done.remarks)


def screened(
    request: Request, name: str, ready_set: str
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Give the columns of a screening's results, and notes on what they are.

    Parameters
    ----------
    request, name, ready_set
        As of `store_of`.

    Returns
    -------
    See `read_store`.
    """
    with store_of(request, name, ready_set) as (path, remarks):
        columns, notes = read_store(path)
        if request.store is not None and ready_set == "inorganic-2025":
            notes += _outside(columns)
    return columns, [*notes, *remarks]


def read_store(path: Path) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Give the columns of a store's results and a sentence on them; also ``band_gap``, eV."""
    from cijkl.screening import Store
    from cijkl.screening.statistics import load_columns

    with Store(path) as store:
        columns = load_columns(store)
        engine = store.connection.execute(
            "SELECT engine, details FROM runs ORDER BY run DESC LIMIT 1"
        ).fetchone()
        gaps = _band_gaps(store)
    columns["band_gap"] = np.array([gaps.get(str(f), np.nan) for f in columns["fingerprint"]])
    count = len(columns["id"])
    unstable = count - len(stable_rows(columns))
    by = _engine(*engine) if engine else "an unknown engine"
    told = f"{count} crystals by {by}, {unstable} of them with a tensor that is not stable."
    return columns, [told]


def stable_rows(columns: dict[str, NDArray[Any]]) -> NDArray[np.intp]:
    """Give the rows with a stable tensor, whose moduli mean something."""
    return np.flatnonzero(np.asarray(columns["stable"], bool))


def _engine(name: str, details: str) -> str:
    version = json.loads(details).get("version")
    return f"{name} ({version})" if version else name


def _band_gaps(store: Any) -> dict[str, float]:
    """Known band gaps by fingerprint, eV."""
    if "band_gap" not in store.columns():
        return {}
    found = store.connection.execute(
        "SELECT fingerprint, band_gap FROM screened WHERE band_gap IS NOT NULL"
    ).fetchall()
    return {str(name): float(gap) for name, gap in found}


def _outside(columns: dict[str, NDArray[Any]]) -> list[str]:
    """Say where a store is not the set of the paper."""
    from ase.symbols import Symbols

    from cijkl.screening.filter_columns import RADIOACTIVE

    known = columns["band_gap"]
    inside = (known >= 0.1) & (known <= 3.0)
    radioactive = [
        bool(RADIOACTIVE & set(map(int, Symbols.fromsymbols(str(formula)).numbers)))
        for formula in columns["formula"]
    ]
    away, unknown = int((~inside & np.isfinite(known)).sum()), int(np.isnan(known).sum())
    if not (away or unknown or any(radioactive)):
        return ["All have a band gap of 0.1 to 3.0 eV and no radioactive element, as the paper's."]
    return [
        f"The paper's crystals have a band gap of 0.1 to 3.0 eV and no radioactive element; of "
        f"these {away} have another gap, {unknown} an unknown one, and {sum(radioactive)} a "
        "radioactive element (`cijkl screen --set inorganic-2025` leaves such out)."
    ]
