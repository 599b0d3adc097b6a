"""Names of agencies, officers and elements, each looked up once: what a view of a case is told in."""

from collections.abc import Mapping

from app.engine.diagram import Node
from app.services.work import Work, officer_name
from app.storage import agencies, processes
from app.storage.database import Record


class Names:
    """Names of agencies, officers and elements, each looked up once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._agencies = {row.id: row for row in agencies.all_agencies(work.connection)}
        self._officers: dict[str, str] = {}
        self._nodes: dict[str, Mapping[str, Node]] = {}

    def agency(self, agency_id: str | None) -> Record | None:
        """Give an agency, None for none."""
        return self._agencies.get(agency_id or "")

    def officer(self, officer_id: str | None) -> str:
        """Give the name of an officer, empty for the machine."""
        key = officer_id or ""
        if key not in self._officers:
            self._officers[key] = officer_name(self._work, officer_id)
        return self._officers[key]

    def element(self, process_id: str | None, element: str) -> tuple[str, str]:
        """Give the Chinese and English name of an element of a process."""
        if not process_id or not element:
            return ("", "")
        if process_id not in self._nodes:
            row = processes.get_process(self._work.connection, process_id)
            if row is None:
                return (element, element)
            edition = self._work.library.edition(self._work.connection, row.bundle_hash)
            self._nodes[process_id] = edition.bundle.diagram.nodes
        node = self._nodes[process_id].get(element)
        return (node.name or element, node.name_en or node.name or element) if node else (element, element)
