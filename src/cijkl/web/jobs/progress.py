"""How a job is going: the stage, its evaluations, and energy and volume along the relaxation."""

from __future__ import annotations

import time
from typing import Any

__all__ = ["Progress"]

#: points of the curve: every second one is left out when there are more
_POINTS = 200


class Progress:
    """What a running job has reported."""

    def __init__(self) -> None:
        self.begun = time.time()
        self.stage = "starting"
        self.evaluations: dict[str, int] = {}
        self.points: list[tuple[int, float, float]] = []

    def note(self, stage: str, count: int, energy: float, volume: float) -> None:
        """An evaluation: eV and A^3."""
        self.stage = stage
        self.evaluations[stage] = count
        if stage == "relax":
            self.points.append((count, energy, volume))
            if len(self.points) > _POINTS:
                # the first and the last stay
                self.points = [*self.points[:-1:2], self.points[-1]]

    def as_dict(self) -> dict[str, Any]:
        """For the record of the job and for who watches."""
        return {
            "stage": self.stage,
            "seconds": round(time.time() - self.begun, 1),
            "evaluations": dict(self.evaluations),
            "relaxation": [list(point) for point in list(self.points)],
        }
