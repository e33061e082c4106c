"""Many crystals by the public function, in lockstep and one by one."""

from __future__ import annotations

import pytest
from ase.build import bulk
from ase.calculators.emt import EMT

from cijkl.errors import InputError
from cijkl.potentials import AseCalculator, EvaluationError
from cijkl.response import batch, compute
from cijkl.structures import Unreadable

from .test_workers import metals, timeless


class Batched:
    """EMT that refuses iron, breaks at platinum and says where it computes."""

    name, version = "batched", "test"

    def __init__(self, device):
        self.settings = {"device": device}
        self.emt = AseCalculator(EMT(), "emt")
        self.calls = []

    def evaluate(self, structures):
        self.calls.append(len(structures))
        for index, atoms in enumerate(structures):
            if "Fe" in atoms.symbols:
                raise EvaluationError("no iron here", index)
            if "Pt" in atoms.symbols:
                raise ZeroDivisionError("platinum")
        return self.emt.evaluate(structures)


@pytest.fixture
def budget(monkeypatch):
    """No CUDA is needed to ask for its budget."""
    monkeypatch.setattr(batch, "budget_for", lambda potential: 400)


def mixed():
    yield from metals("Cu", "Al", "Ni")
    yield bulk("Fe", a=2.87)
    yield Unreadable("bad", "nowhere", "no such file")
    yield from metals("Pt", "Ag", "Au", "Cu", "Pd")


def test_lockstep_gives_the_records_of_one_by_one(budget):
    alone, together = Batched("cpu"), Batched("cuda")
    expected = [timeless(result) for result in compute(mixed(), alone)]
    found = list(compute(mixed(), together))
    assert set(alone.calls) > {1}
    assert max(together.calls) >= 6
    assert len(together.calls) < 0.5 * len(alone.calls)
    for result, record in zip(found, expected, strict=True):
        record["engine"]["settings"]["device"] = "cuda"
        assert timeless(result) == record
    errors = [record["error"] for record in expected if record["status"] == "failed"]
    assert errors == [
        "no iron here",
        "no such file",
        "unexpected ZeroDivisionError while computing: platinum",
    ]


def test_as_finished(budget):
    order = [r.record["id"] for r in compute(mixed(), Batched("cuda"), ordered=False)]
    # what fails at once need not wait for the others
    assert order.index("bad") < order.index("0-Cu")
    assert sorted(order) == sorted(r.record["id"] for r in compute(mixed(), Batched("cuda")))


def test_progress_is_reported_either_way(budget):
    def stages(device):
        seen = []
        given = list(metals("Cu", "Al"))
        list(compute(given, Batched(device), progress=lambda *each: seen.append(each[:2])))
        return seen

    one_by_one, together = stages("cpu"), stages("cuda")
    assert sorted(one_by_one) == sorted(together)
    assert one_by_one == sorted(one_by_one, key=lambda each: (each[0], each[1] != "relax"))
    assert together != one_by_one


def test_evaluations_of_a_failed_crystal_are_counted():
    (result,) = compute(bulk("Pt", a=3.9), Batched("cpu"))
    assert result.record["engine"]["evaluations"] == 0
    (result,) = compute(bulk("Cu", a=3.6), Batched("cpu"))
    record = result.record
    parts = record["relaxation"]["evaluations"] + record["response"]["evaluations"]
    assert record["engine"]["evaluations"] == parts


@pytest.mark.parametrize("workers", [0, -1])
def test_a_number_of_workers_that_is_none(workers):
    with pytest.raises(InputError, match="workers must be a positive number"):
        compute([], Batched("cpu"), workers=workers)
