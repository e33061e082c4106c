"""Progress: a bar on a terminal, a line now and then elsewhere, nothing when quiet."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from cijkl.cli import progress as module
from cijkl.cli.inputs import again
from cijkl.cli.progress import Progress

from .conftest import write_crystal

MAIN = "import sys; from cijkl.cli import main; sys.exit(main())"
FAST = ("--potential", "sevennet-0", "--fmax", "0.01")


@dataclass(frozen=True)
class Done:
    """All that progress looks at."""

    ok: bool = True


class Terminal(io.StringIO):
    def isatty(self):
        return True


def follow(results, inputs=None, quiet=False):
    return list(Progress(inputs, quiet).around(iter(results)))


def plain(text):
    """What a terminal was sent, without its control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_results_pass_through(capsys):
    results = [Done(), Done(False), Done()]
    assert follow(results) == results
    assert capsys.readouterr().err == ""


def test_a_line_now_and_then(capsys, monkeypatch):
    now = iter(range(0, 1000, 10))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(now)))
    follow([Done(index != 2) for index in range(9)], lambda: range(9))
    lines = capsys.readouterr().err.splitlines()
    # results every ten seconds, a line when more than thirty have passed since the last
    assert len(lines) == 2
    assert re.match(r"cijkl: 4( of 9)? done, 1 failed; 6\.0 a minute", lines[0])
    assert lines[1] == "cijkl: 8 of 9 done, 1 failed; 6.0 a minute, 10 s left"


def test_quiet(capsys, monkeypatch):
    monkeypatch.setattr(module, "_PERIOD", -1.0)
    follow([Done()], lambda: range(1), quiet=True)
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")

    def results():
        for index in range(4):
            time.sleep(0.15)
            yield Done(index != 1)

    progress = Progress(lambda: range(4), quiet=False)
    assert progress.report is not None
    list(progress.around(results()))
    shown = plain(terminal.getvalue())
    assert "0/4" in shown
    assert re.search(r"3/4 \S+ +1 failed \d\.\d a second, \d s left", shown)


def test_the_bar_shows_the_crystal_at_work_as_it_is_called(monkeypatch):
    from cijkl.potentials import Evaluation

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    progress = Progress(None, quiet=False)

    def results():
        progress.report("[bold]odd", "relax", Evaluation(-3.0, None, None), 20.0)
        progress.report("[bold]odd", "relax", Evaluation(-3.1, None, None), 21.0)
        time.sleep(0.3)
        yield Done()

    list(progress.around(results()))
    assert "[bold]odd: relax 2, E = -3.1000 eV, V = 21.00 A^3" in plain(terminal.getvalue())


def test_an_input_that_fails_while_it_is_counted_does_no_harm(monkeypatch, capsys):
    def broken():
        yield 1
        raise OSError("gone")

    monkeypatch.setattr(module, "_PERIOD", -1.0)
    follow([Done()], broken)
    time.sleep(0.1)
    assert re.fullmatch(r"cijkl: 1 done; \d+\.\d a second\n", capsys.readouterr().err)


def test_only_what_can_be_read_again_is_counted(silicon, tmp_path):
    assert len(list(again((str(silicon), "nowhere.cif"))())) == 2
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert again((str(silicon), str(tmp_path / "pipe"))) is None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_with_workers_keeps_what_is_finished(tmp_path):
    many = write_crystal(tmp_path / "many.jsonl", *(f"si-{n}" for n in range(500)))
    target = tmp_path / "out.jsonl"
    options = (*FAST, "--workers", "2", "--quiet", "--json", target)
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "compute", many, *options],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline and not (target.exists() and target.stat().st_size):
        time.sleep(0.1)
    workers = [pid for pid, parent in processes() if parent == process.pid]
    assert len(workers) == 2
    # a terminal sends it to all processes of the group
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "cijkl: interrupted; what was finished is written\n"
    records = [json.loads(line) for line in target.read_text().splitlines()]
    assert 1 <= len(records) < 500
    assert all(record["status"] == "ok" for record in records)
    assert not set(workers) & {pid for pid, _ in processes()}


def processes():
    """Ids of all processes and of their parents."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True)
    return [tuple(map(int, line.split())) for line in listing.stdout.splitlines()]


@pytest.mark.slow
def test_workers_give_the_same_lines(cijkl, tmp_path):
    good = write_crystal(tmp_path / "good.jsonl", "a", "b", a=5.4)
    bad = write_crystal(tmp_path / "bad.jsonl", "x", species="Og", a=7.0)
    more = write_crystal(tmp_path / "more.jsonl", "c", a=5.5)
    one = cijkl("compute", good, bad, more, *FAST, "--json", "-", "--workers", 1)
    two = cijkl("compute", good, bad, more, *FAST, "--json", "-", "--workers", 2)
    assert one.code == two.code == 1
    assert one.err == two.err
    assert [record["id"] for record in two.records] == ["a", "b", "x", "c"]
    assert [record["C"] for record in two.records] == [record["C"] for record in one.records]


@pytest.mark.parametrize("workers", ["0", "-3", "two", "1.5"])
def test_a_number_of_workers_that_is_none(cijkl, silicon, workers):
    run = cijkl("compute", silicon, "--workers", workers)
    assert run.code == 2
    assert len(run.complaints) == 1
    assert "--workers" in run.err
