"""The cost of one step: load → complete one human task → save, with SQL, on SQLite with durable commits.

A loop of one human task is walked a thousand times in one case. Beside each step, in the same run, a bare commit of
the same size is measured. CPU time, medians around the 1st, 100th and 1,000th step.
"""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, LargeBinary, Text, insert, update

from app.catalogue.bundles import collect_files, list_processes, pack, read_bundle
from app.config import Config
from app.services import demo, steps
from app.services.work import Actor, Work
from app.storage import agencies, bundles, cases, processes, tasks
from app.storage.database import metadata, table
from app.wiring import House, plain_renderer

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 1_050
MARKS = {"1st": (0, 50), "100th": (75, 125), "1,000th": (975, 1_025)}

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="Definitions_bench_loop"
 xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="http://xianjie.example">
 <bpmn:collaboration id="bench_loop" name="循环">
  <bpmn:participant id="Participant_adm" name="行政机关" processRef="bench_loop_adm"/>
 </bpmn:collaboration>
 <bpmn:process id="bench_loop_adm" name="循环" isExecutable="true">
  <bpmn:laneSet id="LaneSet_adm"><bpmn:lane id="Lane_adm_officer" name="执法人员">
   <bpmn:flowNodeRef>Start_loop</bpmn:flowNodeRef><bpmn:flowNodeRef>Gateway_again</bpmn:flowNodeRef>
   <bpmn:flowNodeRef>Task_review</bpmn:flowNodeRef><bpmn:flowNodeRef>Gateway_done</bpmn:flowNodeRef>
   <bpmn:flowNodeRef>End_done</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="Start_loop" name="开始"><bpmn:outgoing>Flow_start</bpmn:outgoing></bpmn:startEvent>
  <bpmn:exclusiveGateway id="Gateway_again"><bpmn:incoming>Flow_start</bpmn:incoming>
   <bpmn:incoming>Flow_again</bpmn:incoming><bpmn:outgoing>Flow_review</bpmn:outgoing></bpmn:exclusiveGateway>
  <bpmn:userTask id="Task_review" name="审查"><bpmn:extensionElements><spiffworkflow:properties>
   <spiffworkflow:property name="form" value="review"/>
   <spiffworkflow:property name="deadline" value="D06"/></spiffworkflow:properties></bpmn:extensionElements>
   <bpmn:incoming>Flow_review</bpmn:incoming><bpmn:outgoing>Flow_reviewed</bpmn:outgoing></bpmn:userTask>
  <bpmn:exclusiveGateway id="Gateway_done" name="结束？" default="Flow_again">
   <bpmn:incoming>Flow_reviewed</bpmn:incoming>
   <bpmn:outgoing>Flow_again</bpmn:outgoing><bpmn:outgoing>Flow_done</bpmn:outgoing></bpmn:exclusiveGateway>
  <bpmn:endEvent id="End_done" name="结束"><bpmn:incoming>Flow_done</bpmn:incoming></bpmn:endEvent>
  <bpmn:sequenceFlow id="Flow_start" sourceRef="Start_loop" targetRef="Gateway_again"/>
  <bpmn:sequenceFlow id="Flow_review" sourceRef="Gateway_again" targetRef="Task_review"/>
  <bpmn:sequenceFlow id="Flow_reviewed" sourceRef="Task_review" targetRef="Gateway_done"/>
  <bpmn:sequenceFlow id="Flow_again" sourceRef="Gateway_done" targetRef="Gateway_again"/>
  <bpmn:sequenceFlow id="Flow_done" sourceRef="Gateway_done" targetRef="End_done">
   <bpmn:conditionExpression>review == 'done'</bpmn:conditionExpression></bpmn:sequenceFlow>
 </bpmn:process>
</bpmn:definitions>
"""

FORM = (
    '{"type": "default", "schemaVersion": 19, "components": '
    '[{"type": "textfield", "id": "Field_review", "key": "review", "label": "结论"}]}'
)

yardstick = table("yardstick", Column("id", Text, primary_key=True), Column("state", LargeBinary), Column("note", Text))


def measure() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        house = _house(Path(folder))
        try:
            process_id = _start(house)
            costs, bare, sizes = [], [], []
            for number in range(ROUNDS):
                begun = time.process_time()
                with house.work() as work:
                    size = _step(work, process_id, number)
                costs.append(1000 * (time.process_time() - begun))
                sizes.append(size)
                begun = time.process_time()
                with house.engine.begin() as connection:
                    connection.execute(
                        update(yardstick).where(yardstick.c.id == "1").values(state=bytes(size), note=str(number))
                    )
                bare.append(1000 * (time.process_time() - begun))
        finally:
            house.close()
    print("step: load -> complete one human task (with its clock) -> save, SQLite WAL synchronous=FULL, CPU ms, median")
    print(f"{'step':>8} {'CPU ms':>8} {'bare ms':>8} {'ratio':>6} {'state bytes':>12}")
    medians = {}
    for name, (first, last) in MARKS.items():
        cost, plain = statistics.median(costs[first:last]), statistics.median(bare[first:last])
        medians[name] = cost
        print(f"{name:>8} {cost:>8.2f} {plain:>8.2f} {cost / plain:>6.1f} {max(sizes[first:last]):>12}")
    print(f"1,000th / 1st: {medians['1,000th'] / medians['1st']:.2f}")


def _step(work: Work, process_id: str, number: int) -> int:
    instance = steps.load_instance(work, process_id)
    task = tasks.open_tasks_of(work.connection, process_id)[0]
    tasks.close_task(work.connection, task.id, state="done", at=work.now, by=None)
    steps.complete(
        work,
        instance,
        engine_task=task.engine_task,
        actor=Actor(agency_id=instance.row.agency_id),
        variables={"review": f"round {number}"},
    )
    row = processes.get_process(work.connection, process_id)
    return len(row.state) if row else 0


def _start(house: House) -> str:
    shared = {path: content for path, content in collect_files(ROOT).items() if "/_shared/" in path}
    files = {**shared, "bpmn/bench_loop/bench_loop.bpmn": DIAGRAM.encode()}
    files["forms/bench_loop/review.form"] = FORM.encode()
    bundle = read_bundle(files, list_processes(files)[0])
    with house.work() as work:
        now = datetime.now(UTC)
        bundles.publish(work.connection, key=bundle.hash, process=bundle.process, content=pack(bundle), at=now)
        demo.put_people(
            work, {"agencies": {"adm": {"kind": "adm", "name": "示例局", "area_code": "320583"}}, "officers": []}
        )
        agency = agencies.agency_by_key(work.connection, "adm")
        if agency is None:
            raise LookupError("adm")
        case_id = cases.open_case(
            work.connection,
            number="BENCH-1",
            name="循环",
            charge="",
            area_code="320583",
            opened_at=now,
            opened_by=agency.id,
        )
        edition = work.library.current(work.connection, bundle.process)
        pool = edition.bundle.diagram.pools[0]
        work.connection.execute(insert(yardstick).values(id="1", state=b"", note=""))
        return steps.begin(
            work, case_id=case_id, agency_id=agency.id, edition=edition, pool=pool, actor=Actor(agency_id=agency.id)
        )


def _house(folder: Path) -> House:
    config = Config(
        home=ROOT,
        data=folder,
        database_url=f"sqlite:///{folder / 'bench.sqlite'}",
        secret_key="bench",
        demo=False,
        fonts=folder,
        host="127.0.0.1",
        port=0,
    )
    house = House(config, renderer=plain_renderer())
    metadata.create_all(house.engine)
    return house
