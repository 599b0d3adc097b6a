"""Printouts: a report or record of custody as PDF, made at once when it is short, by the worker when it is long."""

from dataclasses import dataclass

from app.domain.access import Officer
from app.domain.errors import Conflict, NotFound
from app.services import custody_report
from app.services.custody_report import Paper
from app.services.operators import Order
from app.services.work import Work, officer_value
from app.storage import audit, jobs, officers, printouts
from app.storage.database import Record

TOPIC = "printout"
AT_ONCE = 60
"""Lines up to which a paper is made while the officer waits: well under a second."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a printout is: `state` is waiting, making, made, retrying or failed; `error` says why it failed."""

    row: Record
    state: str
    error: str


def paper(work: Work, officer: Officer, case_id: str, code: str, seq: int, *, printout_id: str = "") -> Paper:
    """Give what is to be printed: the record of an entry when `seq` names one, else the report."""
    if seq:
        return custody_report.record(work, officer, case_id, code, seq, printout_id=printout_id)
    return custody_report.report(work, officer, case_id, code, printout_id=printout_id)


def ask(work: Work, officer: Officer, wanted: Paper) -> str:
    """Have the worker make a paper; give the printout's id: the same one while the officer still waits for it."""
    awaited = printouts.unmade(
        work.connection, case_id=wanted.case_id, officer_id=officer.id, item=wanted.item, seq=wanted.seq
    )
    for row in awaited:
        if _progress(work, row).state != "failed":
            return str(row.id)
    new = printouts.add_printout(
        work.connection,
        case_id=wanted.case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        item=wanted.item,
        seq=wanted.seq,
        asked_at=work.now,
    )
    jobs.put_job(
        work.connection,
        topic=TOPIC,
        key=new,
        payload={"printout_id": new, "agency_id": officer.agency_id},
        run_at=work.now,
        at=work.now,
        case_id=wanted.case_id,
    )
    return new


def prepare_printout(work: Work, printout_id: str) -> Order | None:
    """Give what the worker is to print, as things stand now; None when it has been printed already."""
    row = printouts.get_printout(work.connection, printout_id)
    if row is None or row.made_at is not None:
        return None
    officer = officers.get_officer(work.connection, row.officer_id)
    if officer is None:
        raise NotFound(at=row.officer_id)
    return paper(work, officer_value(work, officer), row.case_id, row.item, row.seq, printout_id=row.id)


def finish_printout(work: Work, order: Order, *, sha256: str, size: int) -> None:
    """Note the printout as made."""
    if isinstance(order, Paper):
        printouts.finish_printout(
            work.connection,
            order.document_id,
            name=order.name,
            trail=order.trail,
            sha256=sha256,
            size=size,
            at=work.now,
        )


def see_printout(work: Work, officer: Officer, printout_id: str) -> Progress:
    """Give how far a printout is that somebody of the officer's agency asked for."""
    row = printouts.get_printout(work.connection, printout_id)
    if row is None or row.agency_id != officer.agency_id:
        raise NotFound("没有这份打印件", "No such printout", at=printout_id)
    return _progress(work, row)


def read_printout(work: Work, officer: Officer, printout_id: str) -> tuple[Record, bytes]:
    """Give a printout with its PDF, and note who took it. Raises Conflict while it is being made."""
    row = see_printout(work, officer, printout_id).row
    if row.made_at is None:
        raise Conflict("文件还在制作", "The file is still being made", at=printout_id)
    content = work.files.get(row.sha256)
    _note(work, officer, row.case_id, row.item, row.seq, name=row.name, trail=row.trail)
    return row, content


def note_export(work: Work, officer: Officer, taken: Paper) -> None:
    """Note who took a paper that was made at once."""
    _note(work, officer, taken.case_id, taken.item, taken.seq, name=taken.name, trail=taken.trail)


def _progress(work: Work, row: Record) -> Progress:
    if row.made_at is not None:
        return Progress(row=row, state="made", error="")
    job = jobs.find_job(work.connection, topic=TOPIC, key=row.id)
    if job is None or job.state == "incident":
        return Progress(row=row, state="failed", error=str(job.error or "") if job else "")
    if job.state == "running":
        return Progress(row=row, state="making", error="")
    return Progress(row=row, state="retrying" if job.error else "waiting", error=str(job.error or ""))


def _note(work: Work, officer: Officer, case_id: str, item: str, seq: int, *, name: str, trail: str) -> None:
    audit.note(
        work.connection,
        action="exported",
        at=work.now,
        case_id=case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"title": name, "item": item, "seq": seq, "sha256": trail},
    )
