"""Which files of items go along when items go to another agency: those the sending agency itself may see, no other."""

from collections.abc import Iterable
from typing import Any

from app.domain.item_files import CARRIED
from app.services.work import Work
from app.storage import item_files, uploads


def carry_files(work: Work, handover_id: str, *, case_id: str, agency_id: str, codes: Iterable[str]) -> None:
    """Let the files of listed items go with a hand-over that an agency has just opened."""
    links = [row["link"] for row in _travelling(work, case_id=case_id, agency_id=agency_id, codes=codes)]
    item_files.carry(work.connection, handover_id=handover_id, links=links)


def files_of_items(work: Work, *, case_id: str, agency_id: str, codes: Iterable[str]) -> list[str]:
    """Give the files, by id, that go with a transfer whose documents speak of these items."""
    return [row["file"] for row in _travelling(work, case_id=case_id, agency_id=agency_id, codes=codes)]


def _travelling(work: Work, *, case_id: str, agency_id: str, codes: Iterable[str]) -> list[dict[str, Any]]:
    links = item_files.live_links(work.connection, case_id=case_id, codes=codes)
    if not links:
        return []
    seen = {row.id for row in uploads.files_seen(work.connection, case_id=case_id, agency_id=agency_id)}
    return [{"link": link.id, "file": link.file_id} for link in links if link.role in CARRIED and link.file_id in seen]
