"""Prints potentials.md from the catalogue: ``python docs/potentials.py > docs/potentials.md``."""

from __future__ import annotations

from cijkl.potentials.catalogue import BUILT_IN, PotentialInfo

HEAD = """# Potentials

This page is made from the catalogue by `python docs/potentials.py`. `cijkl potentials` shows the
same, with what is installed and in which version.

A name is given by `--potential`, an option follows a colon, and potentials add by a plus sign:
`sevennet-l3i5`, `sevennet-mf-0:R2SCAN`, `chgnet+d3`, `mace:/path/to/model`. In Python,
`cijkl.potentials.load(name)` gives it, and `cijkl.potentials.AseCalculator(calculator, name)` makes
a potential of any ASE calculator that gives energy, forces and stress. Other packages add theirs by
the entry point group `cijkl.potentials`.

| name | use | install |
| --- | --- | --- |
"""


def row(info: PotentialInfo) -> str:
    """Line of the overview."""
    return (
        f"| [`{info.name}`](#{info.name}) | {info.recommended_use} | `{info.install_command}` |\n"
    )


def section(info: PotentialInfo) -> str:
    """All that is known of one potential."""
    facts = {
        "method": info.family,
        "trained on": info.training_data,
        "level of theory": info.functional,
        "elements": info.elements,
        "options": info.options,
        "licence": info.licence,
        "package": info.package,
        "reference": info.reference,
    }
    lines = [f"- {label}: {text}\n" for label, text in facts.items() if text]
    return f"\n## {info.name}\n\n{info.recommended_use}\n\n{''.join(lines)}"


def page() -> str:
    """The whole page."""
    return HEAD + "".join(map(row, BUILT_IN.values())) + "".join(map(section, BUILT_IN.values()))


if __name__ == "__main__":
    print(page(), end="")
