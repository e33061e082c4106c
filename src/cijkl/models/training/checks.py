"""What files of settings have in common, of trainings and of distillations: checks and writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from cijkl.errors import InputError

__all__ = ["check_values", "files", "write_yaml"]

#: smallest value of each number that every training has
_LEAST = {
    "epochs": 1,
    "patience": 1,
    "batch_size": 1,
    "learning_rate": 1e-12,
    "warmup": 0.0,
    "final_rate": 0.0,
    "weight_decay": 0.0,
    "clip": 0.0,
    "average": 0.0,
    "seed": 0,
    "split_seed": 0,
}
#: what must be less than one in every training
_SHARES = ("warmup", "final_rate", "average")


def check_values(
    config: Any,
    *,
    least: Mapping[str, float],
    words: Mapping[str, tuple[str, ...]],
    shares: tuple[str, ...] = (),
) -> None:
    """Refuse values that no training can have.

    Parameters
    ----------
    config
        A dataclass with the settings of every training and more.
    least
        Smallest value of each further number.
    words
        What a setting may be.
    shares
        Further numbers that must be from 0 and less than one.

    Raises
    ------
    InputError
        With the first that is wrong.
    """
    _check_kinds(config)
    for name, bound in {**_LEAST, **least, **dict.fromkeys(shares, 0.0)}.items():
        if not getattr(config, name) >= bound:
            raise InputError(f"{name} is {getattr(config, name)}, expected at least {bound:g}")
    for name in (*_SHARES, *shares):
        if not getattr(config, name) < 1.0:
            raise InputError(f"{name} is {getattr(config, name):g}, expected less than 1")
    for name, values in words.items():
        if getattr(config, name) not in values:
            raise InputError(
                f"{name} is {getattr(config, name)!r}, expected one of {', '.join(values)}"
            )


def files(name: str, given: Any) -> tuple[str, ...]:
    """One file or several."""
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list) and all(isinstance(item, str) for item in given):
        return tuple(given)
    raise InputError(f"{name}: expected a file or a list of files")


def write_yaml(content: Mapping[str, Any], path: str | Path) -> None:
    """Write settings, in their order."""
    import yaml

    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)
    Path(path).write_text(text, encoding="utf-8")


def _check_kinds(config: Any) -> None:
    """Numbers where numbers are expected, and so on; YAML gives what was typed."""
    for item in fields(config):
        value = getattr(config, item.name)
        kind = str(item.type)
        if kind in ("int", "int | None"):
            right = isinstance(value, int) and not isinstance(value, bool)
            right = right or (value is None and kind != "int")
        elif kind == "float":
            right = isinstance(value, (int, float)) and not isinstance(value, bool)
        elif kind.startswith("Mapping"):
            right = isinstance(value, Mapping)
        elif kind.startswith("tuple"):
            right = isinstance(value, tuple)
        elif kind.startswith("bool"):
            right = value is None or isinstance(value, bool)
        else:
            right = isinstance(value, str) or (value is None and "None" in kind)
            right = right or ("Mapping" in kind and isinstance(value, Mapping))
        if not right:
            wanted = {"int": "a whole number", "float": "a number"}.get(kind, kind)
            hint = "; YAML wants a point in 1.0e-3" if kind == "float" else ""
            raise InputError(f"{item.name} is {value!r}, expected {wanted}{hint}")
