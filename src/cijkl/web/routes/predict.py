"""`/api/predict`: elastic tensors by a learned model."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from cijkl.web.answers import Records, json
from cijkl.web.errors import problems
from cijkl.web.services import ServicesOf, client
from cijkl.web.uploads import HydrogensField, Keep, Name, Structure, Symprec, crystals

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["routes"])


@router.post("/predict", response_model=Records, responses=problems(422, 501, 503))
async def predict(
    request: Request,
    services: ServicesOf,
    structure: Structure,
    model: Name = "",
    symprec: Symprec = 1e-2,
    hydrogens: HydrogensField = "refuse",
    keep: Keep = False,
) -> Response:
    """Predict the elastic tensor of each crystal of a file, in milliseconds each.

    An empty model is the default one. A crystal that cannot be predicted among others has a record
    that says why.
    """
    chosen = services.offers.model(model or services.offers.default_model)
    found = await crystals(services, structure)
    records = await services.predictor(found, chosen, symprec, hydrogens)
    kept = None
    if keep:
        kept = [services.jobs.keep("predict", record, client(request)) for record in records]
    return json({"records": records, "kept": kept})
