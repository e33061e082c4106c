from __future__ import annotations

from typing import Any

import pytest

from cijkl.elasticity.classes import class_of_space_group, independent_constants
from cijkl.report.verdict import anisotropy_word, elastic_class, stiffness_word, verdict


@pytest.mark.parametrize(
    ("young", "word"),
    [
        (3.0, "very soft"),
        (5.0, "soft"),
        (70.0, "moderately stiff"),
        (200.0, "stiff"),
        (400.0, "very stiff"),
        (1140.0, "extremely stiff"),
    ],
)
def test_stiffness_has_the_scale_that_the_page_states(young: float, word: str) -> None:
    assert stiffness_word(young) == word


def test_anisotropy_has_the_scale_that_the_page_states() -> None:
    assert anisotropy_word(0.0) == "nearly isotropic"
    assert anisotropy_word(0.05) == "weakly anisotropic"
    assert anisotropy_word(7.0) == "extremely anisotropic"


def test_sentence_of_silicon(silicon_record: dict[str, Any]) -> None:
    # K/G = 97.8/66.5, and 1/S11 = 130.1, 188 GPa along <111>, follow from the constants.
    assert verdict(silicon_record) == (
        "Stiff (E = 163 GPa), brittle by Pugh’s rule (K/G = 1.47), mechanically stable and weakly "
        "anisotropic (E varies 1.44-fold with direction)."
    )


def test_ductile_above_the_limit_of_pugh(silicon_record: dict[str, Any]) -> None:
    moduli = {key: dict(row) for key, row in silicon_record["moduli"].items()}
    moduli["K"]["hill"], moduli["G"]["hill"] = 1.76, 1.0
    assert "ductile by Pugh’s rule (K/G = 1.76)" in verdict({**silicon_record, "moduli": moduli})


def test_unstable_comes_before_anything_else(unstable_record: dict[str, Any]) -> None:
    text = verdict(unstable_record)
    assert text.startswith("Mechanically unstable")
    assert "−10.0 GPa" in text


def test_independent_constants_of_every_space_group() -> None:
    for number in range(1, 231):
        name, count = elastic_class(number)
        crystal_class = class_of_space_group(number)
        # Nye counts the constants of trigonal and tetragonal low classes in any setting; the
        # third-rank axis may be turned until one of them vanishes.
        assert count - len(independent_constants(crystal_class)) in (0, 1, 3), number
        assert name.split(",")[0] == crystal_class.split("_")[0]
