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
    name="sevennet-l3i5",
    family="graph network, equivariant (NequIP)",
    package="sevenn",
    module="sevenn",
    factory="cijkl.potentials.sevennet:make",
    install_command="pip install 'cijkl[sevennet]'",
    licence="MIT (code and weights); training data CC BY 4.0",
    training_data="MPtrj: 1.58 million frames of Materials Project calculations",
    functional="PBE and PBE+U",
    elements="89: H to Bi, Ac to Pu",
    recommended_use="The first choice for inorganic crystals: smooth, so that elastic constants "
    "do not depend on the strain; less sure for molecular crystals.",
    reference="Park et al., J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190",
)

_CHGNET = PotentialInfo(
    name="chgnet",
    family="graph network, invariant, with angles",
    package="chgnet",
    module="chgnet",
    factory="cijkl.potentials.chgnet:make",
    install_command="pip install 'cijkl[chgnet]'",
    licence="BSD-3-Clause (code and weights); training data CC BY 4.0",
    training_data="MPtrj: 1.58 million frames of Materials Project calculations",
    functional="PBE and PBE+U",
    elements="89: H to Bi, Ac to Pu",
    recommended_use="Fast second opinion; rough near straight angles, so look at C_error.",
    reference="Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3",
)

_D3 = PotentialInfo(
    name="d3",
    family="dispersion correction",
    package="dftd3",
    module="dftd3",
    factory="cijkl.potentials.d3:make",
    install_command="pip install 'cijkl[d3]'",
    licence="LGPL-3.0-or-later",
    training_data="none; reference coefficients from time-dependent DFT",
    functional="D3(BJ) for the functional after the colon, PBE if there is none",
    elements="94: H to Pu",
    recommended_use="Added to a potential of a semilocal functional (chgnet+d3) for layered and "
    "molecular crystals; useless by itself.",
    reference="Grimme, Ehrlich, Goerigk, J. Comput. Chem. 32, 1456 (2011), doi:10.1002/jcc.21759",
    options="functional, and a factor: d3:pbe, d3:r2scan, d3:pbesol, d3:pbe*0.8",
)

_GFN = PotentialInfo(
    name="gfn1-xtb",
    family="tight binding",
    package="tblite",
    module="tblite",
    factory="cijkl.potentials.xtb:make",
    install_command="pip install 'cijkl[xtb]'",
    licence="LGPL-3.0-or-later",
    training_data="parameters fitted to molecular structures, frequencies and interactions",
    functional="GFN1-xTB, dispersion included",
    elements="86: H to Rn",
    recommended_use="Molecular crystals. Gamma point only: small cells need repetitions.",
    reference="Grimme, Bannwarth, Shushkov, J. Chem. Theory Comput. 13, 1989 (2017), "
    "doi:10.1021/acs.jctc.7b00118",
    options="repetitions of the cell: gfn1-xtb:2x2x2",
)

_ENTRIES = (
    _SEVENNET,
    replace(
        _SEVENNET,
        name="sevennet-0",
        recommended_use="Half the time of sevennet-l3i5, less accurate; its second derivatives "
        "jump where atoms pass 4.5 A from each other.",
    ),
    replace(
        _SEVENNET,
        name="sevennet-mf-0",
        training_data="Materials Project relaxations with PBE(+U) and with r2SCAN",
        functional="PBE and PBE+U, or r2SCAN with :R2SCAN",
        recommended_use="Where r2SCAN is wanted; otherwise sevennet-l3i5.",
        reference="Kim et al., J. Am. Chem. Soc. 147, 1042 (2025), doi:10.1021/jacs.4c14455",
        options="functional: sevennet-mf-0:PBE (default), sevennet-mf-0:R2SCAN",
    ),
    _CHGNET,
    replace(
        _CHGNET,
        name="chgnet-r2scan",
        training_data="MPtrj, then 0.24 million structures of MP-r2SCAN (transfer learning)",
        functional="r2SCAN",
        recommended_use="Where r2SCAN is wanted and speed counts.",
        reference="Huang et al., npj Comput. Mater. (2025), doi:10.1038/s41524-025-01796-y",
    ),
    PotentialInfo(
        name="mace",
        family="graph network, equivariant (atomic cluster expansion)",
        package="mace-torch",
        module="mace",
        factory="cijkl.potentials.mace:make",
        install_command="pip install 'cijkl[mace]'",
        licence="MIT (code); weights as their authors say",
        training_data="as the model file's authors say",
        functional="as the model file's authors say",
        elements="those of the model file",
        recommended_use="A model of your own, or a MACE foundation model that you downloaded.",
        reference="Batatia et al., NeurIPS 35, 11423 (2022), arXiv:2206.07697",
        options="the model file, always: mace:/path/to/model",
    ),
    PotentialInfo(
        name="cijkl-mol-1",
        family="graph network, equivariant (SevenNet-l3i5), tuned by `cijkl distill`; with D3",
        package="sevenn",
        module="sevenn",
        factory="cijkl.potentials.molecular:make",
        install_command="pip install 'cijkl[predict,sevennet,d3]'",
        licence="MIT (network); weights CC BY 4.0",
        training_data="MPtrj, then 513 frames of ten crystals of C, H, N, O and their molecules",
        functional="vdW-DF2 for C, H, N, O; D3(BJ) times 1.2 added",
        elements="89 as sevennet-l3i5; what it learned of molecules is of H, C, N, O",
        recommended_use="Molecular crystals, for which it is the default.",
        reference="docs/distillation.md; network: Park et al., J. Chem. Theory Comput. 20, 4857 "
        "(2024), doi:10.1021/acs.jctc.4c00190",
    ),
    PotentialInfo(
        name="distilled",
        family="graph network with weights from `cijkl distill`",
        package="safetensors",
        module="safetensors",
        factory="cijkl.potentials.distilled:make",
        install_command="pip install 'cijkl[predict,chgnet,sevennet]'",
        licence="of the network that it started from",
        training_data="as the card in the file says",
        functional="that of its teacher or of its frames; see the card",
        elements="those of the network; what it learned holds for those of its frames",
        recommended_use="A network that you trained; add the dispersion that its card names.",
        reference="Taniguchi, Faraday Discuss. 256, 139 (2025), doi:10.1039/D4FD00090K",
        options="the file, always: distilled:/path/to/student.safetensors",
    ),
    _D3,
    replace(
        _D3,
        name="d3-atm",
        functional="D3(BJ) with the three-body term of Axilrod, Teller and Muto",
        recommended_use="As d3, with three-body dispersion: softer, ten times slower.",
        options="functional: d3-atm:pbe, d3-atm:r2scan",
    ),
    _GFN,
    replace(
        _GFN,
        name="gfn2-xtb",
        functional="GFN2-xTB, dispersion included",
        recommended_use="As gfn1-xtb, better for molecules, several times slower in crystals.",
        reference="Bannwarth, Ehlert, Grimme, J. Chem. Theory Comput. 15, 1652 (2019), "
        "doi:10.1021/acs.jctc.8b01176",
        options="repetitions of the cell: gfn2-xtb:2x2x2",
    ),
)

#: In the order in which a person should consider them.
BUILT_IN: dict[str, PotentialInfo] = {info.name: info for info in _ENTRIES}
