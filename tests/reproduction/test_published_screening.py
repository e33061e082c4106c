"""The published screening, two of its rows."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.reproduction import Request, reproduce
from cijkl.reproduction.benchmark import QUANTITIES

from .test_benchmark import PUBLISHED, PUBLISHED_TENSOR

CONSTANTS = [f"C{i}{j}" for i in range(1, 7) for j in range(1, 7)]
HEADER = ["", "refcode", *CONSTANTS, "exp_V", "opt_V", *QUANTITIES[:-2], "n_H", "A_L"]


def line(code, scale=1.0, unstable=False):
    """The published row, or one of a stiffer crystal."""
    tensor = scale * np.array(PUBLISHED_TENSOR)
    moduli = [PUBLISHED[q] * (1.0 if q in ("nu", "A") else scale) for q in QUANTITIES]
    if unstable:
        tensor[3, 5] = tensor[5, 3] = 100.0
    cells = [0, code, *tensor.ravel(), 1000.0, 990.0, *moduli]
    return ",".join(map(str, cells))


def write(path, *lines):
    text = "\n".join([",".join(HEADER), *lines]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_moduli_and_extremes(tmp_path):
    write(tmp_path / "molecular_screening_pfp.csv.gz", line("OBUQAD"), line("STIFF", 3.0))
    outcome = reproduce("taniguchi-2024-fig-6", Request(data=tmp_path))
    moduli = outcome.table("Moduli of 2 crystals")
    assert moduli.column("difference from the published")["nu"] < 1e-12
    assert moduli.column("difference from the published")["E_RH"] < 1e-12
    assert moduli.column("largest")["G_R"] == pytest.approx(3 * PUBLISHED["G_R"])
    assert outcome.table("Softest").rows[0][0] == "OBUQAD"
    assert outcome.table("Softest").column("volume change, %")["STIFF"] == pytest.approx(-1.0)
    assert outcome.notes[1].startswith("0 of the 2 published tensors")
    (bars,) = outcome.figures["histogram"]().data
    assert sorted(bars.x) == pytest.approx([PUBLISHED["E_RH"], 3 * PUBLISHED["E_RH"]])


def test_a_tensor_that_is_not_positive_definite_is_counted(tmp_path):
    path = write(tmp_path / "Large_screening.csv", line("OBUQAD"), line("BAD", unstable=True))
    notes = reproduce("taniguchi-2024-fig-6", Request(data=path)).notes
    assert notes[1].startswith("1 of the 2 published tensors")


def test_bad_files(tmp_path):
    (path := tmp_path / "x.csv").write_text("refcode\nA\n")
    with pytest.raises(InputError, match="lacks the columns exp_V opt_V E_V"):
        reproduce("taniguchi-2024-fig-6", Request(data=path))
    write(path, line("OBUQAD").replace("13.64", "stiff", 1))
    with pytest.raises(InputError, match="could not convert"):
        reproduce("taniguchi-2024-fig-6", Request(data=path))
    write(path)
    with pytest.raises(InputError, match="no row"):
        reproduce("taniguchi-2024-fig-6", Request(data=path))
    with pytest.raises(InputError, match="the folder holds no Large_screening.csv"):
        reproduce("taniguchi-2024-fig-6", Request(data=tmp_path))
    with pytest.raises(InputError, match="No such file"):
        reproduce("taniguchi-2024-fig-6", Request(data=tmp_path / "none.csv"))
