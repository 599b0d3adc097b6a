"""A hand-over that a process runs, on its pages: each side ends its step, and only its turn lets it sign."""

import re

import pytest
import yaml

from app.catalogue.bundles import collect_files
from app.main import create_app
from app.services import cases, demo, publishing
from app.services.work import officer_value
from app.storage import agencies, officers, transfers
from app.wiring import House, plain_renderer
from tests.end_to_end.server import FIXTURE
from tests.houses import ROOT, a_config
from tests.web.test_pages import Reader


@pytest.fixture
def house(tmp_path):
    built = House(a_config(tmp_path), renderer=plain_renderer())
    built.migrate()
    with built.work() as work:
        demo.put_people(work, yaml.safe_load(FIXTURE.read_text(encoding="utf-8")))
        publishing.publish_all(work, collect_files(ROOT))
    yield built
    built.close()


@pytest.fixture
def case_id(house):
    with house.work() as work:
        fixture = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
        chen = officer_value(work, officers.officer_by(work.connection, username="chen_guodong"))
        partners = {"pol": "pol", "proc": "proc"}
        new = cases.open_case(work, chen, process="case_transfer", name="虚构案", charge="", partners=partners)
        demo.put_custody(work, new, fixture, {"by": "chen_guodong", "beside": ["wu_min"], "items": ["E-02", "E-06"]})
        return new


@pytest.fixture
def reader(house):
    app = create_app(house)

    def signed_in(name):
        reader = Reader(app)
        assert reader.sign_in(name).status_code == 302
        return reader

    return signed_in


def signs(page):
    """Tell whether the button under which the reader signs can be pressed."""
    (form,) = re.findall(r'/sign">.*?</form>', page, re.DOTALL)
    return "disabled" not in form


def test_each_side_ends_its_step_and_signs_in_its_turn(house, case_id, reader):
    chen, shao = reader("chen_guodong"), reader("shao_jing")
    with house.work(read_only=True) as work:
        police = agencies.agency_by_key(work.connection, "pol").id
    listed = {
        "to_agency": police,
        "place": "管理中心",
        "item": ["E-02", "E-06"],
        "listed-E-02": "36",
        "listed-E-06": "1",
    }
    answer = chen.send(f"/cases/{case_id}/handovers", **listed)
    handover = answer.headers["Location"]
    house.settle()

    def told(one):
        return one.open(handover).get_data(as_text=True)

    assert re.search("交接单 昆市监移物字〔20\\d\\d〕1号", told(chen))  # no number was given
    shao.open(handover)
    shao.send(f"{handover}/lines/E-02", counted="35", classes="count_error", proof="虚证1号")
    assert "清点完毕，提交" not in told(shao)
    assert shao.send(f"{handover}/finish", step="count").status_code == 422
    shao.send(f"{handover}/lines/E-06", equal="1")
    assert "清点完毕，提交" in told(shao)
    assert not signs(told(shao))
    assert "流程还没有走到本方签名" in told(shao)
    assert shao.send(f"{handover}/finish", step="nothing").status_code == 422
    assert shao.send(f"{handover}/finish", step="count").status_code == 302

    assert "说明完毕，提交" in told(chen)
    assert shao.send(f"{handover}/sign").status_code == 409
    assert chen.send(f"{handover}/finish", step="explain").status_code == 302
    assert shao.send(f"{handover}/finish", step="count").status_code == 302
    house.settle()
    assert not signs(told(chen))
    assert signs(told(shao))
    assert shao.send(f"{handover}/sign").status_code == 302
    house.settle()
    assert signs(told(chen))
    assert chen.send(f"{handover}/sign").status_code == 302
    assert "双方已签" in told(shao)
    history = chen.open(f"/cases/{case_id}").get_data(as_text=True)
    assert "列移交清单" in history
    assert not re.search(r">\s*handover\b", history)
    with house.work(read_only=True) as work:
        unsigned = {
            row.message
            for agency in ("adm", "pol")
            for row in transfers.arriving(
                work.connection, agencies.agency_by_key(work.connection, agency).id, unsigned_only=True
            )
        }
    # What a task answers is signed for by that task; only the last signature has none.
    assert unsigned == {"Message_giver_signed"}
