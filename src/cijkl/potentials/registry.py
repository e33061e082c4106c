"""Potentials by name: ``load("sevennet-l3i5")``, ``load("chgnet+d3")``."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import cast

from cijkl.errors import InputError, MissingPackageError
from cijkl.potentials.base import Potential, Sum
from cijkl.potentials.catalogue import BUILT_IN, PotentialInfo, installed

__all__ = ["GROUP", "catalogue", "load", "names"]

#: Entry points of this group are factories of potentials from other packages.
GROUP = "cijkl.potentials"

#: What stands behind a name: factory(name, option, device, dtype) gives the potential.
Factory = Callable[[str, str | None, str, str], Potential]


def load(name: str, *, device: str = "auto", dtype: str = "float32") -> Potential:
    """The potential of that name; loading the same one again costs nothing.

    Parameters
    ----------
    name
        A name of `names()`, an option after a colon where the potential has one
        (``sevennet-mf-0:R2SCAN``, ``d3:r2scan``, ``mace:/path/to/model``), or a sum of
        such names (``chgnet+d3``).
    device
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; only for potentials that run on PyTorch.
    dtype
        ``float32`` or ``float64``; only for potentials that have the choice.

    Raises
    ------
    InputError
        No potential has that name, or it has no such option.
    MissingPackageError
        The package of the potential is not installed.
    """
    return _load(name.strip(), device, dtype)


def names() -> tuple[str, ...]:
    """All names that `load` knows, those of other packages included, in order."""
    return (*BUILT_IN, *sorted(_plugins().keys() - BUILT_IN.keys()))


def catalogue() -> tuple[PotentialInfo, ...]:
    """What is known of every potential, and whether it is installed.

    A potential of another package describes itself by the attribute ``info`` of its factory.
    """
    entries = [installed(info) for info in BUILT_IN.values()]
    for name, entry in sorted(_plugins().items()):
        if name not in BUILT_IN:
            entries.append(_describe_plugin(name, entry))
    return tuple(entries)


@lru_cache(maxsize=8)
def _load(name: str, device: str, dtype: str) -> Potential:
    parts = split_sum(name, names())
    factories = [_factory(part.partition(":")[0]) for part in parts]
    if len(parts) > 1:
        return Sum(_load(part, device, dtype) for part in parts)
    head, _, option = parts[0].partition(":")
    return factories[0](head, option or None, device, dtype)


def split_sum(name: str, known: tuple[str, ...]) -> list[str]:
    """The terms of a sum; a plus sign inside an option (a path) is left alone.

    Examples
    --------
    >>> split_sum("chgnet+d3:pbe", ("chgnet", "d3"))
    ['chgnet', 'd3:pbe']
    >>> split_sum("mace:/a+b.model+d3", ("mace", "d3"))
    ['mace:/a+b.model', 'd3']
    """
    terms: list[str] = []
    for piece in name.split("+"):
        starts_here = piece.strip().partition(":")[0] in known
        if terms and ":" in terms[-1] and not starts_here:
            terms[-1] += "+" + piece
        else:
            terms.append(piece)
    return [term.strip() for term in terms]


def _factory(head: str) -> Factory:
    if head in BUILT_IN:
        info = BUILT_IN[head]
        if find_spec(info.module) is None:
            raise MissingPackageError(
                f"'{head}' needs the package {info.package}: {info.install_command}"
            )
        module, _, attribute = info.factory.partition(":")
        return cast(Factory, getattr(import_module(module), attribute))
    plugins = _plugins()
    if head in plugins:
        return cast(Factory, plugins[head].load())
    near = difflib.get_close_matches(head, names(), n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(names())}."
    raise InputError(f"No potential is called '{head}'; {hint}")


def _plugins() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _describe_plugin(name: str, entry: EntryPoint) -> PotentialInfo:
    package = entry.dist.name if entry.dist else entry.module
    try:
        info = getattr(entry.load(), "info", None)
    except ImportError:
        info = None
    if isinstance(info, PotentialInfo):
        return installed(info)
    return installed(PotentialInfo.of_plugin(name, package, entry.value))
