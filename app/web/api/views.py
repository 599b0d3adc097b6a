"""The API's use cases, one view each; each needs a bearer token but the one that gives it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request
from flask_smorest import Blueprint

from app.services import accounts, case_view, cases, documents, supervision, tasks, transfers
from app.services.work import Work
from app.storage.database import Record
from app.web.api import schemas
from app.web.api.parsing import StrictParser
from app.web.house import house
from app.web.language import language, t
from app.web.preflight import finding_row
from app.web.presenters import row_dict
from app.web.security import make_token, me, officer_required

blueprint = Blueprint("api", __name__, url_prefix="/api/v1", description="衔接 JSON API")
blueprint.ARGUMENTS_PARSER = StrictParser()
_brake = accounts.Brake()


@blueprint.post("/token")
@blueprint.arguments(schemas.TokenAsked)
@blueprint.response(200, schemas.TokenGiven)
def token(asked: Mapping[str, str]) -> Any:
    """Give a bearer token for a name and a password; open to anyone: it is the way in."""
    with house().work() as work:
        officer, key = accounts.sign_in(
            work,
            name=asked["name"],
            password=asked["password"],
            source=request.remote_addr or "",
            brake=_brake,
            wall=datetime.now(UTC),
        )
    return {"token": make_token(key), "officer": officer}


@blueprint.get("/me")
@blueprint.response(200, schemas.OfficerShown)
@officer_required
def who() -> Any:
    """Say who is asking."""
    return me()


@blueprint.get("/tasks")
@blueprint.arguments(schemas.TaskScope, location="query")
@blueprint.response(200, schemas.TaskShown(many=True))
@officer_required
def list_tasks(asked: Mapping[str, str]) -> Any:
    """My tasks, the team's pool, both, or what I have done."""
    with house().work(read_only=True) as work:
        return [row_dict(row) for row in tasks.list_tasks(work, me(), scope=asked["scope"])]


@blueprint.get("/tasks/<task_id>")
@blueprint.response(200, schemas.TaskWhole)
@officer_required
def show_task(task_id: str) -> Any:
    """A task with its form and what is known already."""
    with house().work(read_only=True) as work:
        view = tasks.see_task(work, me(), task_id)
        return {
            "task": {**row_dict(view.row), "case_number": view.case.number, "case_name": view.case.name},
            "instructions": t(*view.instructions),
            "form": view.form.localized(language()) if view.form else None,
            "known": view.known,
            "options": view.options,
            "draft": view.row.draft,
            "deadline": row_dict(view.deadline) if view.deadline else None,
            "claimed_by": view.claimed_by,
        }


@blueprint.post("/tasks/<task_id>/claim")
@blueprint.response(200, schemas.TaskShown)
@officer_required
def claim_task(task_id: str) -> Any:
    """Take a task from the pool; 409 that says who was first."""
    with house().work() as work:
        return row_dict(tasks.claim_task(work, me(), task_id))


@blueprint.post("/tasks/<task_id>/give-back")
@blueprint.arguments(schemas.ReasonGiven)
@blueprint.response(204)
@officer_required
def give_back_task(given: Mapping[str, str], task_id: str) -> None:
    """Give a task back to the pool."""
    with house().work() as work:
        tasks.give_back_task(work, me(), task_id, reason=given["reason"])


@blueprint.put("/tasks/<task_id>/draft")
@blueprint.arguments(schemas.AnswersGiven)
@blueprint.response(204)
@officer_required
def save_draft(given: Mapping[str, Any], task_id: str) -> None:
    """Keep what has been typed so far."""
    with house().work() as work:
        tasks.save_draft(work, me(), task_id, answers=given["answers"])


@blueprint.post("/tasks/<task_id>/complete")
@blueprint.arguments(schemas.AnswersGiven)
@blueprint.response(200, schemas.TaskShown)
@officer_required
def complete_task(given: Mapping[str, Any], task_id: str) -> Any:
    """Complete a task; 422 names each field that does not fit, 409 says who was first."""
    with house().work() as work:
        done = row_dict(tasks.complete_task(work, me(), task_id, answers=given["answers"]))
    house().wake()
    return {**done, "state": "done"}


@blueprint.get("/tasks/<task_id>/preflight")
@blueprint.response(200, schemas.FindingShown(many=True))
@officer_required
def check_package(task_id: str) -> Any:
    """What the receiver would find fault with if the task were completed as its draft stands."""
    with house().work(read_only=True) as work:
        view = tasks.see_task(work, me(), task_id)
        return _findings(work, view, view.row.draft or {})


@blueprint.post("/tasks/<task_id>/preflight")
@blueprint.arguments(schemas.AnswersGiven)
@blueprint.response(200, schemas.FindingShown(many=True))
@officer_required
def check_answers(given: Mapping[str, Any], task_id: str) -> Any:
    """What the receiver would find fault with if the task were completed with these answers; nothing is kept."""
    with house().work(read_only=True) as work:
        return _findings(work, tasks.see_task(work, me(), task_id), given["answers"])


@blueprint.get("/processes")
@blueprint.response(200, schemas.ProcessChoice(many=True))
@officer_required
def list_processes() -> Any:
    """The processes I may start."""
    with house().work(read_only=True) as work:
        return [
            {
                "process": choice.edition.bundle.process,
                "name": choice.edition.bundle.diagram.name,
                "name_en": choice.edition.bundle.diagram.name_en,
                "pool": choice.pool.process_id,
                "partners": list(choice.partners),
                "hash": choice.edition.bundle.hash,
            }
            for choice in cases.startable(work, me())
        ]


@blueprint.get("/cases")
@blueprint.arguments(schemas.CasesAsked, location="query")
@blueprint.response(200, schemas.CaseList)
@officer_required
def list_cases(asked: Mapping[str, Any]) -> Any:
    """The cases my agency takes part in."""
    with house().work(read_only=True) as work:
        total, rows = cases.find_cases(work, me(), words=asked["q"], page=asked["page"], size=asked["size"])
        return {"total": total, "cases": [row_dict(row) for row in rows]}


@blueprint.post("/cases")
@blueprint.arguments(schemas.CaseOpened)
@blueprint.response(201, schemas.IdGiven)
@officer_required
def open_case(given: Mapping[str, Any]) -> Any:
    """Open a case by starting a process."""
    with house().work() as work:
        case_id = cases.open_case(work, me(), **given)
    house().wake()
    return {"id": case_id}


@blueprint.get("/cases/<case_id>")
@blueprint.response(200, schemas.CaseWhole)
@officer_required
def show_case(case_id: str) -> Any:
    """A case as my agency may see it."""
    with house().work(read_only=True) as work:
        view = case_view.see_case(work, me(), case_id)
        return {
            **view,
            "case": row_dict(view["case"]),
            "participants": [
                {"agency": entry["agency"].name, "kind": entry["kind"], "joined_at": entry["joined_at"]}
                for entry in view["participants"]
            ],
            "processes": [
                {
                    **row_dict(entry["row"]),
                    "process": entry["process"],
                    "name": entry["pool"].name,
                    "name_en": entry["pool"].name_en,
                    "agency": entry["agency"],
                    "active": entry["active"],
                    "waiting": [{key: row[key] for key in ("element", "name", "name_en")} for row in entry["waiting"]],
                    "walked": entry["walked"],
                }
                for entry in view["processes"]
            ],
            "documents": [row_dict(entry["row"]) for entry in view["documents"]],
            "transfers": [_transfer(entry) for entry in view["transfers"]],
            "deadlines": [row_dict(entry["row"]) for entry in view["deadlines"]],
        }


@blueprint.post("/cases/<case_id>/processes")
@blueprint.arguments(schemas.ProcessStarted)
@blueprint.response(201, schemas.IdGiven)
@officer_required
def start_process(given: Mapping[str, str], case_id: str) -> Any:
    """Start another process on a case."""
    with house().work() as work:
        process_id = cases.start_process(work, me(), case_id, process=given["process"])
    house().wake()
    return {"id": process_id}


@blueprint.get("/documents/<document_id>")
@blueprint.response(200, schemas.DocumentWhole)
@officer_required
def show_document(document_id: str) -> Any:
    """A document with the data it was made from."""
    with house().work(read_only=True) as work:
        return row_dict(documents.see_document(work, me(), document_id))


@blueprint.get("/documents/<document_id>/pdf")
@blueprint.response(200, content_type="application/pdf")
@officer_required
def read_document(document_id: str) -> Any:
    """The PDF of a document; the reading is noted."""
    with house().work() as work:
        _, content = documents.read_document(work, me(), document_id)
    return Response(content, mimetype="application/pdf")


@blueprint.get("/transfers")
@blueprint.response(200, schemas.TransferShown(many=True))
@officer_required
def list_transfers() -> Any:
    """The packages that wait for my agency's signature."""
    with house().work(read_only=True) as work:
        return [_transfer(entry) for entry in transfers.arriving(work, me())]


@blueprint.get("/transfers/<transfer_id>")
@blueprint.response(200, schemas.TransferShown)
@officer_required
def show_transfer(transfer_id: str) -> Any:
    """A package and its receipt."""
    with house().work(read_only=True) as work:
        return _transfer(transfers.see_transfer(work, me(), transfer_id))


@blueprint.post("/transfers/<transfer_id>/sign")
@blueprint.response(204)
@officer_required
def sign_transfer(transfer_id: str) -> None:
    """Sign for a package."""
    with house().work() as work:
        transfers.sign_for(work, me(), transfer_id)


@blueprint.get("/incidents")
@blueprint.response(200, schemas.IncidentShown(many=True))
@officer_required
def list_incidents() -> Any:
    """The failed work of the machine for my agency; for heads."""
    with house().work(read_only=True) as work:
        return [{**row_dict(row), "case_number": number} for row, number in supervision.incidents(work, me())]


@blueprint.post("/incidents/<job_id>/retry")
@blueprint.response(204)
@officer_required
def retry_incident(job_id: str) -> None:
    """Have failed work tried again; for heads."""
    with house().work() as work:
        supervision.retry_incident(work, me(), job_id)
    house().wake()


@blueprint.get("/demo/clock")
@blueprint.response(200, schemas.ClockShown)
def show_clock() -> Any:
    """The hour of the cases; in demo mode only; open to anyone: it tells nothing of a case."""
    _demo_only()
    with house().work(read_only=True) as work:
        return {"now": work.now}


@blueprint.put("/demo/clock")
@blueprint.arguments(schemas.ClockSet)
@blueprint.response(200, schemas.ClockShown)
def set_clock(given: Mapping[str, Any]) -> Any:
    """Set the hour of the cases; in demo mode only; open to anyone: every account there is public."""
    _demo_only()
    house().move_clock(given["now"], ticking=given["ticking"])
    with house().work(read_only=True) as work:
        return {"now": work.now}


def _demo_only() -> None:
    if not house().config.demo:
        abort(404)


def _findings(work: Work, view: tasks.TaskView, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = tasks.check_package(work, me(), view, answers)
    return [finding_row(finding, view) | {"settled": finding.settled} for finding in found]


def _transfer(entry: Mapping[str, Any]) -> dict[str, Any]:
    row: Record = entry["row"]
    return {
        **row_dict(row),
        "sender": entry["from"],
        "receiver": entry["to"],
        "sent_by": entry["sent_by"],
        "received_by": entry["received_by"],
        "documents": [row_dict(document) for document in entry["documents"]],
    }
