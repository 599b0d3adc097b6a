"""Names of agencies, officers and elements, each looked up once: what a view of a case is told in."""

from collections.abc import Iterable, Mapping

from app.engine.diagram import Node
from app.services.work import Work
from app.storage import agencies, officers, processes
from app.storage.database import Record


class Names:
    """Names of agencies, officers and elements, each looked up once; the elements of these processes at no cost."""

    def __init__(self, work: Work, processes_at_hand: Iterable[Record] = ()) -> None:
        self._work = work
        self._agencies = {row.id: row for row in agencies.all_agencies(work.connection)}
        self._officers: dict[str, str] | None = None
        self._nodes: dict[str, Mapping[str, Node]] = {row.id: self._nodes_of(row) for row in processes_at_hand}

    def agency(self, agency_id: str | None) -> Record | None:
        """Give an agency, None for none."""
        return self._agencies.get(agency_id or "")

    def officer(self, officer_id: str | None) -> str:
        """Give the name of an officer, empty for the machine."""
        if officer_id is None:
            return ""
        if self._officers is None:
            self._officers = officers.all_names(self._work.connection)
        return self._officers.get(officer_id, "")

    def element(self, process_id: str | None, element: str) -> tuple[str, str]:
        """Give the Chinese and English name of an element of a process."""
        if not process_id or not element:
            return ("", "")
        if process_id not in self._nodes:
            row = processes.get_process(self._work.connection, process_id)
            if row is None:
                return (element, element)
            self._nodes[process_id] = self._nodes_of(row)
        node = self._nodes[process_id].get(element)
        return (node.name or element, node.name_en or node.name or element) if node else (element, element)

    def _nodes_of(self, process: Record) -> Mapping[str, Node]:
        return self._work.library.edition(self._work.connection, process.bundle_hash).bundle.diagram.nodes
