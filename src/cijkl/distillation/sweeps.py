"""Many distillations: ratios of hard to soft labels, numbers of frames, repeats."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.distillation.config import DistillConfig, read_config
from cijkl.errors import CijklError, InputError

if TYPE_CHECKING:
    from cijkl.distillation.lessons import Report
    from cijkl.potentials import Potential

__all__ = ["SweepConfig", "read_sweep", "summary", "sweep"]

#: parts of the errors that a row holds
_SETS = ("judged", "test", "checked")
_ERRORS = ("energy", "energy_within", "forces", "stress")


@dataclass(frozen=True)
class SweepConfig:
    """Which distillations.

    Parameters
    ----------
    base
        What they have in common.
    hard_shares
        Of the loss, between 0 (the teacher only) and 1 (DFT only). Each part of the loss has the
        larger of the ratios that `base` states for it, of hard and of soft labels; this share of it
        goes to the hard labels, the rest to the soft ones.
    sizes
        Numbers of frames to learn from.
    repeats
        With other frames, order and seed.

    Raises
    ------
    InputError
        For values that none can have.
    """

    base: DistillConfig
    hard_shares: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    sizes: tuple[int, ...] = (10, 100, 1000, 5000)
    repeats: int = 3

    def __post_init__(self) -> None:
        shares, sizes = list(self.hard_shares), list(self.sizes)
        if not shares or not all(_is_number(x) and 0.0 <= x <= 1.0 for x in shares):
            raise InputError(f"sweep: hard_shares is {shares}, expected numbers from 0 to 1")
        if not sizes or not all(_is_number(x) and x == int(x) and x >= 1 for x in sizes):
            raise InputError(f"sweep: sizes is {sizes}, expected whole numbers from 1")
        if not _is_number(self.repeats) or self.repeats < 1:
            raise InputError(f"sweep: repeats is {self.repeats!r}, expected a whole number from 1")

    def points(self) -> list[tuple[str, DistillConfig]]:
        """Name of the folder and configuration of each, the cheap ones first."""
        found = []
        for size in sorted(self.sizes):
            for repeat in range(self.repeats):
                for share in self.hard_shares:
                    name = f"hard{share:g}-frames{size}-repeat{repeat + 1}"
                    found.append((name, self._point(share, size, repeat)))
        return found

    def _point(self, share: float, size: int, repeat: int) -> DistillConfig:
        ratios: dict[str, float] = {}
        for quantity in ("energy", "forces", "stress"):
            hard, soft = f"hard_{quantity}", f"soft_{quantity}"
            whole = max(self.base.ratios.get(hard, 0.0), self.base.ratios.get(soft, 0.0))
            ratios[hard], ratios[soft] = share * whole, (1.0 - share) * whole
        return replace(self.base, ratios=ratios, frames=size, seed=self.base.seed + repeat)


def read_sweep(content: Mapping[str, Any], name: str = "configuration") -> SweepConfig:
    """Give the sweep of names and values: those of a distillation, and ``sweep``.

    Raises
    ------
    InputError
        For what no sweep has.
    """
    given = dict(content)
    own = given.pop("sweep", None)
    if not isinstance(own, Mapping):
        raise InputError(f"{name}: sweep: expected hard_shares, sizes and repeats")
    if unknown := sorted(set(map(str, own)) - {"hard_shares", "sizes", "repeats"}):
        raise InputError(f"{name}: sweep: no setting '{unknown[0]}'")
    lists: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in own.items()
    }
    for key in ("hard_shares", "sizes"):
        if not isinstance(lists.get(key, ()), tuple):
            raise InputError(f"{name}: sweep: {key} is {lists[key]!r}, expected a list")
    base = read_config(given, name)
    try:
        return SweepConfig(base, **lists)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def sweep(
    config: SweepConfig,
    folder: str | Path,
    *,
    teacher: Potential | None = None,
    quiet: bool = True,
    report: Report | None = None,
) -> list[dict[str, Any]]:
    """Run all distillations of a sweep; those that are in the folder already are not repeated.

    Writes one folder for each, ``sweep.csv`` (a row for each), ``sweep.json`` (means and standard
    deviations over the repeats, as table 1 of Taniguchi, Faraday Discuss. 256, 139 (2025)) and
    ``sweep.html`` with figures of the kind of its figs 4 to 6. They are written anew after each
    distillation.

    Parameters
    ----------
    config
        Which.
    folder
        Where it writes.
    teacher, quiet, report
        As in `distill`.

    Returns
    -------
    The rows; a distillation that failed has its reason under ``error``.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; the same call goes on.
    """
    from cijkl.distillation.figures import sweep_figures
    from cijkl.distillation.training import distill

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for name, point in config.points():
        size, repeat = int(name.split("-")[1].removeprefix("frames")), point.seed
        row: dict[str, Any] = {
            "run": name,
            "hard_share": float(name.split("-")[0].removeprefix("hard")),
            "frames": size,
            "seed": repeat,
        }
        try:
            distill(point, folder / name, teacher=teacher, quiet=quiet, report=report)
            row |= _errors(folder / name)
        except CijklError as error:
            row["error"] = str(error)
        rows.append(row)
        _write(rows, folder)
    (folder / "sweep.html").write_text(sweep_figures(rows, folder), encoding="utf-8")
    return rows


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Means and standard deviations over repeats, for each share and number of frames."""
    groups: dict[tuple[float, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        if "error" not in row:
            groups.setdefault((row["hard_share"], row["frames"]), []).append(row)
    result = []
    for (share, size), group in sorted(groups.items()):
        entry: dict[str, Any] = {"hard_share": share, "frames": size, "repeats": len(group)}
        names = [key for key in group[0] if key.startswith(("before_", "after_"))]
        for name in names:
            values = [row[name] for row in group if name in row]
            spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
            entry[name] = {"mean": float(np.mean(values)), "std": spread}
        result.append(entry)
    return result


def _errors(folder: Path) -> dict[str, Any]:
    """Errors of one distillation in one row: ``after_test_hard_forces`` and so on."""
    from cijkl.distillation.training import ERRORS
    from cijkl.potentials.distilled import WEIGHTS_NAME, read_student_card

    card = read_student_card(folder / WEIGHTS_NAME)
    errors = json.loads((folder / ERRORS).read_text(encoding="utf-8"))
    row: dict[str, Any] = {"learned": card["frames"]["learned"], "epoch": card["epoch"]}
    for when in ("before", "after"):
        for part in _SETS:
            for source in ("hard", "soft"):
                found = errors[when].get(part, {}).get(source, {})
                for name in _ERRORS:
                    if name in found:
                        row[f"{when}_{part}_{source}_{name}"] = found[name]
    return row


def _write(rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    part = folder / "sweep.part"
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(folder / "sweep.csv")
    part.write_text(json.dumps(summary(rows), indent=1), encoding="utf-8")
    part.replace(folder / "sweep.json")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
