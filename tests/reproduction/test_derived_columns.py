"""Columns of Liu 2025's tables: formulas, and what is odd in the print."""

from __future__ import annotations

import math

import pytest

from cijkl.errors import InputError
from cijkl.reproduction import Request, reproduce
from cijkl.reproduction.derived_columns import COLUMNS, derived, read_rows

HEADER = "formula,N,rho,V,B,G,v_l,v_t,v_mean,nu,theta\n"
#: silicon, Hill's moduli; the print has v_l and v_t exchanged and Theta of one atom
SILICON = {"bulk": 97.8, "shear": 66.5, "density": 2.329, "volume": 160.2, "atoms": 8}


def test_columns_by_hand():
    row = derived(**SILICON)
    v_l = math.sqrt((97.8 + 4 * 66.5 / 3) * 1e9 / 2329)
    v_t = math.sqrt(66.5e9 / 2329)
    v_m = ((2 / v_t**3 + 1 / v_l**3) / 3) ** (-1 / 3)
    # constants of nature as CODATA has them
    theta = 6.62607015e-34 / 1.380649e-23 * (3 * 8 / (4 * math.pi * 160.2e-30)) ** (1 / 3) * v_m
    assert [getattr(row, key) for key in COLUMNS] == pytest.approx(
        [v_l, v_t, v_m, (3 * 97.8 - 2 * 66.5) / (6 * 97.8 + 2 * 66.5), theta]
    )
    # measured, 645 K (Kittel, Introduction to Solid State Physics, table of chapter 5)
    assert row.theta == pytest.approx(645, rel=0.01)
    assert derived(**SILICON, h_bar=True).theta == pytest.approx(theta / (2 * math.pi))


@pytest.fixture
def a1(tmp_path):
    """A row as table A1 prints it."""
    true, one = derived(**SILICON), derived(**(SILICON | {"atoms": 1}))
    path = tmp_path / "a1.csv"
    path.write_text(
        f"{HEADER}Si,8,2.329,160.2,97.8,66.5,"
        f"{true.v_t:.3f},{true.v_l:.3f},{true.v_mean:.3f},{true.nu:.3f},{one.theta:.3f}\n"
    )
    return path


def test_the_print_is_recognised(a1):
    right, beside, nearer = reproduce("liu-2025-table-A1", Request(data=a1)).tables
    assert right.column("theta")["Si"] == pytest.approx(8 ** (1 / 3) * beside.column("theta")["Si"])
    assert right.column("v_l")["Si"] > right.column("v_t")["Si"]
    for key in COLUMNS:
        assert beside.column(f"{key}, difference")["Si"] == pytest.approx(0, abs=6e-4)
    assert nearer.rows == (("Si", "as printed", "as printed", "both", "both", "as printed"),)
    # table A2 is printed as the formulas have it, so this row is none of its rows
    _, _, nearer = reproduce("liu-2025-table-a2", Request(data=a1)).tables
    assert nearer.rows == (("Si", "both", "both", "both", "both", "both"),)
    beside = reproduce("liu-2025-table-a2", Request(data=a1)).table("By the rules")
    assert beside.column("v_l, difference")["Si"] > 1000


def test_without_the_print_only_the_formulas(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("formula,N,rho,V,B,G\nSi,8,2.329,160.2,97.8,66.5\n")
    (table,) = reproduce("liu-2025-table-a1", Request(data=path)).tables
    assert table.column("theta")["Si"] == pytest.approx(derived(**SILICON).theta)


def test_bad_rows(tmp_path):
    with pytest.raises(InputError, match="liu-2025-table-a1 needs its rows: --data FILE"):
        reproduce("liu-2025-table-a1", Request())
    path = tmp_path / "rows.csv"
    for text, match in (
        ("formula,N\nSi,8\n", "lacks the columns rho V B G"),
        ("formula,N,rho,V,B,G\nSi,8,2.3,160,97,x\n", r"rows\.csv:2: G is 'x', expected a number"),
        ("formula,N,rho,V,B,G\nSi,8,2.3,-1,97,66\n", "V is -1, expected a positive number"),
        ("formula,N,rho,V,B,G\n", "no row"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=match):
            read_rows(path)
