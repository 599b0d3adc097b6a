"""A house that runs one invented process of two agencies: the clerks ask, the others answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue.bundles import collect_files
from app.services import publishing
from app.services.work import officer_value
from app.storage import officers
from app.wiring import House, plain_renderer
from tests.builders import an_agency, an_officer
from tests.houses import ROOT, a_config

DIAGRAM = (Path(__file__).parent / "ask_help.bpmn").read_bytes()
ASK = """{"type": "default", "schemaVersion": 19, "components": [
  {"type": "textfield", "id": "Field_question", "key": "question", "label": "问题", "validate": {"required": true}},
  {"type": "number", "id": "Field_amount", "key": "amount", "label": "金额", "validate": {"min": 0}}]}"""
ANSWER = """{"type": "default", "schemaVersion": 19, "components": [
  {"type": "textfield", "id": "Field_question", "key": "question", "label": "问题", "readonly": true},
  {"type": "select", "id": "Field_answer", "key": "answer", "label": "答复", "validate": {"required": true},
   "values": [{"label": "同意", "value": "yes"}, {"label": "再问", "value": "again"}]}]}"""
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


def the_files() -> dict[str, bytes]:
    """Give the content: the shared part of the real one, and the invented process."""
    shared = {path: content for path, content in collect_files(ROOT).items() if "/_shared/" in path}
    return shared | {
        "bpmn/ask_help/ask_help.bpmn": DIAGRAM,
        "forms/ask_help/ask.form": ASK.encode(),
        "forms/ask_help/answer.form": ANSWER.encode(),
        "documents/ask_help/ask_letter.html": LETTER.encode(),
    }


@pytest.fixture
def house(tmp_path: Path, migrated_url: str) -> Iterator[House]:
    built = House(a_config(tmp_path, database_url=migrated_url), renderer=plain_renderer())
    with built.work() as work:
        publishing.publish_all(work, the_files())
    yield built
    built.close()


@pytest.fixture
def people(house: House):
    """Give officers by name: two who may ask, one who answers, and a stranger from an agency that is not in it."""
    with house.work() as work:
        adm = an_agency(work.connection, kind="adm", key="adm", name="虚构局", short="虚局")
        pol = an_agency(work.connection, kind="pol", key="pol", name="虚构公安局", short="虚公")
        other = an_agency(work.connection, kind="adm", key="other", name="别处局", short="别局", area_code="110000")
        rows = {
            "asker": an_officer(work.connection, role="adm_officer", agency_id=adm.id, username="asker", name="甲"),
            "colleague": an_officer(
                work.connection, role="adm_officer", agency_id=adm.id, username="colleague", name="乙"
            ),
            "answerer": an_officer(
                work.connection, role="pol_intake", agency_id=pol.id, username="answerer", name="丙"
            ),
            "stranger": an_officer(
                work.connection, role="adm_officer", agency_id=other.id, username="stranger", name="丁"
            ),
        }
        return {name: officer_value(work, officers.get_officer(work.connection, row.id)) for name, row in rows.items()}
