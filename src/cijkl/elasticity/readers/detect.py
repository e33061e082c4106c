"""Reads an elastic tensor of any known format, found by its content."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.readers import castep, thermo_pw, vasp
from cijkl.elasticity.readers.found import Found
from cijkl.elasticity.readers.plain import read_plain
from cijkl.elasticity.readers.records import read_json
from cijkl.elasticity.validation import asymmetry, validate
from cijkl.errors import Diagnostic, InputError

__all__ = ["read_each", "read_tensor"]

Entry = tuple[str, NDArray[np.float64], dict[str, object]]

#: constants outside this range, GPa, are possible but make another unit likely (diamond: 1080)
_LIKELY = (0.1, 2000.0)


def read_tensor(source: str | Path, tolerance: float = 0.02) -> list[Entry]:
    """Elastic tensors of a file or text.

    The format is found by content: numbers as text (6x6, or the 21 of a triangle), JSON and JSON
    Lines (arrays, the package's own records, Materials Project, pymatgen), VASP OUTCAR, CASTEP
    `.castep` and `.elastic`, thermo_pw. A file may be compressed with gzip.

    Parameters
    ----------
    source
        A path; or the text itself, if it has more than one line, begins like JSON or is a line of
        numbers.
    tolerance
        Largest relative asymmetry that is averaged away, see `validation.validate`.

    Returns
    -------
    For each tensor its id (of the file, else the file's name), the symmetric stiffness (6, 6) in
    GPa, and a dictionary: `format`; `diagnostics`, a tuple of `Diagnostic`; and where known `frame`
    ("input" or "ieee"), `formula`, `structure`, `density` (g/cm^3), `source`.

    Raises
    ------
    InputError
        One line that says what is wrong: no such file, empty, binary, unknown format, or a tensor
        that `validation.validate` refuses.
    """
    entries: list[Entry] = []
    for identifier, stiffness, extra in read_each(source, tolerance):
        if isinstance(stiffness, InputError):
            raise stiffness
        entries.append((identifier, stiffness, extra))
    return entries


def read_each(
    source: str | Path, tolerance: float = 0.02
) -> list[tuple[str, NDArray[np.float64] | InputError, dict[str, object]]]:
    """`read_tensor` where a tensor that cannot be used does not hide the others of its file.

    Returns
    -------
    As `read_tensor`, with the error in place of the stiffness where there is one.

    Raises
    ------
    InputError
        If no tensor can be found at all.
    """
    text, name = _text(source)
    entries: list[tuple[str, NDArray[np.float64] | InputError, dict[str, object]]] = []
    try:
        kind, tensors = _parse(text)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    for number, found in enumerate(tensors, 1):
        which = "" if len(tensors) == 1 else f"tensor {number}: "
        try:
            entries.append(_checked(found, kind, name, which, tolerance))
        except InputError as error:
            label = found.id or f"{Path(name).stem}#{number}"
            entries.append((label, InputError(f"{name}: {error}"), {}))
    return entries


def _parse(text: str) -> tuple[str, list[Found]]:
    """Name of the format, and the tensors."""
    if not text.strip():
        raise InputError("nothing in it, expected an elastic tensor")
    if "\x00" in text or "\ufffd" in text[:4096]:
        raise InputError("the file is binary, expected text with an elastic tensor")
    if vasp.TITLE in text or re.match(r"\s*vasp\.\d", text):
        return "vasp", [vasp.read_outcar(text)]
    if thermo_pw.TITLE.search(text) or re.search(r"^\s*Program (THERMO_PW|PWSCF)", text, re.M):
        return "thermo_pw", [thermo_pw.read_thermo_pw(text)]
    if castep.TITLE.search(text) or re.search(r"^\s*\|\s*CCC\s+AA", text, re.MULTILINE):
        return "castep", [castep.read_castep(text)]
    if text.lstrip()[0] in "{[":
        try:
            return "json", read_json(text)
        except InputError:
            # NumPy prints arrays in brackets without commas: numbers, but no JSON
            if text.lstrip()[0] == "{" or re.search(r"[\"{:]", text):
                raise
            try:
                return "text", [Found(read_plain(text))]
            except InputError:
                pass
            raise
    return "text", [Found(read_plain(text))]


def _checked(found: Found, kind: str, name: str, which: str, tolerance: float) -> Entry:
    """One tensor, validated, with its doubts."""
    try:
        if isinstance(found.stiffness, InputError):
            raise found.stiffness
        stiffness = validate(found.stiffness, tolerance)
        if stiffness.shape != (6, 6):
            raise InputError(f"the stiffness has shape {stiffness.shape}, expected (6, 6)")
    except InputError as error:
        label = f"{found.id}: " if found.id and which else which
        raise InputError(f"{label}{error}") from None
    doubts = list(found.doubts)
    skew = float(asymmetry(np.asarray(found.stiffness, float)))
    if skew > 1e-3:
        doubts.append(
            ("asymmetric", f"C_ij and C_ji differed (relative asymmetry {skew:.2g}): averaged")
        )
    largest = float(np.abs(stiffness).max())
    if not _LIKELY[0] <= largest <= _LIKELY[1]:
        doubts.append(
            (
                "suspicious_unit",
                f"the largest constant is {largest:.4g} GPa, unusual for a solid: check that the "
                "tensor is in GPa (1 GPa = 10 kbar = 0.01 Mbar)",
            )
        )
    extra = {
        **found.extra,
        "format": kind,
        "diagnostics": tuple(Diagnostic(code, message) for code, message in doubts),
    }
    return found.id or Path(name).stem, stiffness, extra


def _text(source: str | Path) -> tuple[str, str]:
    """Text of a path or of itself, and a name for messages."""
    if isinstance(source, str) and (not source.strip() or _is_text(source)):
        return source.removeprefix("\ufeff"), "tensor"
    path = Path(source)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file, expected an elastic tensor") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, expected a file with an elastic tensor") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{str(path)[:80]}: cannot be read ({reason})") from None
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise InputError(f"{path}: damaged gzip file") from None
        path = path.with_suffix("")
    return _decoded(data), path.name


def _is_text(source: str) -> bool:
    """Whether a string is a tensor itself and no path."""
    stripped = source.strip()
    if "\n" in stripped or stripped[:1] in ("{", "["):
        return True
    words = re.split(r"[\s,;]+", stripped)
    return len(words) >= 6 and all(re.fullmatch(r"[-+.\deEdD]+|nan|inf", w, re.I) for w in words)


def _decoded(data: bytes) -> str:
    """Bytes as text, whichever encoding an editor left."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")
