"""Packages about to be sent in the worked case: one that is clean, what can be broken in it, and the hour it is sent.

Everything happens in a transaction that is rolled back, so the same case is broken in every way.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import update

from app.catalogue.bundles import collect_files
from app.catalogue.stories import Step, Story, read_story
from app.domain.access import Officer
from app.services import cases, demo, publishing, tasks
from app.services.custody_intake import take_in
from app.services.work import Work, officer_value
from app.storage import cases as case_rows
from app.storage import custody, deadlines, documents, facts, item_files, officers, uploads
from app.storage import tasks as task_rows
from app.storage.database import new_id
from app.wiring import House, plain_renderer
from tests.houses import ROOT, a_config

STORY = ROOT / "tests/processes/case_transfer/kunshan.yaml"
FIXTURE = ROOT / "tests/processes/_fixtures/kunshan.yaml"
SENDING = "Task_assemble_package"
QUALIFICATION = {"kind": "lab_qualification", "name": "检验机构资质认定证书", "number": "示检资2025-011", "pages": 3}


def the_story() -> Story:
    """Give the worked case."""
    return read_story(STORY.read_text(encoding="utf-8"), file=STORY.name)


def the_step(task: str) -> Step:
    """Give the step of the worked case that does a task."""
    return next(step for step in the_story().steps if step.task == task)


@dataclass
class Desk:
    """The case of the worked example, approved and not yet sent; `case_id` has items, `bare_id` has none."""

    house: House
    case_id: str
    bare_id: str
    sent_at: datetime

    @contextmanager
    def package(self, *, bare: bool = False) -> Iterator["Package"]:
        """Give a clean package; what is done with it is undone."""
        case_id = self.bare_id if bare else self.case_id
        with self.house.engine.connect() as connection:
            outer = connection.begin()
            work = Work(
                connection=connection,
                now=self.sent_at,
                library=self.house.library,
                files=self.house.files,
                parts=self.house.parts,
            )
            try:
                yield Package(work=work, case_id=case_id, answers=clean_answers(bare=bare))
            finally:
                outer.rollback()


def clean_answers(*, bare: bool = False) -> dict[str, Any]:
    """Give the answers that send the clean package."""
    answers = copy.deepcopy(dict(the_step(SENDING).answers))
    del answers["preflight"]
    answers["attachments"] = [dict(row) for row in answers["attachments"]] + [dict(QUALIFICATION)]
    if bare:
        del answers["notice_recipient"], answers["seizure_no"]
        answers["package_checked"] = ["letter", "report", "tests", "others"]
        answers["attachments"] = [row for row in answers["attachments"] if not row["kind"].startswith("seizure")]
    return answers


@dataclass
class Package:
    """A package to be broken: its answers, and the case behind it."""

    work: Work
    case_id: str
    answers: dict[str, Any]
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def officer(self) -> Officer:
        """The officer who sends it."""
        return officer_value(self.work, officers.officer_by(self.work.connection, username="chen_guodong"))

    @property
    def task_id(self) -> str:
        """The task that sends it."""
        rows = task_rows.open_tasks_of_case(self.work.connection, self.case_id)
        return next(row.id for row in rows if row.element == SENDING)

    def found(self) -> list[str]:
        """Give the ids of what the receiver would find fault with."""
        view = tasks.see_task(self.work, self.officer, self.task_id)
        given = {**self.answers, **({"preflight": self.reasons} if self.reasons else {})}
        return [finding.check.id for finding in tasks.check_package(self.work, self.officer, view, given)]

    def send(self, **reasons: str) -> None:
        """Complete the task."""
        answers = {**self.answers, "preflight": reasons} if reasons else self.answers
        tasks.complete_task(self.work, self.officer, self.task_id, answers=answers)

    def paper(self, kind: str) -> dict[str, Any]:
        """Give the row of an attachment, to be changed."""
        return next(row for row in self.answers["attachments"] if row["kind"] == kind)

    def drop(self, *kinds: str) -> None:
        """Leave attachments out."""
        self.answers["attachments"] = [row for row in self.answers["attachments"] if row["kind"] not in kinds]

    def attach(self, kind: str, name: str, **more: Any) -> None:
        """Add an attachment."""
        self.answers["attachments"].append({"kind": kind, "name": name, **more})

    def untick(self, *names: str) -> None:
        """Leave parts of the check against article 6 out."""
        self.answers["package_checked"] = [name for name in self.answers["package_checked"] if name not in names]

    def fact(self, key: str, value: Any) -> None:
        """Say something else of the case than was said before."""
        self._facts({key: value})

    def item(self, code: str, **changes: Any) -> None:
        """Change the row of an item."""
        facts.put_rows(
            self.work.connection,
            "items",
            case_id=self.case_id,
            agency_id=self.officer.agency_id,
            rows=[{"code": code, **changes}],
        )

    def seize(self, code: str, **row: Any) -> None:
        """Take another item into custody."""
        given = {"code": code, "name": "虚构物品", "qty": 1, "unit": "件", "doc_no": "昆市监强制〔2026〕19号", **row}
        self.item(**given)
        take_in(self.work, self.officer, self.case_id, [given], beside=self.beside(), why="依法扣押")

    def party(self, code: str, **changes: Any) -> None:
        """Change the row of a party."""
        facts.put_rows(
            self.work.connection,
            "parties",
            case_id=self.case_id,
            agency_id=self.officer.agency_id,
            rows=[{"code": code, **changes}],
        )

    def charge(self, charge: str) -> None:
        """Suspect another crime."""
        case_rows.change_case(self.work.connection, self.case_id, charge=charge)

    def later(self, **length: float) -> None:
        """Let time pass before it is sent."""
        self.work = Work(
            connection=self.work.connection,
            now=self.work.now + timedelta(**length),
            library=self.work.library,
            files=self.work.files,
            parts=self.work.parts,
        )

    def late(self, rule: str) -> None:
        """Let a limit have ended an hour before it was met."""
        row = next(row for row in deadlines.deadlines_of_case(self.work.connection, self.case_id) if row.rule == rule)
        due = (row.ended_at or self.work.now) - timedelta(hours=1)
        deadlines.change_deadline(self.work.connection, row.id, due=due)

    def withdraw(self, code: str) -> None:
        """Let a document never have been issued."""
        self.work.connection.execute(
            update(documents.document)
            .where(documents.document.c.case_id == self.case_id, documents.document.c.code == code)
            .values(state="issuing")
        )

    def content(self, code: str, **digests: str) -> None:
        """Link a stored content to an item as if it had been compared when another value was registered."""
        (row,) = custody.find_items(self.work.connection, case_id=self.case_id, codes=[code], lock=False)
        file_id = new_id()
        told = dict.fromkeys(("title", "name", "original_name"), "虚构数据")
        kinds = {"declared_type": "text/csv", "found_type": "text/csv", "flag": None}
        uploads.add_file(
            self.work.connection,
            id=file_id,
            case_id=self.case_id,
            agency_id=self.officer.agency_id,
            officer_id=self.officer.id,
            size=1,
            uploaded_at=self.work.now,
            **{"sha256": "0" * 64, "sm3": "0" * 64, **told, **kinds, **digests},
        )
        item_files.add_link(
            self.work.connection,
            case_id=self.case_id,
            item_id=row.id,
            file_id=file_id,
            role="content",
            shows="",
            handover_id=None,
            agency_id=self.officer.agency_id,
            officer_id=self.officer.id,
            at=self.work.now,
        )

    def _facts(self, said: dict[str, Any]) -> None:
        facts.add_facts(
            self.work.connection,
            case_id=self.case_id,
            agency_id=self.officer.agency_id,
            facts=said,
            task_id=None,
            officer_id=None,
            at=self.work.now,
        )

    def beside(self) -> list[str]:
        """Give the colleague who acts beside the officer."""
        return [officers.officer_by(self.work.connection, username="wu_min").id]


def a_desk(folder: Path, url: str) -> Desk:
    """Play the worked case up to the package, once with its items and once without any."""
    house = House(a_config(folder, database_url=url), renderer=plain_renderer())
    fixture = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
    with house.work() as work:
        publishing.publish_all(work, collect_files(ROOT))
        demo.put_people(work, fixture)
    sent_at = the_step(SENDING).at
    assert sent_at is not None
    case_id, bare_id = (_approved(house, items=items) for items in (True, False))
    return Desk(house=house, case_id=case_id, bare_id=bare_id, sent_at=sent_at)


def _approved(house: House, *, items: bool) -> str:
    case_id = ""
    for task in ("Task_write_report", "Task_approve_transfer"):
        step = the_step(task)
        assert step.at is not None
        answers = dict(step.answers)
        if task == "Task_write_report" and not items:
            del answers["items"]
            answers["items_state"] = "none"
        with house.work() as work:
            demo.set_clock(work, step.at, ticking=False, machine=step.at)
        with house.work() as work:
            officer = officer_value(work, officers.officer_by(work.connection, username=step.who))
            if not case_id:
                case_id = cases.open_case(
                    work, officer, process="case_transfer", name="虚构的移送案件", charge="销售假药罪"
                )
            (row,) = [row for row in task_rows.open_tasks_of_case(work.connection, case_id) if row.element == task]
            tasks.complete_task(work, officer, row.id, answers=answers)
        house.work_all()
    return case_id
