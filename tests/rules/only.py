"""A contract for import-linter: these packages are imported by these modules only.

Unlike its `protected` contract this one also takes packages that nothing imports yet, and
importers that do not exist yet, so that a rule can be written before the code that it binds.
"""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyContract(Contract):
    """Keep `packages` (external roots or own packages) to the modules in or below `importers`."""

    type_name = "only"

    packages = fields.ListField(subfield=fields.StringField())
    importers = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at direct imports alone: what an allowed importer offers may be used by all."""
        del verbose
        packages = [str(package) for package in self.packages]  # type: ignore[attr-defined]
        importers = [str(importer) for importer in self.importers]  # type: ignore[attr-defined]
        broken = [
            (importer, package)
            for package in packages
            for imported in sorted(graph.modules)
            if _is_in(imported, package)
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if not any(_is_in(importer, ring) for ring in (package, *importers))
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that breaks the contract."""
        for importer, package in check.metadata["broken"]:
            output.print_error(f"{importer} is not allowed to import {package}")


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
