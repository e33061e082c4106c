"""`/api/models` and `/api/potentials`: what there is to choose from."""

from __future__ import annotations

from fastapi import APIRouter

from cijkl.models.catalogue import ModelInfo
from cijkl.potentials.catalogue import PotentialInfo
from cijkl.web.errors import problems
from cijkl.web.services import ServicesOf

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["catalogues"])


@router.get("/models", response_model=list[ModelInfo], responses=problems())
def models(services: ServicesOf) -> list[ModelInfo]:
    """The learned models, the default one first."""
    return list(services.offers.model_facts())


@router.get("/potentials", response_model=list[PotentialInfo], responses=problems())
def potentials(services: ServicesOf) -> list[PotentialInfo]:
    """The potentials that are installed here."""
    return list(services.offers.potentials())
