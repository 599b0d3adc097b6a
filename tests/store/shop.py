"""A police store in the worked case (fictional): its custodian, a head, an investigator, and what it keeps."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.services import custody, publishing, store_places
from app.services.library import Library
from app.services.store_loans import Terms
from app.services.work import Work
from app.storage import store_shelf
from app.storage.files import LocalFiles
from app.storage.parts import Parts
from app.storage.store_shelf import Wanted
from tests.builders import an_officer
from tests.clock import Clock
from tests.custody.kunshan import Stage, a_stage
from tests.services.asking import the_files

LIBRARY = Library()
"""Editions by their hash: every test publishes the same content."""

GOODS: list[dict[str, Any]] = [
    {"code": "P-01", "name": "手机", "category": "物证", "qty": 3, "unit": "部"},
    {"code": "P-02", "name": "冷冻牛肉", "category": "易腐物品", "qty": "12.5", "unit": "kg"},
    {"code": "P-03", "name": "烟花", "category": "危险物品", "qty": 40, "unit": "箱"},
    {"code": "P-04", "name": "账册", "category": "书证", "qty": 2, "unit": "本"},
]


@dataclass(kw_only=True)
class Shop(Stage):
    """The stage with places: `shao` keeps the store, `lu` is a head, `shen` and `gu` investigate."""

    places: dict[str, str] = field(default_factory=dict)

    @property
    def work(self) -> Work:
        return Work(
            connection=self.connection,
            now=self.clock.now,
            library=LIBRARY,
            files=LocalFiles(self.folder / "files"),
            parts=Parts(self.folder / "files" / "parts"),
        )

    def make(self, code: str, name: str, *, kind: str = "ordinary", parent: str = "", by: str = "shao") -> str:
        made = store_places.make_place(
            self.work,
            self.people[by],
            code=code,
            name=name,
            kind=kind,
            parent_id=self.places[parent] if parent else None,
        )
        self.places[code] = made
        return made

    def item(self, code: str, *, by: str = "shao") -> str:
        rows = store_shelf.kept(self.connection, self.people[by].agency_id, Wanted())
        return next(row.item_id for row in rows if row.code == code)

    def row(self, code: str, *, by: str = "shao") -> Any:
        rows = store_shelf.kept(self.connection, self.people[by].agency_id, Wanted())
        return next(row for row in rows if row.code == code)

    def entries(self, code: str, *, by: str = "shao") -> list[dict[str, Any]]:
        return custody.trail(self.work, self.people[by], self.case.id, code)[1]

    def terms(self, **values: Any) -> Terms:
        given: dict[str, Any] = {
            "purpose": "appraisal",
            "approver": self.people["lu"].id,
            "borrower": self.people["shen"].id,
            "due": self.clock.now.date(),
            "why": "送检",
            "document": "昆公调〔2026〕1号",
            "condition": "包装完好",
            **values,
        }
        return Terms(**given)


def a_shop(connection: Connection, folder: Path, clock: Clock) -> Shop:
    """Open the store: four items of the police in room A, whose rack A-1 is empty; a cold room and a closed one."""
    stage = a_stage(connection, folder, clock)
    shop = Shop(
        connection=connection,
        folder=folder,
        clock=clock,
        people=stage.people,
        agencies=stage.agencies,
        case=stage.case,
    )
    publishing.publish_all(shop.work, the_files())
    shop.people["lu"] = an_officer(
        connection, role="pol_unit_head", agency_id=shop.agencies["pol"].id, name="陆某", cert_no="F0099"
    )
    shop.people["wen"] = an_officer(
        connection, role="adm_custodian", agency_id=shop.agencies["adm"].id, name="闻某", cert_no="F0098"
    )
    shop.make("A", "一号库")
    shop.make("A-1", "1架", parent="A")
    shop.make("C", "冷库", kind="cold")
    shop.make("X", "旧库")
    store_places.close_place(shop.work, shop.people["shao"], shop.places["X"])
    clock.go_to("2026-03-19T09:00")
    for goods in GOODS:
        shop.put_item("pol", **goods)
        seal = {"seal": "封-1"} if goods["code"] == "P-01" else {}
        shop.seize(goods["code"], "shen", "gu", "昆公扣字〔2026〕35号", place="一号库", **seal)
    return shop
