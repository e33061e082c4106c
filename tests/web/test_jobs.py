"""Jobs: queued, followed, cancelled, limited, and there again after the server."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from cijkl.errors import InputError
from cijkl.structures import Crystal, read
from cijkl.web.jobs import JobStore, Runner
from cijkl.web.jobs.store import QueueFullError

from .conftest import EXAMPLES, form

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    # processes that tests start must find it by this name too
    sys.path.append(HERE)
import fake  # noqa: E402


def crystal(name: str = "silicon") -> Crystal:
    (found,) = read(EXAMPLES / f"{name}.cif")
    assert isinstance(found, Crystal)
    return found


def add(store: JobStore, count: int = 1, client: str = "a") -> list[str]:
    return store.add([crystal()] * count, {"method": "linear"}, client, per_client=4, in_all=6)


def runner(store: JobStore, target, **limits) -> Runner:
    given = {"at_once": 1, "seconds": 60.0, "megabytes": 4096, "keep": (30.0, 1000), **limits}
    made = Runner(store, **given)
    made.target = target
    made.begin()
    return made


def until(condition, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("in vain")


@pytest.fixture
def store(tmp_path):
    with_jobs = JobStore(tmp_path / "jobs")
    yield with_jobs
    with_jobs.close()


def test_a_job_comes_back_as_it_was(store):
    (name,) = add(store)
    job, found = store.take()
    assert (job.id, job.state, job.tries, job.name) == (name, "running", 1, "silicon")
    original = crystal()
    assert (found.atoms.positions == original.atoms.positions).all()
    assert (found.atoms.cell.array == original.atoms.cell.array).all()
    assert (found.id, found.source) == (original.id, original.source)
    assert found.diagnostics == original.diagnostics
    assert store.take() is None


def test_jobs_go_in_order_and_know_who_is_before_them(store):
    names = add(store, 3)
    assert [store.ahead(store.job(name)) for name in names] == [0, 1, 2]
    assert [store.take()[0].id for _ in names] == names


def test_limits_of_the_queue(store):
    add(store, 3, "a")
    with pytest.raises(QueueFullError, match="at most 4 jobs of one address"):
        add(store, 2, "a")
    add(store, 3, "b")
    with pytest.raises(QueueFullError, match="the queue is full: 6 jobs"):
        add(store, 1, "c")
    assert store.jobs(100)[1] == 6


def test_a_folder_serves_one_server(tmp_path, store):
    with pytest.raises(InputError, match="another server uses this folder"):
        JobStore(tmp_path / "jobs")


def test_what_ran_when_the_server_ended_runs_again_but_not_for_ever(tmp_path):
    folder = tmp_path / "jobs"
    first = JobStore(folder)
    running, waiting = add(first, 2)
    first.take()
    first.close()
    for begun in (2, 3):
        again = JobStore(folder)
        again.recover()
        assert again.job(running).state == "queued"
        job, _ = again.take()
        assert (job.id, job.tries) == (running, begun)
        again.close()
    last = JobStore(folder)
    last.recover()
    assert (last.job(running).state, last.job(waiting).state) == ("failed", "queued")
    assert last.job(running).error == "the server ended each time that it ran"
    last.close()


def test_old_results_are_forgotten(store, monkeypatch):
    record = fake.record(crystal(), {})
    old = store.keep("predict", record, "a")
    monkeypatch.setattr(time, "time", lambda: 4e9)
    new = [store.keep("predict", record, "a") for _ in range(3)]
    waiting = add(store)[0]
    store.prune(days=1.0, results=2)
    assert store.job(old) is None
    assert [store.job(name) is not None for name in (*new, waiting)] == [False, True, True, True]


def test_a_job_from_queue_to_record(store):
    (name,) = add(store)
    at_work = runner(store, fake.quick)
    job = until(lambda: (j := store.job(name)).state == "done" and j)
    at_work.end()
    assert job.progress["evaluations"] == {"relax": 5, "response": 3}
    assert job.progress["relaxation"] == [[n, -10.0 - n, 40.0 + n] for n in range(1, 6)]
    record = store.record(name)
    assert (record["status"], record["id"]) == ("ok", "silicon")
    assert record["engine"]["settings"] == {"method": "linear"}


def test_a_server_that_ends_leaves_its_job_to_the_next(store):
    names = add(store, 2)
    first = runner(store, fake.slow)
    until(lambda: (p := first.progress(names[0])) and p["stage"] == "relax")
    first.end()
    second = runner(store, fake.quick)
    until(lambda: all(store.job(name).state == "done" for name in names))
    second.end()
    assert [store.job(name).tries for name in names] == [2, 1]


@pytest.mark.parametrize(
    ("target", "limits", "reason"),
    [
        (fake.slow, {"seconds": 2.0}, "longer than 2 s"),
        (fake.hungry, {"megabytes": 300}, "more than 300 MB"),
        (fake.dying, {}, "ended unexpectedly"),
    ],
)
def test_a_job_beyond_its_limits_fails_alone(store, target, limits, reason):
    name, after = add(store, 2)
    at_work = runner(store, target, **limits)
    job = until(lambda: (j := store.job(name)).state == "failed" and j)
    at_work.target = fake.quick
    assert reason in job.error
    until(lambda: store.job(after).state in ("done", "failed"))
    at_work.end()


def test_the_api_of_jobs(opened, quartz):
    visitor = opened(jobs_per_client=2)
    services = visitor.app.state.services
    services.runner.target = fake.slow
    sent = [
        visitor.post("/api/compute", files=form(quartz), data={"fmax": "1e-3", "method": "finite"})
        for _ in range(3)
    ]
    assert [answer.status_code for answer in sent] == [202, 202, 429]
    assert "Retry-After" in sent[2].headers
    first, second = (answer.json()["jobs"][0] for answer in sent[:2])
    assert second["ahead"] == 1
    assert sent[0].headers["location"] == f"/jobs/{first['id']}"
    place = f"/api/jobs/{first['id']}"
    running = until(lambda: (j := visitor.get(place).json())["progress"] and j)
    assert (running["state"], running["record"]) == ("running", None)
    assert (running["options"]["fmax"], running["options"]["method"]) == (1e-3, "finite")
    assert visitor.delete(place).json()["state"] == "cancelled"
    services.runner.target = fake.quick
    place = f"/api/jobs/{second['id']}"
    until(lambda: visitor.get(place).json()["state"] != "queued")
    assert visitor.delete(place).json()["state"] == "cancelled"
    listed = visitor.get("/api/jobs").json()
    assert listed["count"] == 2
    assert [job["id"] for job in listed["jobs"]] == [second["id"], first["id"]]
    assert visitor.delete(place).status_code == 200
    assert visitor.get(place).status_code == 404


def test_no_potential_of_a_file_and_none_that_is_not_there(visitor, quartz):
    for name in ("mace:/etc/passwd", "distilled:x", "nothing", "sevennet-0:../x", "d3:pbe+mace:x"):
        answer = visitor.post("/api/compute", files=form(quartz), data={"potential": name})
        assert answer.status_code == 422, name
        assert "no potential is called" in answer.json()["error"]


@pytest.mark.slow  # loads a potential in a process of its own and relaxes silicon
def test_silicon_is_computed_as_by_the_function(opened):
    pytest.importorskip("sevenn")
    from cijkl import compute

    visitor = opened()
    files = form((EXAMPLES / "silicon.cif").read_bytes(), "silicon.cif")
    data = {"potential": "sevennet-0", "fmax": "0.001"}
    (job,) = visitor.post("/api/compute", files=files, data=data).json()["jobs"]
    place = f"/api/jobs/{job['id']}"
    ended = until(lambda: (j := visitor.get(place).json())["ended"] and j, 300.0)
    assert ended["state"] == "done"
    assert ended["progress"]["evaluations"].keys() == {"relax", "response"}
    (expected,) = compute(EXAMPLES / "silicon.cif", "sevennet-0", fmax=1e-3, workers=1)
    ours = [pytest.approx(row, abs=0.05) for row in expected.record["C"]]
    assert ended["record"]["C"] == ours


def test_indices_belong_to_the_cell_that_was_sent(opened):
    """The result of a job is primitive; its faces are those of the cubic cell all the same."""
    import numpy as np

    from cijkl.elasticity import ElasticTensor

    visitor = opened()
    visitor.app.state.services.runner.target = fake.primitive
    files = form((EXAMPLES / "silicon.cif").read_bytes(), "silicon.cif")
    (job,) = visitor.post("/api/compute", files=files).json()["jobs"]
    until(lambda: visitor.get(f"/api/jobs/{job['id']}").json()["state"] == "done")
    record = visitor.get(f"/results/{job['id']}/record.json").json()
    assert record["structure"]["natoms"] == 2
    tensor = ElasticTensor(record["C"])
    for kind in ("hkl", "uvw"):
        place = f"/api/results/{job['id']}/direction"
        found = visitor.get(place, params={"kind": kind, "indices": "1 1 0"}).json()
        axis = np.array([1.0, 1.0, 0.0]) / np.sqrt(2.0)
        assert found["direction"] == pytest.approx(axis, abs=1e-9)
        assert found["E"] == pytest.approx(float(tensor.youngs_modulus(axis)))
    page = visitor.get(f"/results/{job['id']}").text
    # equal faces of the cube; of the primitive cell, (1 0 0) would be among the eight
    faces = dict(re.findall(r'class="face">(\([^<]*\))</th><td>(\d+)</td>', page))
    assert [faces[name] for name in ("(1 0 0)", "(1 1 0)", "(1 1 1)")] == ["6", "12", "8"]
