"""How the result came about: relaxation, response, engine and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.report.numbers import MISSING, finite, number, seconds

__all__ = ["origin_rows", "process_rows"]

_PROCESS_LABELS = {
    "converged": ("converged", ""),
    "steps": ("steps", ""),
    "evaluations": ("evaluations of the potential", ""),
    "seconds": ("time", "time"),
    "fmax": ("largest force left", "eV/Å"),
    "smax": ("largest stress left", "GPa"),
    "pressure": ("pressure", "GPa"),
    "residual_pressure": ("pressure left by the potential", "GPa"),
    "volume_change_percent": ("change of volume", "%"),
    "rmsd": ("atoms moved by (root mean square)", "Å"),
    "rmsd15": ("clusters of 15 molecules differ by", "Å"),
    "matched15": ("molecules of 15 that match", ""),
    "method": ("method", ""),
    "strains": ("strains", ""),
    "cg_iterations": ("conjugate-gradient iterations", ""),
    "asymmetry": ("asymmetry of C before averaging", ""),
}


def process_rows(part: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Numbers of a relaxation or of a response calculation."""
    rows = []
    for key, value in (part or {}).items():
        name, unit = _PROCESS_LABELS.get(key, (key.replace("_", " "), ""))
        if isinstance(value, bool):
            rows.append((name, "yes" if value else "no"))
        elif finite(value):
            rows.append((name, _count(value) or _timed(value, unit)))
        elif isinstance(value, str):
            rows.append((name, value))
    return rows


def origin_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Engine, version, settings, time: what one needs to do it again."""
    engine = record.get("engine") or {}
    rows = [
        (label, str(engine[key]))
        for key, label in (("name", "engine"), ("version", "version"))
        if engine.get(key)
    ]
    if finite(engine.get("seconds")):
        rows.append(("time", seconds(engine["seconds"])))
    if finite(engine.get("evaluations")):
        rows.append(("evaluations of the potential", f"{engine['evaluations']:g}"))
    settings = engine.get("settings")
    if isinstance(settings, Mapping):
        rows += [(str(key).replace("_", " "), _text(value)) for key, value in settings.items()]
    if record.get("source"):
        rows.append(("source", str(record["source"])))
    return rows


def _count(value: Any) -> str | None:
    return str(value) if isinstance(value, int) else None


def _timed(value: Any, unit: str) -> str:
    return seconds(value) if unit == "time" else number(value, unit)


def _text(value: Any) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
