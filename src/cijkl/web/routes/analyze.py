"""`/api/analyze`: everything that follows from a tensor."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from cijkl.errors import InputError
from cijkl.structures.indices import parse_indices
from cijkl.web.answers import Records, json
from cijkl.web.errors import problems
from cijkl.web.services import ServicesOf, client
from cijkl.web.uploads import Keep, Symprec, sent

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["routes"])

Indices = Annotated[list[str], Form(max_length=20)]


@router.post("/analyze", response_model=Records, responses=problems(422, 503))
async def analyze(
    request: Request,
    services: ServicesOf,
    tensor: Annotated[
        UploadFile, File(description="6x6 in GPa, or the output of a code, as `cijkl analyze`.")
    ],
    structure: Annotated[UploadFile | None, File(description="The crystal it belongs to.")] = None,
    frame: Annotated[Literal["input", "ieee"] | None, Form()] = None,
    density: Annotated[float | None, Form(gt=0.0, le=100.0, description="g/cm^3.")] = None,
    hkl: Indices = [],  # noqa: B006 - FastAPI copies it
    uvw: Indices = [],  # noqa: B006 - FastAPI copies it
    symprec: Symprec = 1e-2,
    keep: Keep = False,
) -> Response:
    """Everything that follows from each tensor of a file."""
    if structure is not None and density is not None:
        raise InputError("give structure or density, not both: a structure has its own density")
    data, name = await sent(tensor)
    message = {
        "data": data,
        "name": name,
        "structure": None if structure is None else await sent(structure),
        "limits": services.limits,
        "frame": frame,
        "density": density,
        "hkl": [parse_indices(text, four=True) for text in hkl],
        "uvw": [parse_indices(text) for text in uvw],
        "symprec": symprec,
    }
    records = await services.readers.ask(("analyze", message))
    kept = None
    if keep:
        kept = [services.jobs.keep("analyze", record, client(request)) for record in records]
    return json({"records": records, "kept": kept})
