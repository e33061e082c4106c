"""Networks with weights of one's own, as `cijkl distill` writes them.

The file holds the weights that were trained and no others, a few kilobytes to 5 megabytes, and a
card: which checkpoint they belong to and how they came about. The rest of the network comes from
the package that ships it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError, MissingPackageError
from cijkl.potentials.chgnet import CHGNet
from cijkl.potentials.sevennet import SevenNet
from cijkl.shipped import checksum

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["STUDENTS", "fresh", "load_weights", "make", "read_student_card", "save_student"]

#: networks that can be trained
STUDENTS = ("chgnet", "chgnet-r2scan", "sevennet-0", "sevennet-l3i5", "sevennet-mf-0")


def make(name: str, option: str | None, device: str, dtype: str) -> CHGNet | SevenNet:
    """Factory for the registry; the option is the path of the file."""
    if option is None:
        raise InputError(f"'{name}' needs a file of weights; give {name}:/path/to/{WEIGHTS_NAME}.")
    path = Path(option).expanduser()
    card = read_student_card(path)
    potential = fresh(card["student"], device=device, dtype=dtype)
    load_weights(potential, path)
    potential.name = f"{name}:{option}"
    potential.settings = {
        **potential.settings,
        "student": card["student"],
        "weights": f"{path.name} sha256:{checksum([path])}",
    }
    return potential


#: what a distillation calls its file
WEIGHTS_NAME = "student.safetensors"


def fresh(student: str, *, device: str = "auto", dtype: str = "float32") -> CHGNet | SevenNet:
    """A network of its own, with the weights of its checkpoint, which may be changed.

    Parameters
    ----------
    student
        One of `STUDENTS`; for ``sevennet-mf-0`` the functional may follow after a colon.

    Raises
    ------
    InputError
        It is none of them.
    MissingPackageError
        Its package is not installed.
    """
    head, _, option = student.partition(":")
    if head not in STUDENTS:
        raise InputError(f"'{student}' cannot be trained; known are {', '.join(STUDENTS)}")
    package = "chgnet" if head.startswith("chgnet") else "sevenn"
    if find_spec(package) is None:
        extra = head.partition("-")[0]
        raise MissingPackageError(f"'{head}' needs {package}: pip install 'cijkl[{extra}]'")
    if package == "chgnet":
        if option:
            raise InputError(f"'{head}' takes no option; leave out ':{option}'.")
        return CHGNet(head, device=device, dtype=dtype)
    return SevenNet(head, option or None, device=device, dtype=dtype)


def save_student(path: str | Path, weights: Mapping[str, Tensor], card: Mapping[str, Any]) -> None:
    """Write trained weights.

    Parameters
    ----------
    weights
        By their names in the network.
    card
        Facts; ``student`` is that of `fresh`, ``checkpoint`` the potential's setting of that name.
    """
    from safetensors.torch import save_file

    part = Path(path).with_suffix(".part")
    state = {key: value.detach().cpu().contiguous() for key, value in weights.items()}
    save_file(state, str(part), metadata={"cijkl": json.dumps(dict(card))})
    part.replace(path)


def read_student_card(path: str | Path) -> dict[str, Any]:
    """What a file of weights says of itself.

    Raises
    ------
    InputError
        It is no file of `save_student`.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), "pt") as file:
            text = (file.metadata() or {}).get("cijkl")
    except (OSError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: no file of weights: {reason}") from None
    card = json.loads(text) if text else {}
    if not isinstance(card, dict) or not {"student", "checkpoint"} <= card.keys():
        raise InputError(f"{path}: these weights are not of `cijkl distill`")
    return card


def load_weights(potential: CHGNet | SevenNet, path: str | Path) -> None:
    """Put trained weights into a network.

    Raises
    ------
    InputError
        They belong to another network, or to another version of its checkpoint.
    """
    from safetensors.torch import load_file

    card = read_student_card(path)
    checkpoint = potential.settings["checkpoint"]
    if card["checkpoint"] != checkpoint:
        raise InputError(
            f"{path}: these weights belong to {card['checkpoint']}, here is {checkpoint}; "
            "install the version that they were trained with"
        )
    state = potential.network.state_dict()
    new = load_file(str(path))
    misfits = [k for k, v in new.items() if k not in state or state[k].shape != v.shape]
    if misfits:
        raise InputError(f"{path}: the network has no weights {misfits[0]} of that shape")
    potential.network.load_state_dict({**state, **new})
