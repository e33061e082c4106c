"""Counting processors, memory and threads."""

from __future__ import annotations

import os
import time

import pytest
from ase.build import bulk

from cijkl.response import processors
from cijkl.response.processors import cores, processes_that_fit, processor_seconds, threads_for


def test_cores_are_those_this_process_may_use():
    assert 1 <= cores() <= os.cpu_count()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs an affinity to set")
def test_the_affinity_counts():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_memory_bounds_the_number_of_processes():
    assert processes_that_fit(1) == 1
    assert processes_that_fit(10**9) < 10**6
    # no network is loaded here yet, but each of them will load one
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert processes_that_fit(10**9) <= memory / 0.5e9


def test_work_is_measured_and_waiting_is_not():
    begun, own = processor_seconds(), time.process_time()
    time.sleep(0.3)
    assert processor_seconds() - begun < 0.2
    while time.process_time() - own < 0.3:
        sum(range(10000))
    assert processor_seconds() - begun == pytest.approx(0.3, abs=0.1)


def test_small_cells_get_one_thread(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(processors, "cores", lambda: 4)
    monkeypatch.setattr(processors, "_busy", lambda: 1)
    before = torch.get_num_threads()
    torch.set_num_threads(8)
    try:
        with threads_for(bulk("Si", a=5.43)):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 8
        large = bulk("Si", a=5.43).repeat(5)
        with threads_for(large):
            assert torch.get_num_threads() == 3
        with pytest.raises(ValueError), threads_for(large):
            raise ValueError
        assert torch.get_num_threads() == 8
        torch.set_num_threads(2)
        with threads_for(large):
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
