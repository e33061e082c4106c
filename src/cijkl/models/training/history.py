"""What a training logs, as one CSV file with a row for each epoch."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.utilities import rank_zero_only

__all__ = ["History", "best_epoch", "read_history"]


class History(Logger):
    """Logger of Lightning's; a training that is taken up again goes on in the same file.

    Parameters
    ----------
    path
        The CSV file. Rows that it has are kept, until an epoch is done again.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self._path = Path(path)
        self._rows: dict[int, dict[str, float]] = {}
        for row in read_history(path):
            self._rows.setdefault(int(row["epoch"]), {}).update(row)

    @property
    def name(self) -> str:
        """None that matters."""
        return ""

    @property
    def version(self) -> str:
        """None that matters."""
        return ""

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Leave them to ``config.yaml``."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Add to the row of an epoch."""
        epoch = int(metrics["epoch"])
        row = self._rows.setdefault(epoch, {"epoch": epoch})
        row.update({key: value for key, value in metrics.items() if key != "epoch"})
        columns = list(dict.fromkeys(key for row in self._rows.values() for key in row))
        part = self._path.with_suffix(".part")
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._rows[number] for number in sorted(self._rows))
        part.replace(self._path)


def read_history(path: str | Path) -> list[dict[str, float]]:
    """Give the rows of a training's CSV file, none if there is no file."""
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        return []
    return [{key: float(text) for key, text in row.items() if text} for row in rows]


def best_epoch(rows: list[dict[str, float]], criterion: str = "valid") -> dict[str, float] | None:
    """Give the row where a column is smallest, the first of equals; None if no row has it."""
    judged = [row for row in rows if not math.isnan(row.get(criterion, math.nan))]
    return min(judged, key=lambda row: row[criterion]) if judged else None
