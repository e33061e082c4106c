"""Single and double precision of a potential that is given by name."""

from __future__ import annotations

import sys
import textwrap
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.potentials import load, registry
from cijkl.response import compute

from .test_workers import timeless


@pytest.fixture(scope="module")
def silicon():
    pytest.importorskip("sevenn")
    return bulk("Si", a=5.43)


def only(results):
    (result,) = results
    return timeless(result)


def test_a_name_in_double_precision_is_the_potential_loaded_so(silicon):
    found = only(compute(silicon, "sevennet-0", precision="double"))
    assert found["engine"]["settings"]["dtype"] == "float64"
    assert found == only(compute(silicon, load("sevennet-0", dtype="float64")))


def test_single_is_the_default(silicon):
    single = only(compute(silicon, "sevennet-0", precision="single"))
    assert single["engine"]["settings"]["dtype"] == "float32"
    assert single == only(compute(silicon, "sevennet-0"))
    double = only(compute(silicon, "sevennet-0", precision="double"))
    # rounding shows, and stays far below what matters
    assert single["C"] != double["C"]
    assert np.allclose(single["C"], double["C"], atol=0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_workers_compute_in_the_precision_asked_for(silicon):
    given = [silicon, bulk("Ge", a=5.7)]
    alone = [timeless(r) for r in compute(given, "sevennet-0", precision="double", workers=1)]
    shared = [timeless(r) for r in compute(given, "sevennet-0", precision="double", workers=2)]
    assert shared == alone
    assert [record["engine"]["settings"]["dtype"] for record in shared] == ["float64"] * 2


def test_every_part_of_a_sum(silicon):
    pytest.importorskip("dftd3")
    # D3 has no choice: it computes in double precision always
    record = only(compute(silicon, "sevennet-0+d3", precision="double"))
    assert record["engine"]["settings"]["sevennet-0.dtype"] == "float64"


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Potentials of another package: one for each way to answer a wish for float64."""
    (tmp_path / "answers.py").write_text(
        textwrap.dedent(
            """
            from ase.calculators.emt import EMT
            from cijkl.potentials import AseCalculator

            def obeys(name, option, device, dtype):
                return AseCalculator(EMT(), name, settings={"dtype": dtype})

            def insists(name, option, device, dtype):
                return AseCalculator(EMT(), name, settings={"dtype": "float32"})

            def silent(name, option, device, dtype):
                return AseCalculator(EMT(), name)
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    names = ("obeys", "insists", "silent")
    entries = {name: EntryPoint(name, f"answers:{name}", registry.GROUP) for name in names}
    monkeypatch.setattr(registry, "_plugins", lambda: entries)
    yield
    registry._load.cache_clear()
    sys.modules.pop("answers", None)


@pytest.mark.parametrize("name", ["insists", "silent", "obeys+insists"])
def test_a_potential_without_double_precision(plugins, name):
    without = name.rpartition("+")[2]
    with pytest.raises(InputError, match=f"^'{without}' has no double precision"):
        compute([], name, precision="double")
    compute([], name, precision="single")
    compute([], name)


def test_a_potential_that_says_it_computes_in_double(plugins):
    record = only(compute(bulk("Cu", a=3.6), "obeys", precision="double"))
    assert record["engine"]["settings"]["dtype"] == "float64"


def test_a_precision_that_is_none(plugins):
    with pytest.raises(InputError, match="precision must be 'single' or 'double', not 'half'"):
        compute([], "obeys", precision="half")
    with pytest.raises(InputError, match=r"given by name; load\(name, dtype='float64'\)"):
        compute([], load("obeys"), precision="double")
