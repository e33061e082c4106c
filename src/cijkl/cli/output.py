"""Where results go: table, JSON Lines, HTML pages; messages go to standard error."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from cijkl.errors import InputError
from cijkl.polymorphs import form_of, polymorphs

if TYPE_CHECKING:
    from cijkl.polymorphs import Form
    from cijkl.record import Result

__all__ = ["Count", "Output", "complain", "json_stream", "say", "write_results"]


@dataclass(frozen=True)
class Output:
    """What the user asked to be written.

    Parameters
    ----------
    json
        Path for JSON Lines, ``-`` for standard output; None for none.
    html
        Folder for pages, or the path of a single page ending in ``.html``; None for none.
    quiet
        Whether to leave out tables, progress and remarks.
    """

    json: str | None
    html: Path | None
    quiet: bool


@dataclass(frozen=True)
class Count:
    """How many crystals gave a tensor, and how many did not."""

    done: int
    failed: int


def say(message: str) -> None:
    """One line on standard error."""
    # a file name may hold bytes that are no text
    line = " ".join(message.split()).encode("utf-8", "backslashreplace").decode()
    print(line, file=sys.stderr, flush=True)


def complain(message: str) -> None:
    """One line on standard error that says which program speaks."""
    say(f"cijkl: {message}")


def write_results(results: Iterable[Result], output: Output) -> Count:
    """Write each result as soon as it comes, and report each failure."""
    done = failed = 0
    forms: list[Form | None] = []
    pages = _Pages(output.html) if output.html is not None else None
    with json_stream(output.json) as stream:
        for result in results:
            if stream is not None:
                from cijkl.report.jsonl import write_lines

                write_lines([result.record], stream)
            if pages is not None:
                pages.write(result)
            if not result.ok:
                failed += 1
                complain(f"{_label(result)}: {result.record['error']}")
                continue
            done += 1
            if output.json != "-" and not output.quiet:
                _print_table(result)
                forms.append(form_of(result.record))
    _print_forms(form for form in forms if form is not None)
    if pages is not None and pages.written and not output.quiet:
        say(f"wrote {pages.written[0] if len(pages.written) == 1 else output.html}")
    return Count(done, failed)


@contextmanager
def json_stream(path: str | None) -> Iterator[TextIO | None]:
    """Where JSON goes: a file, whose folder is made; standard output for ``-``; or nowhere.

    While it is standard output, whatever else is printed goes to standard error, since some
    libraries announce themselves.
    """
    if path is None:
        yield None
    elif path == "-":
        stream = sys.stdout
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        with redirect_stdout(sys.stderr):
            yield stream
    else:
        target = Path(path)
        _make_folder(target.parent, f"--json {path}")
        with target.open("w", encoding="utf-8", errors="backslashreplace") as file:
            yield file


def _make_folder(folder: Path, option: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{option}: {folder} is no folder") from None


def _label(result: Result) -> str:
    """Where a result came from, with its id where that says more."""
    identifier, source = result.record["id"], result.record["source"]
    told = re.search(rf"(^|[/\\!#]){re.escape(identifier)}(\.|$)", source)
    return source if told else f"{source} ({identifier})"


def _print_table(result: Result) -> None:
    from rich.console import Console

    from cijkl.report.table import table

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    Console().print(table(result.record))


def _print_forms(forms: Iterable[Form]) -> None:
    """Softest and stiffest faces side by side, where a compound has several forms."""
    compounds = polymorphs(forms)
    if not compounds:
        return
    from rich.console import Console

    from cijkl.report.polymorphs import forms_table

    Console().print(forms_table(compounds))


class _Pages:
    """HTML pages, one for each crystal, with file names that cannot collide."""

    def __init__(self, target: Path) -> None:
        self.single = target.suffix.lower() == ".html" and not target.is_dir()
        self.target = target
        self.folder = target.parent if self.single else target
        self.written: list[Path] = []
        _make_folder(self.folder, f"--html {target}")

    def write(self, result: Result) -> None:
        from cijkl.report.html import html_page

        path = self._path(result.record["id"])
        page = html_page(result.record, result.atoms)
        path.write_text(page, encoding="utf-8", errors="backslashreplace")
        self.written.append(path)

    def _path(self, identifier: str) -> Path:
        if self.single and not self.written:
            return self.target
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", identifier).strip("._")[:80] or "crystal"
        path, count = self.folder / f"{stem}.html", 1
        while path in self.written:
            count += 1
            path = self.folder / f"{stem}-{count}.html"
        return path
