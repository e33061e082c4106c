"""What is known of each potential: licence, training data, what it is good for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from importlib.util import find_spec

__all__ = ["BUILT_IN", "PotentialInfo", "installed"]


@dataclass(frozen=True)
class PotentialInfo:
    """Facts about a potential, for a person who must choose one.

    Parameters
    ----------
    name
        What `load` takes.
    family
        Kind of method.
    package
        Distribution that does the work, as pip names it.
    module
        Its import name.
    factory
        ``module:function`` that makes the potential.
    install_command
        What installs it.
    licence
        Of the code; of the weights too where they differ.
    training_data
        What it was fitted to.
    functional
        Level of theory that it stands for.
    elements
        Elements that it covers, in words.
    recommended_use
        One sentence.
    reference
        Paper, with DOI.
    options
        What may follow after a colon, in words; empty if nothing.
    installed
        Whether the package is here.
    version
        Its version; None if it is not here.
    """

    name: str
    family: str
    package: str
    module: str
    factory: str
    install_command: str
    licence: str
    training_data: str
    functional: str
    elements: str
    recommended_use: str
    reference: str
    options: str = ""
    installed: bool = False
    version: str | None = None

    @classmethod
    def of_plugin(cls, name: str, package: str, factory: str) -> PotentialInfo:
        """An entry for a potential that says nothing of itself."""
        return cls(
            name=name,
            family="from another package",
            package=package,
            module=factory.partition(":")[0].partition(".")[0],
            factory=factory,
            install_command=f"pip install {package}",
            licence="see the package",
            training_data="see the package",
            functional="see the package",
            elements="see the package",
            recommended_use="See the package.",
            reference="see the package",
        )


def installed(info: PotentialInfo) -> PotentialInfo:
    """The same entry, with whether it is installed here and in which version."""
    try:
        here = find_spec(info.module) is not None
        return replace(
            info, installed=here, version=package_version(info.package) if here else None
        )
    except PackageNotFoundError:
        return replace(info, installed=True, version=None)


_SEVENNET = PotentialInfo(
    name="sevennet-0",
    family="equivariant graph network (NequIP)",
    package="sevenn",
    module="sevenn",
    factory="cijkl.potentials.sevennet:make",
    install_command="pip install 'cijkl[sevennet]'",
    licence="MIT",
    training_data="MPtrj: 1.58 million frames of Materials Project relaxations",
    functional="PBE and PBE+U",
    elements="89: H to Ac without Po, At, Rn, Fr, Ra, and Th, Pa, U, Np, Pu",
    recommended_use="Quick look at inorganic crystals; less accurate than sevennet-l3i5.",
    reference="Park et al., J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190",
)

_ENTRIES = (
    replace(_SEVENNET, name="sevennet-l3i5"),
    _SEVENNET,
    replace(_SEVENNET, name="sevennet-mf-0"),
    replace(
        _SEVENNET,
        name="chgnet",
        package="chgnet",
        module="chgnet",
        factory="cijkl.potentials.chgnet:make",
    ),
    replace(
        _SEVENNET,
        name="chgnet-r2scan",
        package="chgnet",
        module="chgnet",
        factory="cijkl.potentials.chgnet:make",
    ),
)

#: In the order in which a person should consider them.
BUILT_IN: dict[str, PotentialInfo] = {info.name: info for info in _ENTRIES}
