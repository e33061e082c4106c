"""Files in a form, and the types of the other fields."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, UploadFile

from cijkl.errors import InputError
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.hydrogens import Hydrogens
from cijkl.web.services import Services

__all__ = ["HydrogensField", "Keep", "Name", "Structure", "Symprec", "crystals", "sent"]

#: a file with crystals
Structure = Annotated[
    UploadFile,
    File(description="CIF, POSCAR, extxyz, JSON or JSON Lines; compressed or in an archive."),
]
Symprec = Annotated[float, Form(gt=0.0, le=1.0, description="Tolerance of the symmetry search, A.")]
Keep = Annotated[bool, Form(description="Whether the results are kept, to be seen as pages.")]
#: what is done with a molecular crystal that lacks hydrogen, see `cijkl.compute`
HydrogensField = Annotated[
    Hydrogens, Form(description="What is done where hydrogen is missing, as many X-ray structures.")
]
#: name of a model or a potential
Name = Annotated[str, Form(max_length=200)]


async def sent(file: UploadFile) -> tuple[bytes, str]:
    """Bytes and name of a file.

    Raises
    ------
    InputError
        It is empty.
    """
    data = await file.read()
    if not data.strip():
        raise InputError("the file is empty")
    return data, file.filename or "input"


async def crystals(services: Services, file: UploadFile) -> list[Crystal | Unreadable]:
    """Crystals of a file, and what could not be read of it."""
    data, name = await sent(file)
    message = {"data": data, "name": name, "limits": services.limits}
    found: list[Crystal | Unreadable] = await services.readers.ask(("read", message))
    return found
