"""Puts the parts of one process together out of a tree of files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from app.catalogue.crosscheck import CrossCheck, Surroundings
from app.catalogue.documents import DocumentTemplate
from app.catalogue.forms import Form
from app.catalogue.preflight import PackageCheck
from app.catalogue.readings import diagram_of, document_of, form_of, loaded, preflight_of, tables_in, text_of
from app.catalogue.register import load_calendar, load_register, load_roles
from app.catalogue.tree import (
    DEADLINES,
    HOLIDAYS,
    LAYOUTS,
    ROLES,
    SHARED,
    diagram_path,
    documents_of,
    form_path,
    forms_of,
    list_processes,
    preflight_path,
    tables_of,
)
from app.catalogue.variables import Payload, literal_text, payload_keys, sends
from app.domain.errors import BrokenBundle, Fault
from app.engine.definition import load_definition
from app.engine.diagram import Diagram
from app.engine.rules import Table

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What belongs to one process; `files` are exactly the files it uses."""

    diagram: Diagram
    forms: Mapping[str, Form]
    documents: Mapping[str, DocumentTemplate]
    preflight: tuple[PackageCheck, ...]
    tables: Mapping[str, bytes]
    layouts: Mapping[str, str]
    files: Mapping[str, bytes]
    warnings: tuple[Fault, ...]


class Assembly:
    """One reading of one process. A file whose content was read before in this run is not read again."""

    def __init__(self, files: Mapping[str, bytes], process: str) -> None:
        self._files = files
        self._process = process
        self._faults: list[Fault] = []
        self._document_paths = documents_of(files)

    def checked(self) -> Parts:
        """Read everything and hold it against each other; raises BrokenBundle with all faults."""
        self._check_places()
        diagram = self._diagram()
        forms = self._forms(forms_of(self._files, self._process))
        register = self._shared(DEADLINES, load_register)
        roles = self._shared(ROLES, load_roles)
        self._shared(HOLIDAYS, load_calendar)
        documents = self._documents(diagram)
        decisions = self._decisions()
        preflight = self._preflight()
        warnings: list[Fault] = []
        if diagram is not None and register is not None and roles is not None:
            check = CrossCheck(
                diagram=diagram,
                forms=forms,
                form_names=frozenset(forms_of(self._files, self._process)),
                preflight=preflight,
                documents=documents,
                document_paths=self._document_paths,
                decisions=decisions,
                register=register,
                roles=roles,
                around=self._around(),
            )
            check.run()
            self._faults += check.faults
            warnings = check.warnings
        if not self._faults and diagram is not None:
            self._prepare(diagram)
        return self._parts(diagram, forms, preflight, documents, decisions, tuple(warnings))

    def trusted(self) -> Parts:
        """Read what was checked before; raises BrokenBundle only when a part can no longer be read."""
        diagram = self._diagram()
        forms = self._forms(forms_of(self._files, self._process))
        return self._parts(diagram, forms, self._preflight(), self._documents(diagram), self._decisions(), ())

    def _parts(
        self,
        diagram: Diagram | None,
        forms: Mapping[str, Form],
        preflight: tuple[PackageCheck, ...],
        documents: Mapping[str, DocumentTemplate],
        decisions: Mapping[str, Table],
        warnings: tuple[Fault, ...],
    ) -> Parts:
        if self._faults or diagram is None:
            raise BrokenBundle(self._faults)
        wanted = {node.properties.get("form", "") for node in diagram.nodes.values()}
        used = {name: form for name, form in forms.items() if name in wanted}
        tables = tables_of(self._files, self._process)
        layouts = {path for path in self._files if path.startswith(LAYOUTS) and not path.endswith(".md")}
        paths = {
            diagram.file,
            *SHARED,
            *(form_path(self._process, name) for name in used),
            *(self._places_of(code)[0] for code in documents),
            *tables,
            *({preflight_path(self._process)} if preflight else ()),
            *layouts,
        }
        return Parts(
            diagram=_keeping(diagram, decisions),
            forms=used,
            documents=documents,
            preflight=preflight,
            tables={path: self._files[path] for path in sorted(tables)},
            layouts={path.removeprefix(LAYOUTS): text_of(self._files[path], path) for path in sorted(layouts)},
            files={path: self._files[path] for path in sorted(paths)},
            warnings=warnings,
        )

    def _fault(self, file: str, element: str, code: str, zh: str, en: str) -> None:
        self._faults.append(Fault(file=file, line=1, element=element, code=code, zh=zh, en=en))

    def _read(self, reader: Callable[[], T]) -> T | None:
        try:
            return reader()
        except BrokenBundle as broken:
            self._faults += broken.faults
            return None

    def _check_places(self) -> None:
        """The folder, the file and the collaboration bear one name; nothing lies beside them unread."""
        wanted = diagram_path(self._process)
        for path in self._files:
            if path.startswith(f"bpmn/{self._process}/") and path.endswith(".bpmn") and path != wanted:
                self._fault(
                    path,
                    self._process,
                    "misplaced-diagram",
                    f"流程图应为 {wanted}",
                    f"The diagram of this process is {wanted}",
                )

    def _diagram(self) -> Diagram | None:
        path = diagram_path(self._process)
        if path not in self._files:
            self._fault(path, self._process, "no-diagram", "没有流程图", "There is no diagram")
            return None
        diagram = self._read(partial(diagram_of, self._files[path], path))
        if diagram is not None and diagram.id != self._process:
            self._fault(
                path,
                diagram.id,
                "wrong-id",
                f"协作图的 id 应为“{self._process}”，与文件夹相同",
                f"The id of the collaboration is “{self._process}”, like its folder",
            )
        return diagram

    def _forms(self, paths: Mapping[str, str]) -> dict[str, Form]:
        found = {name: self._read(partial(form_of, self._files[path], path)) for name, path in paths.items()}
        return {name: form for name, form in found.items() if form is not None}

    def _preflight(self) -> tuple[PackageCheck, ...]:
        path = preflight_path(self._process)
        return () if path not in self._files else self._read(partial(preflight_of, self._files[path], path)) or ()

    def _shared(self, path: str, load: Callable[[bytes], T]) -> T | None:
        if path not in self._files:
            self._fault(path, "", "missing-file", f"没有 {path}", f"There is no {path}")
            return None
        return self._read(partial(loaded, load, self._files[path]))

    def _documents(self, diagram: Diagram | None) -> dict[str, DocumentTemplate]:
        found: dict[str, DocumentTemplate] = {}
        for code in sorted(self._codes(diagram) if diagram else ()):
            paths = self._places_of(code)
            for other in paths[1:]:
                self._fault(
                    other,
                    code,
                    "duplicate-document",
                    f"文书“{code}”已经在 {paths[0]}",
                    f"The document “{code}” is already in {paths[0]}",
                )
            if paths:
                template = self._read(partial(document_of, self._files[paths[0]], paths[0]))
                if template is not None:
                    found[code] = template
        return found

    def _places_of(self, code: str) -> list[str]:
        """Where a document lies: in the folder of the process, which may have its own words for it, or elsewhere."""
        paths = self._document_paths.get(code, [])
        own = f"documents/{self._process}/{code}.html"
        return [own] if own in paths else paths

    def _decisions(self) -> dict[str, Table]:
        """The decision tables of the process, by decision id."""
        found: dict[str, Table] = {}
        for path in tables_of(self._files, self._process):
            for key, table in (self._read(partial(tables_in, self._files[path], path)) or {}).items():
                if key in found:
                    self._fault(path, key, "duplicate-id", f"决策“{key}”重复", f"The decision “{key}” is there twice")
                found[key] = table
        return found

    def _prepare(self, diagram: Diagram) -> None:
        """Build what will run, so that nothing is left for the first case to find out."""
        tables = {path: self._files[path] for path in tables_of(self._files, self._process)}
        for pool in diagram.pools:
            try:
                load_definition(diagram.xml, pool.process_id, tables=tables)
            except BrokenBundle as broken:
                self._faults += [replace(fault, file=diagram.file) for fault in broken.faults]

    def _codes(self, diagram: Diagram) -> set[str]:
        """The documents the diagram issues or encloses; all of its own folder when a code is computed."""
        codes: set[str] = set()
        for node in diagram.nodes.values():
            codes |= set(node.properties.get("encloses", "").split())
            if "document" in node.parameters:
                code = literal_text(node.parameters["document"])
                own = f"documents/{self._process}/"
                codes |= (
                    {code}
                    if code is not None
                    else {name for name, paths in self._document_paths.items() if f"{own}{name}.html" in paths}
                )
        return codes

    def _around(self) -> Surroundings:
        found: set[str] = set()
        complete = True
        for path, content in self._files.items():
            if path.startswith("forms/") and path.endswith(".form"):
                try:
                    found |= form_of(content, path).collected
                except BrokenBundle:
                    complete = False
        return Surroundings(collected=frozenset(found), complete=complete, sent=self._sent)

    def _sent(self, message: str) -> list[Payload]:
        """What the other processes of the tree send under this message."""
        found: list[Payload] = []
        for process in list_processes(self._files):
            path = diagram_path(process)
            if process == self._process or path not in self._files:
                continue
            try:
                nodes = diagram_of(self._files[path], path).nodes.values()
            except BrokenBundle:
                continue
            found += [payload_keys(node.payload) for node in nodes if sends(node) and node.message == message]
        return found


def _keeping(diagram: Diagram, decisions: Mapping[str, Table]) -> Diagram:
    """The diagram whose pools also keep the variables that only their decision tables read."""
    read: dict[str, set[str]] = {}
    for node in diagram.nodes.values():
        table = decisions.get(node.decision or "")
        if table is not None:
            read.setdefault(node.pool, set()).update(table.names)
    pools = tuple(replace(pool, variables=pool.variables | read.get(pool.process_id, set())) for pool in diagram.pools)
    return replace(diagram, pools=pools)
