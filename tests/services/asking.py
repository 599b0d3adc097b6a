"""Invented content and people: two agencies, of which one asks, and small processes for what else can happen."""

import json
from collections.abc import Mapping
from pathlib import Path

from app.catalogue.bundles import collect_files
from app.domain.access import Officer
from app.services import publishing
from app.services.accounts import hash_password
from app.services.demo import PASSWORD
from app.services.work import officer_value
from app.storage import officers
from app.wiring import House, plain_renderer
from tests.builders import an_agency, an_officer
from tests.engine.drawing import END, START, file, message, node, path, process, timer, user
from tests.houses import ROOT, a_config

DIAGRAM = (Path(__file__).parent / "ask_help.bpmn").read_bytes()
LETTER = """---
title: 咨询函
issuer: adm
recipient: pol
number: "{short}咨〔{year}〕{serial}号"
seal: O
copies: [Z]
layout: letter
fields:
  - {key: question, label: 问题, type: text, required: true}
  - {key: amount, label: 金额, type: number}
status: design
---
<p>{{ question }}</p>
"""
FORMS = {
    "ask": [
        {
            "type": "textfield",
            "id": "Field_question",
            "key": "question",
            "label": "问题",
            "validate": {"required": True},
        },
        {"type": "number", "id": "Field_amount", "key": "amount", "label": "金额", "validate": {"min": 0}},
    ],
    "answer": [
        {"type": "textfield", "id": "Field_question", "key": "question", "label": "问题", "readonly": True},
        {
            "type": "select",
            "id": "Field_answer",
            "key": "answer",
            "label": "答复",
            "validate": {"required": True},
            "values": [{"label": "同意", "value": "yes"}, {"label": "再问", "value": "again"}],
        },
    ],
}
PEOPLE = {
    "asker": ("adm", "adm_officer", "甲"),
    "colleague": ("adm", "adm_officer", "乙"),
    "head": ("adm", "adm_head", "正"),
    "answerer": ("pol", "pol_intake", "丙"),
    "stranger": ("other", "adm_officer", "丁"),
    "other_head": ("other", "adm_head", "戊"),
}
AGENCIES = {
    "adm": {"kind": "adm", "name": "虚构局", "short": "虚局"},
    "pol": {"kind": "pol", "name": "虚构公安局", "short": "虚公"},
    "other": {"kind": "adm", "name": "别处局", "short": "别局", "area_code": "110000"},
}


def the_files(**more: bytes) -> dict[str, bytes]:
    """Give the content: the shared part of the real one, the invented process, and diagrams of others by name."""
    shared = {path: content for path, content in collect_files(ROOT).items() if "/_shared/" in path}
    return (
        shared
        | {"bpmn/ask_help/ask_help.bpmn": DIAGRAM, "documents/ask_help/ask_letter.html": LETTER.encode()}
        | {f"forms/ask_help/{name}.form": a_form(parts) for name, parts in FORMS.items()}
        | {f"bpmn/{name}/{name}.bpmn": diagram for name, diagram in more.items()}
    )


def a_form(components: list[dict[str, object]]) -> bytes:
    """Write a form."""
    return json.dumps({"type": "default", "schemaVersion": 19, "components": components}, ensure_ascii=False).encode()


def a_house(folder: Path, url: str, *, demo: bool = True, files: Mapping[str, bytes] | None = None) -> House:
    """Give a house that has published the invented process."""
    built = House(a_config(folder, database_url=url, demo=demo), renderer=plain_renderer())
    with built.work() as work:
        publishing.publish_all(work, files or the_files())
    return built


def put_people(house: House, *, password: str | None = None) -> dict[str, Officer]:
    """Write the officers of the two agencies, and of a third that is no party to anything; give them by name."""
    given = {"password": hash_password(password)} if password else {}
    with house.work() as work:
        agencies = {key: an_agency(work.connection, key=key, **values).id for key, values in AGENCIES.items()}
        for username, (agency, role, name) in PEOPLE.items():
            an_officer(work.connection, role=role, agency_id=agencies[agency], username=username, name=name, **given)
        return {name: officer_value(work, officers.officer_by(work.connection, username=name)) for name in PEOPLE}


def lone(name: str, *parts: str, kind: str = "adm", role: str = "adm_officer", messages: tuple[str, ...] = ()) -> bytes:
    """Draw a process of one pool."""
    return file(
        process(*parts, identifier=f"{name}_{kind}", lane=f"Lane_{role}"), collaboration=name, messages=messages
    )


def reminding() -> bytes:
    """Draw a process that waits three days, reminds the police, and gives up on its note two days later."""
    return lone(
        "remind",
        START,
        node("intermediateCatchEvent", "Event_waited", timer("PT72H")),
        node("intermediateThrowEvent", "Event_reminds", message("Message_reminded", "{'tone': 'kind'}")),
        user("Task_note", deadline="D01"),
        node("boundaryEvent", "Event_late", timer("PT48H"), attachedToRef="Task_note"),
        END,
        node("endEvent", "End_late"),
        path("Start_1", "Event_waited", "Event_reminds", "Task_note", "End_1"),
        path("Event_late", "End_late"),
        messages=("Message_reminded",),
    )


def reminded() -> bytes:
    """Draw the process of the police that a reminder starts."""
    return lone(
        "reminded",
        node("startEvent", "Start_1", message("Message_reminded")),
        user("Task_hurry"),
        END,
        path("Start_1", "Task_hurry", "End_1"),
        kind="pol",
        role="pol_intake",
        messages=("Message_reminded",),
    )


def hasty() -> bytes:
    """Draw a process whose second message comes before the police want it."""
    flows = "".join(
        f'<bpmn:messageFlow id="Flow_{name}" sourceRef="Event_{name}" targetRef="{target}"/>'
        for name, target in (("first", "Start_2"), ("second", "Event_wanted"))
    )
    return file(
        process(
            START,
            node("intermediateThrowEvent", "Event_first", message("Message_first")),
            node("intermediateThrowEvent", "Event_second", message("Message_second", "{'word': 'early'}")),
            END,
            path("Start_1", "Event_first", "Event_second", "End_1"),
            identifier="hasty_adm",
            people=["Start_1"],
        ),
        process(
            node("startEvent", "Start_2", message("Message_first")),
            user("Task_read"),
            node("intermediateCatchEvent", "Event_wanted", message("Message_second")),
            user("Task_after"),
            node("endEvent", "End_2"),
            path("Start_2", "Task_read", "Event_wanted", "Task_after", "End_2"),
            identifier="hasty_pol",
            lane="Lane_pol_intake",
        ),
        collaboration="hasty",
        flows=flows,
        messages=("Message_first", "Message_second"),
    )


__all__ = [
    "DIAGRAM",
    "PASSWORD",
    "a_form",
    "a_house",
    "hasty",
    "lone",
    "put_people",
    "reminded",
    "reminding",
    "the_files",
]
