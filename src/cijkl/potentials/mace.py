"""MACE: a model file of one's own or from the MACE foundation models.

Batatia et al., NeurIPS 35, 11423 (2022). The ``mace-torch`` package brings no weights and
pins an e3nn that SevenNet does not accept, so it is installed by itself.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version as package_version
from pathlib import Path
from typing import TYPE_CHECKING

from cijkl.errors import InputError
from cijkl.potentials.base import Evaluation
from cijkl.potentials.calculator import AseCalculator
from cijkl.potentials.torch_tools import choose_device, choose_dtype
from cijkl.shipped import checksum

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Mace", "make"]


class Mace:
    """A MACE model file, evaluated by MACE's own calculator, one crystal after the other.

    Parameters
    ----------
    path
        The model, as MACE saves it. Loading one runs code that it contains: take models
        only from people you trust.
    device
        ``auto`` takes CUDA where there is one.
    dtype
        ``float32`` or ``float64``.

    Raises
    ------
    InputError
        There is no such file, or it holds no MACE model.
    """

    def __init__(self, path: str | Path, *, device: str = "auto", dtype: str = "float32") -> None:
        path = Path(path).expanduser()
        if not path.is_file():
            raise InputError(f"There is no MACE model '{path}'; give mace:/path/to/model.")
        choose_dtype(dtype)
        chosen = choose_device(device)
        self._dtype = dtype
        with _default_dtype(dtype), _silence():
            from mace.calculators import MACECalculator

            try:
                calculator = MACECalculator(
                    model_paths=str(path), device=str(chosen), default_dtype=dtype
                )
            except Exception as error:
                reason = str(error).strip().partition("\n")[0] or type(error).__name__
                raise InputError(f"'{path}' holds no MACE model: {reason}") from error
        self._inner = AseCalculator(
            calculator,
            f"mace:{path}",
            version=f"mace-torch {package_version('mace-torch')}",
            settings={
                "checkpoint": f"{path.name} sha256:{checksum([path])}",
                "device": str(chosen),
                "dtype": dtype,
                "torch": package_version("torch"),
            },
            elements=frozenset(int(z) for z in calculator.z_table.zs),
        )
        self.name = self._inner.name
        self.version = self._inner.version
        self.settings: Mapping[str, str] = self._inner.settings

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure; see `Potential.evaluate`."""
        with _default_dtype(self._dtype):
            return self._inner.evaluate(structures)


def make(name: str, option: str | None, device: str, dtype: str) -> Mace:
    """Factory for the registry; the option is the path of the model."""
    if option is None:
        raise InputError("MACE needs a model file; give mace:/path/to/model.")
    return Mace(option, device=device, dtype=dtype)


@contextlib.contextmanager
def _default_dtype(name: str) -> Iterator[None]:
    """MACE computes in PyTorch's default precision and sets it for the whole process."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(choose_dtype(name))
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
