"""The Kunshan case with its items in custody of the market regulator, put into a data folder for a started server."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from app.catalogue.bundles import collect_files
from app.services import demo, publishing
from app.services.work import officer_value
from app.storage import agencies, cases, officers
from app.wiring import House, plain_renderer
from tests.builders import a_case
from tests.clock import Clock
from tests.custody.kunshan import ITEMS, Stage, publish_roles, seize_all
from tests.end_to_end.server import FIXTURE
from tests.houses import ROOT, a_config

PEOPLE = {
    "chen": "chen_guodong",
    "wu": "wu_min",
    "shen": "shen_tao",
    "shao": "shao_jing",
}
NUMBER = "KS-2026-SY-0098"
KINDS = ("adm", "pol", "proc", "crt")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What a test needs to know of the data: ids and the number of the case."""

    case_id: str
    number: str


def prepare_items(folder: Path, *, boxes: int = 0, processes: bool = False) -> Prepared:
    """Create the database with the people of the worked case; the regulator has seized and sampled its items.

    `boxes` adds so many further sealed parcels, B-001 and following; with `processes` a process runs each hand-over.
    """
    fixture = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
    house = House(a_config(folder), renderer=plain_renderer())
    clock = Clock("2026-03-03T09:40")
    try:
        house.migrate()
        with house.work() as work:
            demo.put_people(work, fixture)
            if processes:
                publishing.publish_all(work, collect_files(ROOT))
            else:
                publish_roles(work.connection, clock.now)
            rows = {kind: agencies.agency_by_key(work.connection, kind) for kind in KINDS}
            known = {kind: row for kind, row in rows.items() if row is not None}
            name = fixture["case"]["name"]
            case = a_case(work.connection, agency_id=known["adm"].id, clock=clock, number=NUMBER, name=name)
            for kind, row in known.items():
                if kind != "adm":
                    cases.add_participant(work.connection, case_id=case.id, agency_id=row.id, kind=kind, at=clock.now)
            stage = Stage(connection=work.connection, folder=folder, clock=clock, agencies=known, case=case)
            for short, username in PEOPLE.items():
                officer = officers.officer_by(work.connection, username=username)
                assert officer is not None
                stage.people[short] = officer_value(work, officer)
            for item in ITEMS:
                if item["code"] not in ("E-05", "E-07"):
                    stage.put_item("adm", **item)
            seize_all(stage)
            for number in range(1, boxes + 1):
                code = f"B-{number:03}"
                stage.put_item("adm", code=code, name=f"零散胶囊（虚构）{number}", category="物证", qty=20, unit="袋")
                stage.seize(code, "chen", "wu", "昆市监强制〔2026〕21号", seal=f"KSF-26-{number:04}")
        return Prepared(case_id=case.id, number=case.number)
    finally:
        house.close()
