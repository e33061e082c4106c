"""Lockstep against one crystal after the other: same answers, filled calls, nothing held back."""

from __future__ import annotations

import time

import numpy as np
import pytest
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.potentials import Evaluation, EvaluationError
from cijkl.response import Group, linear_response, relax, run
from cijkl.response.batch import budget_for, lockstep, on_cuda, size
from cijkl.structures import symmetry

COPPER = bulk("Cu", a=3.6)
SIZE = size(COPPER)


class Counting:
    """The energy of a configuration is its mark; the sizes of all calls are kept."""

    name, version = "counting", "test"

    def __init__(self, device="cpu", largest=None):
        self.settings = {"device": device}
        self.calls = []
        self.largest = largest

    def evaluate(self, structures):
        self.calls.append(len(structures))
        if self.largest is not None and len(structures) > self.largest:
            import torch

            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        for index, atoms in enumerate(structures):
            if atoms.info["mark"] == "refused":
                raise EvaluationError("refused", index)
            if atoms.info["mark"] == "crash":
                raise ZeroDivisionError("crash")
        return [Evaluation(a.info["mark"], np.zeros((1, 3)), np.zeros((3, 3))) for a in structures]


def marked(mark, cell=COPPER):
    atoms = cell.copy()
    atoms.info["mark"] = mark
    return atoms


def asking(marks, rounds=1, cell=COPPER):
    """Start of an algorithm that asks for the same marks again and again and returns the sum."""

    def start(clock):
        total = 0.0
        for _ in range(rounds):
            answers = yield [marked(mark, cell) for mark in marks]
            assert [answer.energy for answer in answers] == list(marks)
            total += sum(answer.energy for answer in answers)
        return total

    return start


def test_answers_reach_those_who_asked():
    starts = [asking([i, i + 0.5], rounds=1 + i % 4) for i in range(40)]
    outcomes = dict(lockstep(starts, Counting(), budget=5 * SIZE))
    assert outcomes == {i: (2 * i + 0.5) * (1 + i % 4) for i in range(40)}


def test_calls_are_filled_until_the_input_ends():
    potential = Counting()
    starts = [asking([float(i)], rounds=1 + i % 7) for i in range(100)]
    assert len(list(lockstep(starts, potential, budget=10 * SIZE))) == 100
    rounds = sum(1 + i % 7 for i in range(100))
    assert sum(potential.calls) == rounds
    # only the last crystals, which take at most seven rounds, leave room
    assert potential.calls[:-7] == [10] * (len(potential.calls) - 7)


def test_a_request_larger_than_the_budget_is_served_in_parts():
    potential = Counting()
    marks = [float(i) for i in range(23)]
    assert dict(lockstep([asking(marks)], potential, budget=10 * SIZE)) == {0: sum(marks)}
    assert potential.calls == [10, 10, 3]


def test_a_configuration_larger_than_the_budget_goes_alone():
    potential = Counting()
    large = asking([1.0], cell=COPPER.repeat(4))
    outcomes = dict(lockstep([asking([2.0]), large, asking([3.0])], potential, budget=10 * SIZE))
    assert outcomes == {0: 2.0, 1: 1.0, 2: 3.0}
    assert potential.calls == [1, 1, 1]


def test_the_input_is_drawn_only_as_calls_need_it():
    finished = 0

    def source():
        for i in range(1000):
            held.append(i - finished)
            yield asking([float(i)], rounds=3)

    held = []
    for _ in lockstep(source(), Counting(), budget=10 * SIZE):
        finished += 1
    assert finished == 1000
    # ten are computed; those that finished in the same call wait to be taken
    assert max(held) <= 20


def test_the_reach_bounds_what_waits_for_a_slow_crystal():
    slow = [asking([0.0], rounds=500)]
    quick = [asking([1.0]) for _ in range(300)]
    drawn = []

    def source():
        for i, start in enumerate(slow + quick):
            drawn.append(i)
            yield start

    finished, most = set(), 0
    for index, _ in lockstep(source(), Counting(), budget=10 * SIZE, reach=25):
        finished.add(index)
        if 0 not in finished:
            most = max(most, len(drawn))
    assert most == 25
    assert finished == set(range(301))


@pytest.mark.parametrize("mark", ["refused", "crash"])
def test_a_bad_configuration_stops_its_own_crystal_only(mark):
    starts = [asking([float(i), mark if i % 5 == 2 else 0.0, 0.0], rounds=2) for i in range(20)]
    outcomes = dict(lockstep(starts, Counting(), budget=7 * SIZE))
    for i in range(20):
        if i % 5 == 2:
            kind = EvaluationError if mark == "refused" else ZeroDivisionError
            assert type(outcomes[i]) is kind
        else:
            assert outcomes[i] == 2.0 * i


def test_an_algorithm_may_handle_the_error():
    def stubborn(clock):
        try:
            yield [marked(1.0), marked("refused"), marked(2.0)]
        except EvaluationError:
            answers = yield [marked(7.0)]
        return answers[0].energy

    starts = [stubborn, asking([3.0])]
    assert dict(lockstep(starts, Counting(), budget=SIZE)) == {0: 7.0, 1: 3.0}
    assert run(stubborn(time.perf_counter), Counting()) == 7.0


def test_an_algorithm_that_raises():
    def broken(clock):
        yield [marked(1.0)]
        raise InputError("no")

    outcomes = dict(lockstep([broken, asking([3.0])], Counting()))
    assert str(outcomes[0]) == "no"
    assert outcomes[1] == 3.0


def test_algorithms_that_ask_for_nothing():
    def silent(clock):
        return None
        yield

    def empty(clock):
        answers = yield []
        return answers

    assert dict(lockstep([silent, empty, asking([1.0])], Counting())) == {0: None, 1: [], 2: 1.0}


def test_out_of_memory_halves_the_calls():
    torch = pytest.importorskip("torch")
    potential = Counting(largest=3)
    starts = [asking([float(i)], rounds=2) for i in range(32)]
    outcomes = dict(lockstep(starts, potential, budget=16 * SIZE))
    assert outcomes == {i: 2.0 * i for i in range(32)}
    assert potential.calls[:4] == [16, 8, 4, 2]
    assert max(potential.calls[3:]) == 2
    alone = dict(lockstep([asking([1.0])], Counting(largest=0)))[0]
    assert isinstance(alone, InputError)
    assert "does not fit into the memory" in str(alone)
    assert not isinstance(alone, torch.cuda.OutOfMemoryError)


def test_interruption_goes_through():
    class Interrupted(Counting):
        def evaluate(self, structures):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(lockstep([asking([1.0])], Interrupted()))


def test_the_clock_counts_the_own_share():
    class Slow(Counting):
        def evaluate(self, structures):
            time.sleep(0.05)
            return super().evaluate(structures)

    def timed(clock):
        yield [marked(1.0)]
        yield [marked(1.0)]
        return clock()

    begun = time.perf_counter()
    seconds = [outcome for _, outcome in lockstep([timed] * 10, Slow(), budget=10 * SIZE)]
    passed = time.perf_counter() - begun
    assert 0.1 <= sum(seconds) <= passed
    assert max(seconds) < 0.5 * passed


def test_size_estimates_pairs():
    from cijkl.potentials.edges import neighbours

    for atoms in (COPPER, bulk("NaCl", "rocksalt", a=5.64), bulk("Si", a=5.43).repeat(2)):
        assert size(atoms) == pytest.approx(len(neighbours(atoms, 5.0)), rel=0.2)
    assert size(bulk("Cu", a=100.0)) == 1


def test_the_device_is_read_from_the_settings():
    assert on_cuda(Counting("cuda:1"))
    assert not on_cuda(Counting("cpu"))
    part = Counting()
    part.settings = {"chgnet.device": "cuda", "d3.functional": "pbe"}
    assert on_cuda(part)
    assert budget_for(Counting()) == 2000


def test_lockstep_gives_what_one_by_one_gives(emt):
    crystals = []
    for symbol, a in [("Cu", 3.6), ("Al", 4.0), ("Ni", 3.5), ("Au", 4.1), ("Ag", 4.1)] * 2:
        atoms = bulk(symbol, a=a * (1.0 + 0.002 * len(crystals)), cubic=True)
        found = symmetry(atoms)
        crystals.append((atoms, Group(found.rotations, found.permutations)))

    def tensor(atoms, group):
        relaxed = yield from relax(atoms, group)
        response = yield from linear_response(relaxed.atoms, group)
        return response.stiffness

    together = dict(
        lockstep(
            [lambda _, c=c: tensor(*c) for c in crystals], emt, budget=7 * size(crystals[0][0])
        )
    )
    for i, each in enumerate(crystals):
        assert np.array_equal(together[i], run(tensor(*each), emt))
