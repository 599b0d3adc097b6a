"""What an officer does with a task: see it, claim it, draft it, complete it, give it back."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.catalogue.components import Component, level
from app.catalogue.forms import Form
from app.catalogue.preflight import KEY
from app.catalogue.wording import in_words
from app.domain.access import Officer, may_do, require_role
from app.domain.errors import Conflict, InvalidAnswers, NotFound
from app.services import handover_acts, preflight, steps
from app.services.answers import case_values, keep_answers
from app.services.custody_intake import colleagues, take_in
from app.services.facts import facts_of_party
from app.services.library import Edition
from app.services.names import Names
from app.services.roles import role_name
from app.services.transfers import transfer_view
from app.services.work import Actor, Work, officer_name
from app.storage import agencies, audit, cases, deadlines, documents, facts, officers, processes, tasks, transfers
from app.storage.database import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A task as the officer who opens it sees it."""

    row: Record
    case: Record
    edition: Edition
    form: Form | None
    known: Mapping[str, Any]
    options: Mapping[str, list[dict[str, str]]]
    deadline: Record | None
    instructions: tuple[str, str]
    claimed_by: str


def see_task(work: Work, officer: Officer, task_id: str) -> TaskView:
    """Give a task with its form, filled with what is known; NotFound for another agency's."""
    row = _visible(work, officer, task_id)
    case = cases.get_case(work.connection, row.case_id)
    process = processes.get_process(work.connection, row.process_id)
    if case is None or process is None:
        raise NotFound(at=task_id)
    edition = work.library.edition(work.connection, process.bundle_hash)
    node = edition.bundle.diagram.nodes[row.element]
    return TaskView(
        row=row,
        case=case,
        edition=edition,
        form=edition.bundle.forms.get(row.form) if row.form else None,
        known=known_values(work, case=case, process=process),
        options=form_options(work, row.agency_id, case_id=row.case_id),
        deadline=deadlines.deadline_of_task(work.connection, task_id),
        instructions=(node.instructions, node.instructions_en or node.instructions),
        claimed_by=officer_name(work, row.officer_id),
    )


def known_values(work: Work, *, case: Record, process: Record) -> dict[str, Any]:
    """Give everything the process's agency may see of the case, by form key: what need not be typed again."""
    seen = {"case_id": case.id, "agency_id": process.agency_id}
    values = {
        **process.variables,
        **facts.facts_seen(work.connection, **seen, subject=process.subject),
        "case_name": case.name,
        "charge": case.charge,
        **facts_of_party(work, process),
    }
    for kind in ("parties", "items"):
        rows = facts.rows_seen(work.connection, kind, **seen)
        if rows:
            values[kind] = rows
    return values


def form_options(work: Work, agency_id: str, *, case_id: str) -> dict[str, list[dict[str, str]]]:
    """Give the lists that forms choose from: the agency's officers, the agencies of each kind, the case's parties."""
    options = {
        "officers": [
            {"value": row.username, "label": row.name, "label_en": row.name}
            for row in officers.officers_of(work.connection, agency_id)
        ]
    }
    options["parties"] = [
        {"value": row["code"], "label": str(row.get("name") or row["code"]), "label_en": str(row.get("name") or "")}
        for row in facts.rows_seen(work.connection, "parties", case_id=case_id, agency_id=agency_id)
    ]
    for row in agencies.all_agencies(work.connection):
        options.setdefault(f"agencies_{row.kind}", []).append(
            {"value": row.key, "label": row.name, "label_en": row.name}
        )
    return options


def list_tasks(work: Work, officer: Officer, *, scope: str) -> Sequence[Record]:
    """Give the officer's tasks: `mine` (claimed), `pool` (the team's, unclaimed), `all` (both) or `done`."""
    if scope == "done":
        return tasks.done_tasks(work.connection, officer.id)
    mine = list(tasks.my_tasks(work.connection, officer.id)) if scope in ("mine", "all") else []
    if scope in ("pool", "all"):
        mine += tasks.pool_tasks(work.connection, agency_id=officer.agency_id, roles=officer.roles)
    return mine


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What followed from a task that was done."""

    documents: Sequence[Record]
    sent: Sequence[Record]
    machine: Sequence[Record]
    next_task: dict[str, str] | None


def what_followed(work: Work, officer: Officer, view: TaskView) -> Followed:
    """Give what followed from a finished task, and the officer's next one, of the same case if there is one."""
    closed = view.row.closed_at
    seen = {"case_id": view.row.case_id, "agency_id": officer.agency_id}
    open_now = tasks.open_tasks_of_case(work.connection, view.row.case_id)
    workable = [
        row
        for row in open_now
        if row.kind != "serviceTask"
        and may_do(officer, agency_id=row.agency_id, role=row.role)
        and row.officer_id in (None, officer.id)
    ]
    following = [*workable, *list_tasks(work, officer, scope="mine")]
    return Followed(
        documents=[
            row
            for row in documents.documents_seen(work.connection, **seen)
            if row.agency_id == officer.agency_id and row.issued_at is not None and row.issued_at >= closed
        ],
        sent=[
            row
            for row in transfers.transfers_of_case(work.connection, **seen)
            if row.from_agency == officer.agency_id and row.sent_at >= closed
        ],
        machine=[row for row in open_now if row.kind == "serviceTask" and row.process_id == view.row.process_id],
        next_task={
            "id": following[0].id,
            "name": following[0].name,
            "name_en": following[0].name_en,
            "case_name": following[0].case_name,
        }
        if following
        else None,
    )


def package_of(work: Work, officer: Officer, view: TaskView) -> dict[str, Any] | None:
    """Give the package that a task signs for, if it is one that does."""
    message = view.row.properties.get("receipt")
    if not message:
        return None
    row = transfers.last_arrived(
        work.connection, case_id=view.row.case_id, to_agency=officer.agency_id, message=message
    )
    return transfer_view(work, Names(work), row) if row is not None else None


def known_in_words(work: Work, view: TaskView, *, skip: Collection[str]) -> list[dict[str, str]]:
    """Give what the agency knows of the case and the task's form does not show: answers in words under their labels."""
    asked: dict[str, Component] = {}
    for form in view.edition.bundle.forms.values():
        for part in level(form.components):
            # a form that merely shows an answer need not know its choices
            if part.key not in asked or asked[part.key].readonly:
                asked[part.key] = part
    everybody = [{"value": row.username, "label": row.name} for row in officers.all_officers(work.connection)]
    options = {**view.options, "officers": everybody}

    def said(key: str, language: str) -> str:
        part = asked[key]
        return in_words(part, view.known[key], language, options.get(part.values_key, ()))

    return [
        {
            "label": asked[key].label,
            "label_en": asked[key].label_en or asked[key].label,
            "value": said(key, "zh"),
            "value_en": said(key, "en"),
        }
        for key, value in view.known.items()
        if key in asked and key not in skip and not asked[key].is_list and value not in (None, "", [])
    ]


def consequences(view: TaskView) -> list[tuple[str, str]]:
    """Say what the act sets in motion: the receipt it signs and what the machine or the next officer does then."""
    bundle = view.edition.bundle
    told = []
    if view.row.properties.get("receipt"):
        told.append(("签收移送材料，签收时间和签收人将被记录", "The package is signed for; time and name are recorded"))
    node = bundle.diagram.nodes[view.row.element]
    for flow in bundle.diagram.flows.values():
        if flow.source != node.id:
            continue
        following = bundle.diagram.nodes[flow.target]
        if following.name and "Gateway" not in following.kind:
            told.append((f"接着：{following.name}", f"Next: {following.name_en or following.name}"))
    return told


def counts(work: Work, officer: Officer) -> dict[str, int]:
    """Give the numbers beside the menu."""
    return {
        **tasks.counts(work.connection, officer_id=officer.id, agency_id=officer.agency_id, roles=officer.roles),
        "unsigned": transfers.unsigned_count(work.connection, officer.agency_id),
        "overdue": len(tasks.due_tasks(work.connection, agency_id=officer.agency_id, until=work.now)),
    }


def claim_task(work: Work, officer: Officer, task_id: str) -> Record:
    """Take a task from the team's pool; Conflict that says who was first and when."""
    row = _workable(work, officer, task_id)
    if row.officer_id == officer.id:
        return row
    if not tasks.claim(work.connection, task_id, officer_id=officer.id, at=work.now):
        raise _lost(work, task_id)
    audit.note(
        work.connection,
        action="claimed",
        at=work.now,
        case_id=row.case_id,
        process_id=row.process_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        element=row.element,
    )
    return _visible(work, officer, task_id)


def give_back_task(work: Work, officer: Officer, task_id: str, *, reason: str) -> None:
    """Give a claimed task back to the team's pool, saying why."""
    row = _workable(work, officer, task_id)
    if not tasks.give_back(work.connection, task_id, officer_id=officer.id):
        raise Conflict("该任务不在您名下", "This task is not yours to give back", at=task_id)
    audit.note(
        work.connection,
        action="given_back",
        at=work.now,
        case_id=row.case_id,
        process_id=row.process_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        element=row.element,
        detail={"reason": reason},
    )


def save_draft(work: Work, officer: Officer, task_id: str, *, answers: Mapping[str, Any]) -> datetime:
    """Keep what has been typed so far, unchecked; give the moment it was saved.

    Reasons for sending a package with warnings stay in the draft until others are saved.
    """
    row = _workable(work, officer, task_id)
    _not_others(work, officer, row)
    kept = {key: value for key, value in (row.draft or {}).items() if key == KEY}
    tasks.save_draft(work.connection, task_id, draft={**kept, **answers}, at=work.now)
    return work.now


def check_package(work: Work, officer: Officer, view: TaskView, answers: Mapping[str, Any]) -> list[preflight.Finding]:
    """Give what the receiver would find fault with if the task were completed with these answers; a draft will do.

    Raises InvalidAnswers only for reasons that are none.
    """
    if not preflight.has_checks(view):
        return []
    given, reasons = preflight.part_answers(answers)
    if view.form is not None:
        # a draft is checked as far as it goes: what its form refuses is told where it is completed
        with suppress(InvalidAnswers):
            given = _clean(work, view, given)
    elif not view.row.properties.get("handover"):
        given = {}
    return preflight.findings(work, officer, view, given, reasons=preflight.read_reasons(view, reasons))


def check_answers(work: Work, officer: Officer, task_id: str, *, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Check answers against the form without doing anything; give the accepted ones or raise InvalidAnswers."""
    row = _workable(work, officer, task_id)
    _not_others(work, officer, row)
    view = see_task(work, officer, task_id)
    given, reasons = preflight.part_answers(answers)
    preflight.read_reasons(view, reasons)
    return _clean(work, view, given)


def complete_task(work: Work, officer: Officer, task_id: str, *, answers: Mapping[str, Any]) -> Record:
    """Complete a task: the answers become facts, the receipt is signed, the clock stops, the process moves on.

    Raises InvalidAnswers naming each field, Conflict when the task is done or another's, NotFound for another
    agency's. Gives the task as it was. A task that sends a package is refused under `preflight.<id>` for each blocking
    fault, and for each warning without a reason among the answers (`preflight`: id → reason).
    """
    row = _workable(work, officer, task_id)
    _not_others(work, officer, row)
    instance = steps.load_instance(work, row.process_id)
    view = see_task(work, officer, task_id)
    answers, reasons = preflight.part_answers(answers)
    clean = _clean(work, view, answers)
    said = preflight.read_reasons(view, reasons)
    handing_over = bool(row.properties.get("handover"))
    if not (handing_over and "cancel" in answers):
        found = preflight.findings(work, officer, view, answers if handing_over else clean, reasons=said)
        preflight.require_settled(found)
        preflight.keep_reasons(work, officer, view, found)
    keep_answers(
        work,
        view.case,
        agency_id=row.agency_id,
        clean=clean,
        task_id=task_id,
        officer_id=officer.id,
        subject=steps.subject_of(instance, {**instance.row.variables, **clean}),
    )
    if view.form is not None and view.form.custody_by and clean.get("items"):
        take_in(
            work,
            officer,
            row.case_id,
            clean["items"],
            beside=colleagues(work, officer, clean.get(view.form.custody_by)),
            why=row.name,
            document=f"{row.name} {view.case.number}",
        )
    told: handover_acts.Told = {}
    if row.properties.get("handover"):
        told = handover_acts.act(work, officer, instance, row.properties["handover"], answers)
    if told is None:
        tasks.give_back(work.connection, task_id, officer_id=officer.id)
        return row
    if row.properties.get("receipt"):
        _sign_for(work, officer, row)
    if not tasks.close_task(work.connection, task_id, state="done", at=work.now, by=officer.id):
        raise _lost(work, task_id)
    deadlines.end_deadlines_of_task(work.connection, task_id, state="done", at=work.now)
    steps.complete(
        work,
        instance,
        engine_task=row.engine_task,
        actor=Actor(agency_id=row.agency_id, officer_id=officer.id),
        variables={key: value for key, value in {**clean, **told}.items() if key in instance.pool.variables},
    )
    return row


def _clean(work: Work, view: TaskView, answers: Mapping[str, Any]) -> dict[str, Any]:
    if view.form is None:
        return {}
    clean = view.form.clean(answers, options=view.options, known=view.known, now=work.now)
    case_values(work, view.row.case_id, view.row.agency_id, clean)
    return clean


def _visible(work: Work, officer: Officer, task_id: str) -> Record:
    row = tasks.get_task(work.connection, task_id)
    if row is None or row.agency_id != officer.agency_id or row.kind == "serviceTask":
        raise NotFound("没有这项任务", "No such task", at=task_id)
    return row


def _workable(work: Work, officer: Officer, task_id: str) -> Record:
    row = _visible(work, officer, task_id)
    if row.state != "open":
        raise _lost(work, task_id)
    if not may_do(officer, agency_id=row.agency_id, role=row.role):
        require_role(officer, role=row.role, role_name=role_name(work, row.role))
    return row


def _not_others(work: Work, officer: Officer, row: Record) -> None:
    if row.officer_id is not None and row.officer_id != officer.id:
        raise _lost(work, row.id)


def _lost(work: Work, task_id: str) -> Conflict:
    row = tasks.get_task(work.connection, task_id)
    if row is None:
        return Conflict("任务已不存在", "The task is gone", at=task_id)
    if row.state == "done":
        who, at = officer_name(work, row.closed_by), _clock(row.closed_at)
        return Conflict(f"该任务已由{who}于 {at} 办结", f"{who} completed this task at {at}", at=task_id)
    if row.state == "cancelled":
        at = _clock(row.closed_at)
        return Conflict(
            f"该任务已于 {at} 因流程推进而取消", f"The process moved on and closed this task at {at}", at=task_id
        )
    who, at = officer_name(work, row.officer_id), _clock(row.claimed_at)
    return Conflict(f"已被{who}于 {at} 领取", f"{who} claimed this task at {at}", at=task_id)


def _clock(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if moment else ""


def _sign_for(work: Work, officer: Officer, row: Record) -> None:
    transfer = transfers.last_arrived(
        work.connection, case_id=row.case_id, to_agency=row.agency_id, message=row.properties["receipt"]
    )
    if transfer is not None and transfers.sign_receipt(
        work.connection, transfer.id, officer_id=officer.id, at=work.now
    ):
        audit.note(
            work.connection,
            action="signed_receipt",
            at=work.now,
            case_id=row.case_id,
            process_id=row.process_id,
            agency_id=row.agency_id,
            officer_id=officer.id,
            element=row.element,
            detail={"transfer": transfer.id},
        )
