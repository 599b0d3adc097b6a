"""A bundle: one process with everything that belongs to it, cross-checked, and named by its content."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.catalogue.assembly import Assembly, Parts
from app.catalogue.documents import DocumentTemplate
from app.catalogue.forms import Form
from app.catalogue.packing import hash_files, pack_files, unpack_files
from app.catalogue.preflight import PackageCheck
from app.catalogue.tree import collect_files, list_processes
from app.domain.errors import Fault
from app.engine.definition import Definition, load_definition
from app.engine.diagram import Diagram

__all__ = ["Bundle", "collect_files", "list_processes", "pack", "read_bundle", "unpack"]


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A process as it is published. `hash` names the content of `files`, which are exactly what it uses.

    `preflight` are the checks of the packages that its tasks send. `warnings` are what a designer should know and
    nothing refuses (a form no task uses).
    """

    hash: str
    process: str
    diagram: Diagram
    forms: Mapping[str, Form]
    documents: Mapping[str, DocumentTemplate]
    tables: Mapping[str, bytes]
    layouts: Mapping[str, str]
    files: Mapping[str, bytes]
    preflight: tuple[PackageCheck, ...] = ()
    warnings: tuple[Fault, ...] = ()
    _definitions: dict[str, Definition] = field(default_factory=dict, repr=False, compare=False)

    def definition(self, process_id: str) -> Definition:
        """The executable definition of one pool, built at first use and shared by all threads."""
        found = self._definitions.get(process_id)
        if found is None:
            built = load_definition(self.diagram.xml, process_id, tables=self.tables)
            found = self._definitions.setdefault(process_id, built)
        return found


def read_bundle(files: Mapping[str, bytes], process: str) -> Bundle:
    """Read one process out of a tree of files (path from its root → content) and cross-check it.

    Raises BrokenBundle with every fault of every part: file, line, element and a sentence in both languages.
    """
    return _bundle(process, Assembly(files, process).checked())


def pack(bundle: Bundle) -> bytes:
    """The bundle as bytes for the database; equal bundles give equal bytes."""
    return pack_files(bundle.process, bundle.files)


def unpack(content: bytes) -> Bundle:
    """The bundle that `pack` wrote; it was checked when it was published. Raises Invalid when it is damaged."""
    process, files = unpack_files(content)
    return _bundle(process, Assembly(files, process).trusted())


def _bundle(process: str, parts: Parts) -> Bundle:
    return Bundle(
        hash=hash_files(parts.files),
        process=process,
        diagram=parts.diagram,
        forms=parts.forms,
        documents=parts.documents,
        tables=parts.tables,
        layouts=parts.layouts,
        files=parts.files,
        preflight=parts.preflight,
        warnings=parts.warnings,
    )
