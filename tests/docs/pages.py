"""Pages of the documentation as programs: their fenced blocks, run in order as a reader would.

A ``console`` block is commands after ``$`` with what they print, a ``pycon`` block a session of
Python, a ``python`` block is executed, and a block with a title is a file of that name. What a
page shows is compared with what comes out: ``...`` stands for anything, blanks count as one, and a
number with a point may differ by one in its last digit or by `TOLERANCE`, whichever is more.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: relative; potentials and networks round differently on other machines
TOLERANCE = 2e-3
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
#: end of a command that shows its exit code
_ASKED = '; echo "exit code $?"'
#: what is told every half minute where there is no terminal
_PROGRESS = re.compile(r"^cijkl: .*\d+ done.*\n", re.M)
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)
_DECIMAL = re.compile(r"[-−]?\d+\.\d+(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it is, its language, the file that it is, what it holds."""

    line: int
    language: str
    title: str | None
    text: str


def blocks(page: Path) -> list[Block]:
    """Fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        title = re.search(r'title="([^"]+)"', match[2])
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(line, match[1], title[1] if title else None, match[3]))
    return found


class Close(doctest.OutputChecker):
    """Compares printed text, numbers with a point with tolerance."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        """Whether what was printed is what is shown."""
        return super().check_output(want, got, optionflags) or close(want, got)


def close(want: str, got: str) -> bool:
    """Whether texts agree but for blanks, what ``...`` stands for, and the last digits."""
    shown = _DECIMAL.findall(want)
    pattern = "".join(_pattern(part) for part in re.split(r"(\.\.\.|\s+)", want.strip()))
    match = re.fullmatch(pattern, got.strip(), re.S)
    return bool(match) and all(
        abs(_number(a) - _number(b)) <= _slack(a)
        for a, b in zip(shown, match.groups(), strict=True)
    )


def _pattern(part: str) -> str:
    if part == "...":
        return ".*?"
    if not part or part.isspace():
        return r"\s+" if part else ""
    words = _DECIMAL.split(part)
    return f"({_DECIMAL.pattern})".join(re.escape(word) for word in words)


def _number(text: str) -> float:
    return float(text.replace("−", "-"))


def _slack(text: str) -> float:
    mantissa, _, exponent = text.partition("e")
    last = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return max(1.001 * last, TOLERANCE * abs(_number(text)))


def run(page: Path, folder: Path) -> None:
    """Run all blocks of a page in a folder that has the examples.

    Raises
    ------
    AssertionError
        With the place in the page, and what came out instead of what is shown.
    """
    (folder / "examples").symlink_to(ROOT / "examples")
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.chdir(folder), _modules_of(folder), contextlib.ExitStack() as ends:
        for block in blocks(page):
            place = f"{page.name}, line {block.line}"
            if block.title is not None:
                Path(block.title).parent.mkdir(parents=True, exist_ok=True)
                Path(block.title).write_text(block.text, encoding="utf-8")
            elif block.language == "pycon":
                session(block.text, names, place)
            elif block.language == "python":
                exec(compile(block.text, place, "exec"), names)
            elif block.language == "console":
                for command, shown in commands(block.text):
                    if command.endswith(" &"):
                        ends.enter_context(server(command.removesuffix(" &")))
                    else:
                        terminal(command, shown, place)


@contextlib.contextmanager
def _modules_of(folder: Path) -> Iterator[None]:
    """Let Python import files of a folder, and forget them afterwards."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "/").is_relative_to(folder):
                del sys.modules[name]


def session(text: str, names: dict[str, Any], place: str) -> None:
    """Run a ``pycon`` block with names that blocks of a page share."""
    test = doctest.DocTestParser().get_doctest(text, names, place, place, 0)
    runner = doctest.DocTestRunner(Close(), verbose=False, optionflags=FLAGS)
    report = io.StringIO()
    runner.run(test, out=report.write, clear_globs=False)
    names.update(test.globs)
    assert not runner.summarize(verbose=False).failed, f"{place}\n{report.getvalue()}"


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a ``console`` block and what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        lines = part.splitlines()
        end = next(i for i, line in enumerate(lines) if not line.endswith("\\")) + 1
        yield "\n".join(lines[:end]), "\n".join(lines[end:])


def terminal(command: str, shown: str, place: str) -> None:
    """Run a command; ``cijkl`` alone in this process, which has read its libraries already."""
    plain = command.removesuffix(_ASKED)
    code, printed = _here(plain) if _is_plain(plain) else _shell(command)
    if plain != command and _is_plain(plain):
        code, printed = 0, f"{printed}exit code {code}\n"
    assert code == 0, f"{place}: {command}\n{printed}"
    printed = _PROGRESS.sub("", printed)
    if shown.strip():
        assert Close().check_output(shown, printed, FLAGS), f"{place}: {command}\n{printed}"


@contextlib.contextmanager
def server(command: str) -> Iterator[None]:
    """Run a command with ``--port`` beside what follows; go on once it listens."""
    port = int(re.search(r"--port (\d+)", command)[1])
    program = [str(Path(sys.executable).parent / "cijkl"), *shlex.split(command)[1:]]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"{command}: nothing listens at port {port}")
        yield
    finally:
        process.terminate()
        process.wait(30)


def _is_plain(command: str) -> bool:
    """Whether it is ``cijkl`` with arguments, and nothing that only a shell understands."""
    words = re.sub(r"'[^']*'|\"[^\"$]*\"", "", command)
    return command.startswith("cijkl ") and not re.search(r"[|;<>&$*]", words)


def _here(command: str) -> tuple[int, str]:
    from cijkl.cli import main

    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main(shlex.split(command.replace("\\\n", " "))[1:])
    return code, printed.buffer.getvalue().decode()


def _shell(command: str) -> tuple[int, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, shell=True, env={**os.environ, "PATH": path}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout
