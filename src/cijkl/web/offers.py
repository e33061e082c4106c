"""Which models and potentials a visitor may name: those listed, and never a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cijkl.errors import InputError
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    from cijkl.models import ModelInfo
    from cijkl.potentials.catalogue import PotentialInfo
    from cijkl.web.settings import Settings

__all__ = ["Offers"]

#: potentials whose option is a file, which only who runs the server may name
_OF_FILES = frozenset(("mace", "distilled"))
#: what may follow a colon: a functional, or repetitions of a cell up to 9
_OPTION = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,19}|[1-9]x[1-9]x[1-9]")
#: chosen by the crystal
AUTO = "auto"


@dataclass(frozen=True)
class Offers:
    """What a visitor may choose from.

    Parameters
    ----------
    models
        Name to what `cijkl.models.load_model` takes; the first is the default.
    own
        Potentials that who runs the server added, by the name shown for them.
    """

    models: Mapping[str, str]
    own: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Offers:
        """What these settings offer.

        Raises
        ------
        InputError
            They name a model that is not there.
        """
        from cijkl.models import DEFAULT_MODEL, catalogue

        shipped = sorted((info.name for info in catalogue()), key=lambda n: n != DEFAULT_MODEL)
        named = settings.models or tuple(shipped)
        for name in named:
            if name not in shipped and not Path(name).expanduser().exists():
                known = ", ".join(shipped) or "none"
                raise InputError(f"no model or file is called '{name}'; the models are: {known}")
        own = {_label(name): name for name in settings.potentials}
        return cls({name if name in shipped else Path(name).stem: name for name in named}, own)

    @property
    def default_model(self) -> str:
        """The model of whoever names none; an empty name where there is no model."""
        return next(iter(self.models), "")

    def model(self, name: str) -> str:
        """The name itself, if it is offered.

        Raises
        ------
        InputError
            It is not.
        """
        if name not in self.models:
            known = ", ".join(self.models) or "none"
            raise InputError(f"no model is called {one_line(name, 40)!r}; there are: {known}")
        return name

    def potential(self, name: str) -> str:
        """What `cijkl.potentials.load` takes for a name that a visitor gave.

        Raises
        ------
        InputError
            It is not offered.
        """
        from cijkl.potentials.registry import split_sum

        if name == AUTO:
            return AUTO
        heads = {info.name for info in self.potentials()}
        terms = []
        for term in split_sum(name, tuple(heads)):
            head, _, option = term.partition(":")
            if term in self.own:
                terms.append(self.own[term])
            elif head in heads - self.own.keys() and (not option or _OPTION.fullmatch(option)):
                terms.append(term)
            else:
                known = ", ".join((AUTO, *sorted(heads)))
                raise InputError(
                    f"no potential is called {one_line(term, 40)!r} here; there are: {known}"
                )
        return "+".join(terms)

    def potentials(self) -> tuple[PotentialInfo, ...]:
        """Facts about the potentials that are installed and offered."""
        from dataclasses import replace

        from cijkl.potentials import catalogue

        listed = catalogue()
        found = [i for i in listed if i.installed and i.name not in _OF_FILES]
        for label, name in self.own.items():
            head = name.partition(":")[0]
            found += [replace(info, name=label, options="") for info in listed if info.name == head]
        return tuple(found)

    def model_facts(self) -> tuple[ModelInfo, ...]:
        """Facts about the models that are offered; of a path, little more than its name."""
        from cijkl.models import ModelInfo, catalogue

        known = {info.name: info for info in catalogue()}
        return tuple(
            known.get(name)
            or ModelInfo(name, "own", "", 0, 0.0, "", "see who runs the server", "", {}, "", "", "")
            for name in self.models
        )


def _label(name: str) -> str:
    """How a potential of a file is shown: by the file's name, not where it lies.

    >>> _label("mace:/data/models/mine.model"), _label("sevennet-0")
    ('mace-mine', 'sevennet-0')
    """
    head, colon, option = name.partition(":")
    return f"{head}-{Path(option).stem}" if colon and head in _OF_FILES else name
