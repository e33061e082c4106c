"""Order, and when workers are started, with workers that are threads of this process."""

from __future__ import annotations

import queue
import threading
import time

import pytest
from ase.build import bulk

from cijkl.response.schedule import arrange, in_order
from cijkl.response.schedule import side_by_side as scheduled
from cijkl.structures import Crystal, Unreadable


def side_by_side(*arguments, **options):
    """With the clock on the wall, since work is sleep here."""
    return scheduled(*arguments, **options, clock=time.perf_counter)


def pairs(*items):
    yield from items


def test_items_come_as_soon_as_those_before_them_are_there():
    seen = []

    def source():
        for index in (1, 2, 0, 4, 3):
            seen.append(index)
            yield index, f"item {index}"

    ordered = in_order(source())
    assert next(ordered) == "item 0"
    assert seen == [1, 2, 0]
    assert list(ordered) == ["item 1", "item 2", "item 3", "item 4"]


def test_order_on_request():
    given = [(2, "c"), (0, "a"), (1, "b")]
    assert list(arrange(pairs(*given), ordered=True)) == ["a", "b", "c"]
    assert list(arrange(pairs(*given), ordered=False)) == ["c", "a", "b"]


@pytest.mark.parametrize("ordered", [True, False])
def test_the_source_is_closed_with_the_consumer(ordered):
    closed = []

    def source():
        try:
            yield 0, "a"
            yield 1, "b"
        finally:
            closed.append(True)

    items = arrange(source(), ordered)
    next(items)
    items.close()
    assert closed == [True]


def test_an_interruption_gives_what_is_finished_first():
    def source():
        yield 3, "d"
        yield 1, "b"
        raise KeyboardInterrupt

    items = in_order(source())
    assert [next(items), next(items)] == ["b", "d"]
    with pytest.raises(KeyboardInterrupt):
        next(items)


class Threads:
    """What `side_by_side` needs of workers; each takes `seconds` and is ready after `start_up`."""

    def __init__(self, count, seconds=0.0, start_up=0.0):
        self.count, self.seconds, self.start_up = count, seconds, start_up
        self.started = self.ready = self.gone = self.stopped = False
        self.jobs, self.done = queue.SimpleQueue(), queue.SimpleQueue()
        self.mine = []

    def start(self):
        self.started = True
        for _ in range(self.count):
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        time.sleep(self.start_up)
        self.ready = True
        while (job := self.jobs.get()) is not None:
            time.sleep(self.seconds * len(job[1].atoms))
            self.mine.append(job[0])
            self.done.put((job[0], f"worker {job[0]}"))

    def submit(self, index, crystal):
        self.jobs.put((index, crystal))
        return True

    def take_back(self):
        try:
            return self.jobs.get_nowait()
        except queue.Empty:
            return None

    def finished(self, wait):
        try:
            return self.done.get(timeout=10.0 if wait else 0.0)
        except queue.Empty:
            assert not wait
            return None

    def stop(self):
        self.stopped = True
        for _ in range(self.count):
            self.jobs.put(None)


def crystals(count, size=1):
    for index in range(count):
        yield Crystal(str(index), bulk("Cu", a=3.6).repeat((size, 1, 1)), "test")


def slowly(seconds):
    def here(item):
        time.sleep(seconds * len(item.atoms))
        return f"here {item.id}"

    return here


def test_little_work_is_done_here():
    workers = Threads(4)
    results = list(side_by_side(crystals(30), slowly(0.002), workers, start_up=5.0))
    assert results == [(i, f"here {i}") for i in range(30)]
    assert not workers.started
    assert workers.stopped


def test_much_work_is_shared_once_workers_are_ready():
    workers = Threads(2, seconds=0.01, start_up=0.15)
    results = dict(side_by_side(crystals(60), slowly(0.01), workers, start_up=0.1))
    assert sorted(results) == list(range(60))
    by_others = [index for index, result in results.items() if result.startswith("worker")]
    # not those that were done here while the workers started
    assert 10 <= len(by_others) <= 58
    assert sorted(workers.mine) == sorted(by_others)
    assert workers.stopped


def test_the_work_left_counts_atoms():
    workers = Threads(2)
    items = [*crystals(1), *crystals(3, size=100)]
    list(side_by_side(items, slowly(0.001), workers, start_up=0.1))
    assert workers.started
    workers = Threads(2)
    list(side_by_side(crystals(4), slowly(0.001), workers, start_up=5.0))
    assert not workers.started


def test_an_endless_input_is_expected_to_go_on():
    workers = Threads(2, start_up=0.05)
    results = side_by_side(crystals(10**9), slowly(0.0005), workers, start_up=0.1)
    for _, result in results:
        if result.startswith("worker"):
            break
    results.close()
    assert workers.stopped


def test_unreadable_inputs_take_no_worker():
    workers = Threads(2)
    items = [Unreadable("bad", "nowhere", "no file"), *crystals(3), Unreadable("b", "n", "no")]
    results = dict(side_by_side(items, lambda item: f"here {item.id}", workers))
    assert results[0] == "here bad"
    assert results[4] == "here b"
    assert [results[i] for i in (1, 2, 3)] == ["worker 1", "worker 2", "worker 3"]


def test_the_input_is_drawn_as_workers_need_it():
    drawn = []

    def source():
        for crystal in crystals(200):
            drawn.append(crystal)
            yield crystal

    taken = 0
    for _ in side_by_side(source(), slowly(0.0), Threads(3)):
        taken += 1
        assert len(drawn) - taken <= 6
    assert taken == 200


def test_the_reach_bounds_what_waits_for_a_slow_crystal():
    drawn = []

    def source():
        yield Crystal("slow", bulk("Cu", a=3.6).repeat((300, 1, 1)), "test")
        for crystal in crystals(100):
            drawn.append(crystal)
            yield crystal

    finished = set()
    for index, _ in side_by_side(source(), slowly(0.0), Threads(2, seconds=0.001), reach=20):
        finished.add(index)
        if 0 not in finished:
            assert len(drawn) < 20
    assert finished == set(range(101))


def test_an_interruption_gives_what_workers_have_finished():
    workers = Threads(2)

    def source():
        yield from crystals(4)
        deadline = time.monotonic() + 10
        while workers.done.qsize() < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        raise KeyboardInterrupt

    results = side_by_side(source(), slowly(0.0), workers)
    found = []
    with pytest.raises(KeyboardInterrupt):
        for index, _ in results:
            found.append(index)
    assert sorted(found) == [0, 1, 2, 3]
    assert workers.stopped
