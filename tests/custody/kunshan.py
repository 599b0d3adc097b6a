"""The worked case of a fake medicine in Kunshan (fictional): its agencies, officers, items and hand-overs H1 to H3."""

import functools
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.catalogue.bundles import Bundle, pack, read_bundle
from app.domain.access import Officer
from app.services import custody, custody_handovers
from app.services.custody import Cause
from app.services.library import Library
from app.services.work import Work
from app.storage import bundles, cases, facts
from app.storage.database import Record
from app.storage.files import LocalFiles
from app.storage.parts import Parts
from tests.builders import a_case, an_agency, an_officer
from tests.clock import Clock
from tests.services.asking import the_files

LIBRARY = Library()
"""Bundles are found by content, so all stages may share what was read."""

ORDERS = "昆山禾穗堂健康用品有限公司 订单导出 2025-09-01~2026-03-03 共412条".encode()
CHAT = "筋骨康宁胶囊 微信群聊记录 导出 2026-03-03T15:20:00+08:00".encode()
H03 = hashlib.sha256(ORDERS).hexdigest()
H04 = hashlib.sha256(CHAT).hexdigest()
SAMPLING = "昆市监抽〔2026〕31号"

ITEMS: list[dict[str, Any]] = [
    {"code": "E-01", "name": "筋骨康宁胶囊", "category": "物证", "qty": 640, "unit": "盒"},
    {"code": "E-02", "name": "送货单及手写账册", "category": "书证", "qty": 36, "unit": "页"},
    {"code": "E-03", "name": "网店订单数据", "category": "电子数据", "qty": 1, "unit": "文件"},
    {"code": "E-04", "name": "微信群聊记录", "category": "电子数据", "qty": 1, "unit": "文件"},
    {"code": "E-05", "name": "手机", "category": "物证", "qty": 1, "unit": "部"},
    {"code": "E-06", "name": "检验报告", "category": "鉴定意见", "qty": 1, "unit": "份"},
    {"code": "E-07", "name": "违法所得退缴款", "category": "款项", "qty": 60000, "unit": "元"},
]
OFFICERS = {
    "chen": ("陈国栋", "adm_officer"),
    "wu": ("吴敏", "adm_officer"),
    "shen": ("沈涛", "pol_investigator"),
    "gu": ("顾晓峰", "pol_investigator"),
    "shao": ("邵静", "pol_custodian"),
    "fang": ("方媛", "proc_prosecutor"),
    "cao": ("曹颖", "proc_admin"),
    "su": ("苏洁", "crt_clerk"),
}


@dataclass(kw_only=True)
class Stage:
    """The case on a database: `act` gives what a service needs, at the hour of the clock."""

    connection: Connection
    folder: Path
    clock: Clock
    people: dict[str, Officer] = field(default_factory=dict)
    agencies: dict[str, Record] = field(default_factory=dict)
    case: Record

    @property
    def work(self) -> Work:
        return Work(
            connection=self.connection,
            now=self.clock.now,
            library=LIBRARY,
            files=LocalFiles(self.folder / "files"),
            parts=Parts(self.folder / "files" / "parts"),
        )

    def cause(self, why: str, document: str = "", *beside: str) -> Cause:
        return Cause(why=why, document=document, beside=[self.people[name].id for name in beside])

    def ledger(self, code: str, *, by: str = "shen") -> Any:
        return custody.trail(self.work, self.people[by], self.case.id, code)[0]

    def put_item(self, kind: str, **data: Any) -> None:
        facts.put_rows(self.connection, "items", case_id=self.case.id, agency_id=self.agencies[kind].id, rows=[data])

    def seize(self, code: str, by: str, beside: str, document: str, **values: Any) -> Any:
        cause = self.cause("涉嫌销售假药", document, beside)
        given = {"place": "涉案物品库房", **values}
        return custody.seize(self.work, self.people[by], self.case.id, code, cause, **given)

    def open(self, by: str, to: str, number: str, codes: Any, **values: Any) -> str:
        items = codes if isinstance(codes, dict) else dict.fromkeys(codes)
        given = {"place": "涉案财物管理中心", **values}
        return custody_handovers.open_handover(
            self.work,
            self.people[by],
            self.case.id,
            to_agency=self.agencies[to].id,
            number=number,
            items=items,
            **given,
        )

    def count(self, by: str, handover: str, code: str, **found: Any) -> Any:
        return custody_handovers.count_line(self.work, self.people[by], handover, code, **found)

    def sign(self, handover: str, *names: str) -> list[bool]:
        return [custody_handovers.sign_handover(self.work, self.people[name], handover) for name in names]


def a_stage(connection: Connection, folder: Path, clock: Clock) -> Stage:
    """Write the case with its agencies, officers and items; nothing has been seized yet."""
    agencies = {
        kind: an_agency(connection, kind=kind, name=f"昆山市{kind}机关", key=f"{kind}-ks-{hash_of(folder)}")
        for kind in ("adm", "pol", "proc", "crt")
    }
    publish_roles(connection, clock.now)
    case = a_case(connection, agency_id=agencies["adm"].id, clock=clock)
    for kind, row in agencies.items():
        cases.add_participant(connection, case_id=case.id, agency_id=row.id, kind=kind, at=clock.now)
    stage = Stage(connection=connection, folder=folder, clock=clock, agencies=agencies, case=case)
    for index, (key, (name, role)) in enumerate(OFFICERS.items()):
        agency = agencies[role.partition("_")[0]]
        stage.people[key] = an_officer(connection, role=role, agency_id=agency.id, name=name, cert_no=f"F{index:04}")
    for item in ITEMS:
        owner = {"E-05": "pol", "E-07": "proc"}.get(item["code"], "adm")
        stage.put_item(owner, **item)
    return stage


def publish_roles(connection: Connection, at: datetime) -> None:
    """Publish an invented process: with it comes the register of roles, which says who acts on custody."""
    bundle = _bundle()
    bundles.publish(connection, key=bundle.hash, process=bundle.process, content=pack(bundle), at=at)


@functools.cache
def _bundle() -> Bundle:
    return read_bundle(the_files(), "ask_help")


def hash_of(folder: Path) -> str:
    return hashlib.sha256(str(folder).encode()).hexdigest()[:8]


def seize_all(stage: Stage, *, sample: bool = True) -> None:
    """What the market regulator took on 3 March; 12 boxes of E-01 went to the laboratory on the 4th."""
    stage.clock.go_to("2026-03-03T12:10")
    stage.seize("E-01", "chen", "wu", "昆市监强制〔2026〕19号", seal="KSF-26-0301..0316")
    stage.seize("E-02", "chen", "wu", "昆市监强制〔2026〕19号")
    stage.seize("E-03", "chen", "wu", "昆市监电〔2026〕5号", kind="extracted", file=H03)
    stage.seize("E-04", "chen", "wu", "昆市监电〔2026〕5号", kind="extracted", file=H04)
    stage.clock.go_to("2026-03-04T09:00")
    if sample:
        cause = stage.cause("检验及备样", SAMPLING, "wu")
        custody.sample(stage.work, stage.people["chen"], stage.case.id, "E-01", cause, quantity=12)
    stage.clock.go_to("2026-03-11T16:00")
    stage.seize("E-06", "chen", "wu", "苏药检字2026-0311", kind="obtained")


def count_h1(stage: Stage, *, orders: str = H03) -> str:
    """List and count H1: 640 boxes listed, 628 there."""
    stage.clock.go_to("2026-03-18T10:00")
    listed = {"E-01": 640, "E-02": None, "E-03": None, "E-04": None, "E-06": None}
    h1 = stage.open("chen", "pol", "昆公（食药环）接字〔2026〕44号", listed, signers=(2, 2))
    stage.count("shao", h1, "E-01", counted=628, classes=["sample_consumed"], proof=SAMPLING, seal_ok=True)
    stage.count("shao", h1, "E-02", counted=36)
    stage.count("shao", h1, "E-03", counted=1, hash_found=orders)
    stage.count("shao", h1, "E-04", counted=1, hash_found=H04)
    stage.count("shao", h1, "E-06", counted=1)
    stage.clock.go_to("2026-03-18T10:20")
    return h1


def hand_over_h1(stage: Stage) -> str:
    h1 = count_h1(stage)
    assert stage.sign(h1, "chen", "wu", "shen", "shao") == [False, False, False, True]
    return h1


def hand_over_h2(stage: Stage) -> str:
    """Police to procuratorate: the boxes stay in the police store, the telephone goes along."""
    stage.clock.go_to("2026-03-19T09:00")
    stage.seize("E-05", "shen", "gu", "昆公（食药环）扣字〔2026〕35号", seal="KSG-26-0077")
    stage.clock.go_to("2026-05-20T13:30")
    codes = ["E-01", "E-02", "E-03", "E-04", "E-05", "E-06"]
    h2 = stage.open("shao", "proc", "昆公（食药环）随移字〔2026〕63号", codes, signers=(2, 1))
    stage.count("fang", h2, "E-01", counted=0, classes=["not_moved"], proof="清单及照片 存放昆山市公安局涉案财物中心")
    stage.count("fang", h2, "E-02", counted=36)
    stage.count("fang", h2, "E-03", counted=1, hash_found=H03)
    stage.count("fang", h2, "E-04", counted=1, hash_found=H04)
    stage.count("fang", h2, "E-05", counted=1, seal_ok=True)
    stage.count("fang", h2, "E-06", counted=1)
    stage.clock.go_to("2026-05-20T14:00")
    assert stage.sign(h2, "shen", "shao", "fang") == [False, False, True]
    return h2


def hand_over_h3(stage: Stage) -> str:
    """Procuratorate to court, with the money that was paid back meanwhile."""
    stage.clock.go_to("2026-07-01T10:00")
    stage.seize("E-07", "fang", "cao", "退缴凭证（示例）1号", kind="surrendered", place="涉案款专户(示例)")
    stage.clock.go_to("2026-07-24T14:30")
    h3 = stage.open("fang", "crt", "昆检随移〔2026〕63号", ["E-02", "E-03", "E-04", "E-05", "E-06", "E-07"])
    stage.count("su", h3, "E-02", counted=36)
    stage.count("su", h3, "E-03", counted=1, hash_found=H03.upper())
    stage.count("su", h3, "E-04", counted=1, hash_found=H04)
    stage.count("su", h3, "E-05", counted=1, seal_ok=True)
    stage.count("su", h3, "E-06", counted=1)
    stage.count("su", h3, "E-07", counted=60000)
    stage.clock.go_to("2026-07-24T15:00")
    assert stage.sign(h3, "fang", "su") == [False, True]
    return h3


def play_all(stage: Stage) -> None:
    """The whole way of the items, to the destruction of the medicine."""
    seize_all(stage)
    hand_over_h1(stage)
    hand_over_h2(stage)
    hand_over_h3(stage)
    stage.clock.go_to("2026-09-16T10:00")
    cause = stage.cause("判决没收，销毁", "昆公（食药环）处物字〔2026〕17号", "chen")
    custody.dispose(stage.work, stage.people["shao"], stage.case.id, "E-01", cause, kind="destruction", quantity=628)
