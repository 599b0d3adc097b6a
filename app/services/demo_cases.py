"""The cases of a demonstration: stories retold of other people in other counties, each left at another stage."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from app.catalogue.stories import Story, read_story
from app.domain.errors import Invalid
from app.services import cases, demo, tasks
from app.services.play import Desk, play_story, read_fixture
from app.services.retelling import Retelling, last_moment, retell
from app.services.work import officer_value
from app.storage import cases as case_rows
from app.storage import officers, settings
from app.storage import tasks as task_rows

LOADED = "demonstration"
"""The setting that lists the demonstration cases loaded to their end."""


def load(house: Desk, folder: Path, *, home: Path, echo: Callable[[str], object]) -> int:
    """Load the people and cases of a folder's `cases.yaml` that are not there yet; give how many cases were new.

    Serials of the worked case's agencies are set last, so that its documents get the numbers of the case file.
    """
    told = _told(folder)
    main = _story(home, told["ready"]["story"])
    fixture = read_fixture(home / told["ready"]["story"], main, home)
    areas = {"": fixture, **{area: _area(fixture, area, given) for area, given in told["areas"].items()}}
    with house.work() as work:
        # A demonstration on a real clock would find the worked case long overdue; the set hour of a server stays.
        kept = settings.get_setting(work.connection, "clock")
        for people in areas.values():
            demo.put_people(work, {**people, "counters": {}})
    machine = datetime.now(UTC)
    new = 0
    for number, given in enumerate(told["cases"], start=1):
        new += _play(house, home, given, areas[given.get("area", "")], machine=machine, echo=echo, number=number)
    with house.work() as work:
        demo.put_counters(work, fixture)
    new += open_ready(house, home)
    with house.work() as work:
        settings.put_setting(work.connection, "clock", kept)
    return new


def _play(
    house: Desk,
    home: Path,
    given: Mapping[str, Any],
    people: Mapping[str, Any],
    *,
    machine: datetime,
    echo: Callable[[str], object],
    number: int,
) -> int:
    with house.work() as work:
        if given["number"] in (settings.get_setting(work.connection, LOADED) or []):
            return 0
        if case_rows.case_by_number(work.connection, given["number"]) is not None:
            raise Invalid(
                f"演示案件 {given['number']} 上次只载入了一部分；请清空数据目录后重新载入",
                f"Demonstration case {given['number']} was loaded only in part; empty the data folder and load again",
                at=given["number"],
            )
    story = _story(home, given["story"])
    steps = int(given["steps"])
    last = machine - timedelta(days=float(given.get("days_ago", 1)))
    shift = timedelta(days=(last - last_moment(story, steps)).days)
    words = {**people.get("words", {}), **given.get("words", {})}
    told = retell(
        story,
        Retelling(
            steps=steps,
            shift=shift,
            words=words,
            agencies=people.get("partners", {}),
            role_of=people.get("role_of", {}),
        ),
    )
    case = {
        "number": given["number"],
        "name": given["name"],
        "charge": given["charge"],
        "area_code": people["case"]["area_code"],
    }
    played = play_story(house, told, fixture={**people, "case": case, "counters": {}}, file=given["number"])
    if played.faults:
        raise Invalid(
            f"演示案件 {given['number']} 无法装载：{played.faults[0]}",
            f"Demonstration case {given['number']} cannot be loaded: {played.faults[0]}",
            at=given["number"],
        )
    with house.work() as work:
        done = settings.get_setting(work.connection, LOADED) or []
        settings.put_setting(work.connection, LOADED, [*done, given["number"]])
    echo(f"  {number:>2} {given['number']} {given['name']}")
    return 1


def open_ready(house: Desk, home: Path) -> int:
    """Open the worked case with its first task drafted, unless it is there; 1 when it is new."""
    given = _told(home / "demo")["ready"]
    story = _story(home, given["story"])
    case = read_fixture(home / given["story"], story, home)["case"]
    with house.work() as work:
        if case_rows.case_by_number(work.connection, case["id"]) is not None:
            return 0
        demo.set_clock(work, datetime.fromisoformat(given["opened_at"]), ticking=False, machine=datetime.now(UTC))
    with house.work() as work:
        row = officers.officer_by(work.connection, username=given["officer"])
        if row is None:
            raise Invalid("没有这名办案人员", "No such officer", at=given["officer"])
        officer = officer_value(work, row)
        case_id = cases.open_case(
            work, officer, process=story.process, name=case["name"], charge=case["charge"], number=case["id"]
        )
        first = task_rows.open_tasks_of_case(work.connection, case_id)[0]
        tasks.claim_task(work, officer, first.id)
        tasks.save_draft(work, officer, first.id, answers=story.steps[0].answers)
    return 1


def _area(fixture: Mapping[str, Any], area: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the people of another county: the agencies and officers of the worked case under other names."""
    kinds = tuple(given["agencies"])
    names = iter(given["names"])
    people: list[dict[str, Any]] = []
    role_of: dict[str, str] = {}
    words: dict[str, str] = {}
    for officer in fixture["officers"]:
        kind = str(officer.get("agency") or officer["roles"][0].split("_")[0])
        if kind not in kinds:
            continue
        username = f"{area}_{officer['username']}"
        name = next(names)
        people.append(
            {**officer, "username": username, "name": name, "agency": f"{area}_{kind}", "cert": "", "badge": ""}
        )
        role_of |= {officer["username"]: username, officer["name"]: username}
        words |= {officer["username"]: username, officer["name"]: name}
    agencies = {
        f"{area}_{kind}": {"kind": kind, "area_code": given["area_code"], **values}
        for kind, values in given["agencies"].items()
    }
    for kind, values in given["agencies"].items():
        words |= {
            fixture["agencies"][kind]["name"]: values["name"],
            fixture["agencies"][kind]["short"]: values["short"],
        }
    return {
        "year": fixture["year"],
        "case": {"area_code": given["area_code"]},
        "agencies": agencies,
        "officers": people,
        "partners": {kind: f"{area}_{kind}" for kind in kinds if kind != "adm"},
        "role_of": role_of | {role: role for officer in people for role in officer["roles"]},
        "words": words,
    }


def _told(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((folder / "cases.yaml").read_text(encoding="utf-8"))
    return read


def _story(home: Path, path: str) -> Story:
    return read_story((home / path).read_text(encoding="utf-8"), file=path)
