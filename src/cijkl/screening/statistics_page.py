"""The statistics of a screening as pages that need no network: an overview, and every crystal."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.errors import InputError
from cijkl.screening.spreadsheets import defused
from cijkl.screening.statistics import (
    PROPERTIES,
    Extreme,
    extremes,
    load_columns,
    property_table,
    system_counts,
)
from cijkl.screening.statistics_figures import overview_figures
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.screening.store import Store

__all__ = ["write_pages", "write_report"]

#: crystals in one file of the pages
CHUNK = 500
#: rows of the table of properties, at each end
TABLE_ROWS = 10
_PACKAGE = "cijkl.screening"


def write_report(
    store: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    condition: str = "TRUE",
) -> Path:
    """Write the pages of a store and give the path of the overview, ``index.html``.

    Parameters
    ----------
    store
        Results of `cijkl.screening.screen`; those of the last run's engine are shown.
    folder
        Where to; created if need be.
    condition
        SQL over the columns of ``screened``, such as ``stable and E_max > 500``.

    Raises
    ------
    InputError
        There is no such store, or nothing in it to show.
    """
    from cijkl.screening.store import Store

    with Store(store) as opened:
        columns = load_columns(opened, condition)
        return write_pages(columns, folder, lambda indices: _atoms(opened, columns, indices))


def write_pages(
    columns: Mapping[str, Any],
    folder: str | os.PathLike[str],
    atoms: Callable[[Sequence[int]], Iterable[Atoms]],
) -> Path:
    """Write ``index.html``, ``crystal.html``, their data, and ``properties.csv``.

    The overview holds all its figures. A click on a point opens the crystal in ``crystal.html``,
    which loads the file of ``crystals/`` that holds it.

    Parameters
    ----------
    columns
        As `cijkl.screening.statistics.load_columns` gives them.
    folder
        Where to; created if need be.
    atoms
        Gives the atoms of the crystals with these numbers, in order.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    target = Path(folder).expanduser()
    named = {
        name: extremes(_usable(columns, name), 2) for name in ("E_max", "E_rh") if name in columns
    }
    drawn = sorted({extreme.index for found in named.values() for extreme in found})
    structures = dict(zip(drawn, atoms(drawn), strict=True))
    try:
        (target / "crystals").mkdir(parents=True, exist_ok=True)
        index = target / "index.html"
        index.write_text(_overview(columns, named, structures), encoding="utf-8")
        (target / "crystal.html").write_text(_crystal_page(), encoding="utf-8")
        _write_crystals(columns, target / "crystals", atoms)
        _write_table(columns, target / "properties.csv")
    except OSError as error:
        raise InputError(
            f"{one_line(target)}: cannot be written ({error.strerror or error})"
        ) from None
    return index


def _overview(
    columns: Mapping[str, Any],
    named: Mapping[str, list[Extreme]],
    structures: Mapping[int, Atoms],
) -> str:
    figures = overview_figures(columns, named, structures)
    stable = np.asarray(columns["stable"], bool)
    shown = _table_rows(columns)
    rows = property_table(columns, shown)
    counts = system_counts(columns["crystal_system"])
    return _render(
        "statistics.html.j2",
        "statistics.js",
        total=len(stable),
        unstable=int((~stable).sum()),
        systems=counts,
        figures=figures,
        cards={name: [_card(columns, e) for e in found] for name, found in named.items()},
        heads=[(*name.partition("_")[::2], unit) for name, unit, _ in PROPERTIES],
        table=[
            (index, row, [_shown(row[key]) for _, _, key in PROPERTIES])
            for index, row in zip(shown, rows, strict=True)
        ],
        split=len(rows) // 2,
    )


def _crystal_page() -> str:
    return _render("crystal.html.j2", "crystal.js", figures={}, chunk=CHUNK)


def _render(template: str, script: str, **values: Any) -> str:
    from cijkl import __version__
    from cijkl.plots.style import DARK, FONT, LIGHT
    from cijkl.report.assets import asset, page_template, plotly_js, script_hash
    from cijkl.report.figures import templates

    scripts = [plotly_js(), asset("statistics_figures.js", _PACKAGE), asset(script, _PACKAGE)]
    return page_template(template, _PACKAGE).render(
        templates=templates(),
        light=LIGHT,
        dark=DARK,
        font=FONT,
        style=asset("page.css") + asset("statistics.css", _PACKAGE),
        scripts=scripts,
        hashes=[script_hash(text) for text in scripts],
        version=__version__,
        **values,
    )


def _card(columns: Mapping[str, Any], extreme: Extreme) -> dict[str, Any]:
    return {
        "index": extreme.index,
        "value": _shown(extreme.value),
        "largest": extreme.largest,
        "id": columns["id"][extreme.index],
        "formula": columns["formula"][extreme.index],
    }


def _shown(value: Any) -> str:
    from cijkl.report.numbers import number

    return str(value) if isinstance(value, int) else number(value)


def _usable(columns: Mapping[str, Any], name: str) -> np.ndarray:
    """A column, NaN where the crystal is unstable."""
    return np.where(np.asarray(columns["stable"], bool), np.asarray(columns[name], float), np.nan)


def _table_rows(columns: Mapping[str, Any]) -> list[int]:
    """The stiffest crystals and then the softest, by E averaged (Reuss-Hill)."""
    found = extremes(_usable(columns, "E_rh"), TABLE_ROWS)
    return [extreme.index for extreme in found]


def _write_table(columns: Mapping[str, Any], path: Path) -> None:
    """Properties of all crystals, for other programs."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        keys = ["id", "formula", *(key for _, _, key in PROPERTIES)]
        units = [f"{name} ({unit})" if unit else name for name, unit, _ in PROPERTIES]
        writer.writerow(["id", "formula", *units])
        for index in range(len(columns["id"])):
            (row,) = property_table(columns, [index])
            writer.writerow(_cell(row[key]) for key in keys)


def _write_crystals(
    columns: Mapping[str, Any],
    folder: Path,
    atoms: Callable[[Sequence[int]], Iterable[Atoms]],
) -> None:
    """All crystals, `CHUNK` in a file, as a script: that loads from a disk too."""
    from cijkl.report.jsonl import plain

    names = [name for name in columns if name not in ("C", "fingerprint")]
    upper = np.triu_indices(6)
    for old in folder.glob("*.js"):
        old.unlink()
    total = len(columns["id"])
    for number, start in enumerate(range(0, total, CHUNK)):
        indices = list(range(start, min(start + CHUNK, total)))
        entries = []
        for index, one in zip(indices, atoms(indices), strict=True):
            entry = {name: _rounded(columns[name][index]) for name in names}
            entry["C"] = [_rounded(value) for value in np.asarray(columns["C"][index])[upper]]
            entry["lattice"] = np.round(one.cell.array, 4).tolist()
            entry["species"] = one.get_chemical_symbols()
            entry["positions"] = np.round(one.positions, 3).tolist()
            entries.append(plain(entry))
        text = json.dumps(entries, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        (folder / f"{number}.js").write_text(f"cijklCrystals({number},{text});", encoding="utf-8")


def _atoms(store: Store, columns: Mapping[str, Any], indices: Sequence[int]) -> Iterable[Atoms]:
    from cijkl.screening.packing import unpack_atoms

    names = [str(columns["fingerprint"][index]) for index in indices]
    found = dict(
        store.connection.execute(
            "SELECT fingerprint, structure FROM crystals WHERE fingerprint IN "
            "(SELECT unnest(?::VARCHAR[]))",
            [names],
        ).fetchall()
    )
    return [unpack_atoms(found[name]) for name in names]


def _rounded(value: Any) -> Any:
    """A number to six digits, which nobody sees more of; None where unknown."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def _cell(value: Any) -> Any:
    found = _rounded(value)
    if isinstance(found, str):
        return defused(found)
    return "" if found is None else found
