"""Files of items over HTTP: uploaded in a role, linked, photographed at a hand-over, compared, exported, or refused."""

import errno
import hashlib
import io
import re
import zipfile
from types import SimpleNamespace

import pytest

from app.services import custody, custody_files, custody_handovers, custody_proof
from app.services.custody import Cause
from app.storage import audit, cases, facts, files, room
from tests.files.pictures import jpeg, png
from tests.files.tus import Client
from tests.web.test_pages import Reader

DATA = "订单号,金额\n1,99\n".encode()
HASH = hashlib.sha256(DATA).hexdigest()
PHOTO = jpeg(4032, 3024)
ITEMS = [
    {"code": "E-01", "name": "虚构胶囊", "category": "物证", "qty": 640, "unit": "盒"},
    {"code": "E-02", "name": "订单数据", "category": "电子数据", "qty": 1, "unit": "文件"},
]


@pytest.fixture
def items(house, people, case_id):
    """Give the case with two items in the custody of the asking agency; the answering one takes part."""
    asker, other = people["asker"], people["answerer"]
    with house.work() as work:
        facts.put_rows(work.connection, "items", case_id=case_id, agency_id=asker.agency_id, rows=ITEMS)
        cases.add_participant(work.connection, case_id=case_id, agency_id=other.agency_id, kind="pol", at=work.now)
        cause = Cause(why="涉嫌销售假药", document="虚扣〔2026〕1号", beside=[people["colleague"].id])
        for code, file in (("E-01", ""), ("E-02", HASH)):
            custody.seize(work, asker, case_id, code, cause, place="一号库房", file=file)
    return case_id


@pytest.fixture
def browser(app):
    def signed_in(name="asker", language="zh"):
        reader = Reader(app)
        assert reader.sign_in(name).status_code == 302
        reader.client.set_cookie("language", language)
        return reader

    return signed_in


@pytest.fixture
def handover(house, people, items):
    with house.work() as work:
        return custody_handovers.open_handover(
            work,
            people["asker"],
            items,
            to_agency=people["answerer"].agency_id,
            number="虚交1号",
            place="公安库房",
            items={"E-01": None, "E-02": None},
        )


def photos_below(house):
    return sorted(path for path in (house.config.data / "files").rglob("*") if path.is_file())


def send_photo(reader, handover, code="E-01", content=PHOTO, name="IMG_0001.jpg", **headers):
    quoted = name.replace("\\", "\\\\")
    head = f'--cut\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{reader._token}\r\n--cut\r\n'
    head += f'Content-Disposition: form-data; name="photo"; filename="{quoted}"\r\nContent-Type: image/jpeg\r\n\r\n'
    return reader.client.post(
        f"/handovers/{handover}/lines/{code}/photos",
        data=head.encode() + content + b"\r\n--cut--\r\n",
        content_type="multipart/form-data; boundary=cut",
        headers=headers,
    )


def page(reader, case_id, code):
    return reader.open(f"/cases/{case_id}/items/{code}").get_data(as_text=True)


def viewed(house, case_id):
    with house.work() as work:
        return [row.detail["file"] for row in audit.entries(work.connection, case_id) if row.action == "viewed_file"]


# The page of an item


def test_a_file_uploaded_in_a_role_stands_on_the_page_of_its_item(client, browser, items):
    content = client.upload(DATA, "订单.csv", item="E-02", role="content")
    photo = client.upload(PHOTO, "封存.jpg", item="E-02", role="photo", shows="before_seal", title="封存照片")
    shown = page(browser(), items, "E-02")
    assert f'href="/files/{content["id"]}"' in shown
    assert "与登记的校验值一致" in shown
    assert f'src="/files/{photo["id"]}/picture"' in shown
    assert all(words in shown for words in ("封存前", "封存照片", 'loading="lazy"', "登记的校验值"))
    fragment = browser().open(f"/cases/{items}/items/E-02/files/list").get_data(as_text=True)
    assert "<html" not in fragment
    assert content["id"] in fragment
    english = page(browser(language="en"), items, "E-02")
    assert all(words in english for words in ("Photographs and files", "Before sealing", "Has the registered hash"))


def test_a_photograph_is_kept_byte_for_byte_and_shown_without_being_run(client, browser, house, items):
    row = client.upload(PHOTO, "现场.jpg", item="E-01", role="photo")
    answer = browser("colleague").open(f"/files/{row['id']}/picture")
    assert answer.data == PHOTO
    assert b"GPS" in answer.data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert viewed(house, items) == [row["id"]]
    assert browser("stranger").open(f"/files/{row['id']}/picture").status_code == 404
    assert browser("answerer").open(f"/files/{row['id']}/picture").status_code == 404


def test_content_with_another_hash_is_not_stored_and_both_values_are_named(client, browser, house, items):
    other = DATA + b" "
    found = hashlib.sha256(other).hexdigest()
    place = client.announce(len(other), "订单.csv", item="E-02", role="content").headers["Location"]
    refused = client.patch(place, 0, other)
    assert refused.status_code == 422
    assert all(value in refused.get_json()["detail"] for value in ("E-02", HASH, found))
    early = client.announce(len(other), "订单.csv", item="E-02", role="content", sha256=found)
    assert (early.status_code, HASH in early.get_json()["detail"]) == (422, True)
    assert client.listed() == []
    assert photos_below(house) == []
    assert client.upload(other, "订单.csv", item="E-02", role="proof")["sha256"] == found
    assert "还没有照片" not in page(browser(), items, "E-02")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"role": "content"}, "item"),
        ({"role": "weapon", "item": "E-01"}, "role"),
        ({"role": "photo", "item": "E-01", "shows": "inside"}, "shows"),
        ({"role": "proof", "item": "E-01", "shows": "item"}, "shows"),
        ({"shows": "item", "item": "E-01"}, "role"),
        ({"role": "photo", "item": "E-99"}, "item"),
    ],
)
def test_an_upload_in_an_impossible_role_is_refused_before_it_begins(client, items, given, field):
    del items
    answer = client.announce(10, "a.jpg", **given)
    assert (answer.status_code, answer.get_json()["at"]) == (422, field)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "图.jpg"),
        (b"<!doctype html><script>alert(1)</script>", "图.png"),
        (b"MZ" + bytes(60), "图.jpg"),
        (b"%PDF-1.7 not a picture", "图.jpg"),
    ],
)
def test_what_is_no_picture_is_not_kept_as_a_photograph_but_flagged_and_kept_as_proof(
    client, browser, items, content, name
):
    place = client.announce(len(content), name, item="E-01", role="photo").headers["Location"]
    refused = client.patch(place, 0, content)
    assert (refused.status_code, refused.get_json()["at"]) == (422, "role")
    row = client.upload(content, name, item="E-01", role="proof")
    assert row["flag"]
    assert browser().open(f"/files/{row['id']}/picture").status_code == 404
    assert f"/files/{row['id']}/picture" not in page(browser(), items, "E-01")


def test_a_picture_under_another_name_is_kept_flagged_and_not_shown(client, browser, items):
    row = client.upload(png(2, 2), "封条.jpg", item="E-01", role="photo")
    shown = page(browser(), items, "E-01")
    assert "内容与文件名不符" in shown
    assert f"/files/{row['id']}/picture" not in shown
    assert browser().open(f"/files/{row['id']}/picture").status_code == 404


def test_a_picture_of_200_million_points_is_kept_and_never_shown_nor_decoded(client, browser, items):
    bomb = png(20_000, 10_000)
    assert len(bomb) < 1_000_000
    row = client.upload(bomb, "炸弹.png", item="E-01", role="photo")
    reader = browser()
    shown = page(reader, items, "E-01")
    assert row["id"] in shown
    assert f"/files/{row['id']}/picture" not in shown
    assert reader.open(f"/files/{row['id']}/picture").status_code == 404
    assert "<img" not in reader.open(f"/files/{row['id']}").get_data(as_text=True)
    saved = reader.open(f"/files/{row['id']}/content?reason=x")
    assert (saved.data, saved.headers["Content-Disposition"][:10]) == (bomb, "attachment")


def test_a_file_of_the_case_is_linked_on_the_page_and_withdrawn_with_a_reason(client, browser, items):
    row = client.upload(DATA, "订单.csv")
    reader = browser()
    assert row["id"] in page(reader, items, "E-02")
    root = f"/cases/{items}/items/E-02/files"
    answer = reader.send(root, file=row["id"], role="content", shows="item")
    assert answer.status_code == 302
    shown = page(reader, items, "E-02")
    (link_id,) = re.findall(rf'action="{root}/([^/"]+)/withdraw"', shown)
    again = reader.send(root, file=row["id"], role="content")
    assert (again.status_code, "已关联" in again.get_data(as_text=True)) == (409, True)
    empty = reader.send(f"{root}/{link_id}/withdraw", why=" ")
    assert (empty.status_code, f'id="why-{link_id}-error"' in empty.get_data(as_text=True)) == (422, True)
    assert reader.send(f"{root}/{link_id}/withdraw", why="传错了").status_code == 302
    shown = page(reader, items, "E-02")
    assert "已撤回 1 项" in shown
    assert "传错了" in shown
    assert reader.send(f"{root}/{link_id}/withdraw", why="又").status_code == 409


@pytest.mark.parametrize(
    ("values", "status", "field"),
    [
        ({"file": "", "role": "proof"}, 422, "link-file"),
        ({"role": ""}, 422, "link-role"),
        ({"role": "photo"}, 422, "link-role"),
        ({"role": "content"}, 422, "link-file"),
    ],
)
def test_a_link_that_cannot_be_is_refused_at_its_field(client, browser, items, values, status, field):
    row = client.upload(b"not the data", "a.txt")
    answer = browser().send(f"/cases/{items}/items/E-02/files", **{"file": row["id"], **values})
    assert answer.status_code == status
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


def test_nobody_links_to_items_or_files_they_may_not_see(client, browser, items):
    row = client.upload(DATA, "订单.csv")
    for name in ("stranger", "answerer"):
        reader = browser(name)
        assert reader.open(f"/cases/{items}/items/E-01/files").status_code == 404
        assert reader.open(f"/cases/{items}/items/E-01/files/list").status_code == 404
        sent = reader.send(f"/cases/{items}/items/E-01/files", file=row["id"], role="proof")
        assert sent.status_code == 404
    assert browser().send(f"/cases/{items}/items/E-01/files", file="nothing", role="proof").status_code == 404


def test_content_without_a_registered_hash_leads_to_its_registration(client, browser, house, people, items):
    with house.work() as work:
        row = {"code": "E-03", "name": "聊天记录", "category": "电子数据", "qty": 1, "unit": "文件"}
        facts.put_rows(work.connection, "items", case_id=items, agency_id=people["asker"].agency_id, rows=[row])
    client.upload(DATA, "聊天.csv", item="E-03", role="content")
    reader = browser()
    address = f"/cases/{items}/items/E-03/acts/seized?file={HASH}"
    assert f'href="{address}"' in page(reader, items, "E-03")
    assert f'value="{HASH}"' in reader.open(address).get_data(as_text=True)
    given = {
        "kind": "extracted",
        "quantity": "1",
        "unit": "文件",
        "place": "库",
        "why": "提取",
        "document": "虚提1号",
        "beside": people["colleague"].id,
    }
    assert reader.send(address.partition("?")[0], **given).status_code == 302
    sealing = f"/cases/{items}/items/E-03/acts/sealed?file={HASH}"
    assert f'href="{sealing}"' in page(reader, items, "E-03")
    assert f'value="{HASH}"' in reader.open(sealing).get_data(as_text=True)
    sealed = {"seal": "封-9", "state": "intact", "why": "封存"}
    wrong = reader.send(sealing.partition("?")[0], **sealed, file="ab" * 32)
    assert (wrong.status_code, HASH in wrong.get_data(as_text=True)) == (422, True)
    assert reader.send(sealing.partition("?")[0], **sealed, file=HASH).status_code == 302
    shown = page(reader, items, "E-03")
    assert "与登记的校验值一致" in shown
    assert "acts/sealed?file=" not in shown


# Hand-overs


def test_both_sides_photograph_a_line_and_the_file_goes_along(browser, house, people, items, handover):
    receiver, giver = browser("answerer"), browser()
    assert send_photo(receiver, handover).headers["Location"].endswith("#count-E-01")
    row = send_photo(giver, handover, content=PHOTO + b"giver", **{"HX-Request": "true"})
    assert (row.status_code, "<html" in row.get_data(as_text=True)) == (200, False)
    for name in ("asker", "answerer"):
        with house.work(read_only=True) as work:
            told = custody_files.line_photos(work, people[name], handover)
        assert [photo.agency for photo in told["E-01"]] == ["虚公", "虚局"]
        reader = browser(name)
        assert reader.open(f"/files/{told['E-01'][1].file_id}/picture").data == PHOTO + b"giver"
        assert told["E-01"][0].file_id in page(reader, items, "E-01")
    assert send_photo(browser("stranger"), handover).status_code == 404
    assert send_photo(receiver, handover, code="E-99").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"", "IMG.jpg", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "IMG.jpg", 422),
        (b"<html><script>alert(1)</script></html>", "IMG.jpg", 422),
        (b"MZ" + bytes(100), "IMG.jpg", 422),
        (bytes(100), "IMG.jpg", 422),
        (PHOTO, "../../etc/IMG.jpg", 422),
        (PHOTO, "..\\IMG.jpg", 422),
        (PHOTO, "IMG\u202egpj.exe", 422),
        (PHOTO, "IM\u200bG.jpg", 422),
        (PHOTO, "IMG\x07.jpg", 422),
        (PHOTO, "x" * 300 + ".jpg", 422),
        (PHOTO, "", 422),
        (PHOTO + bytes(20 * 1024 * 1024), "IMG.jpg", 413),
        (PHOTO + bytes(30 * 1024 * 1024), "IMG.jpg", 413),
    ],
    ids=range(14),
)
@pytest.mark.parametrize("swapped", [True, False])
def test_what_is_no_small_photograph_with_a_name_is_refused_and_nothing_stored(
    browser, house, people, handover, content, name, status, swapped
):
    receiver = browser("answerer")
    answer = send_photo(receiver, handover, content=content, name=name, **({"HX-Request": "true"} if swapped else {}))
    assert answer.status_code == status
    assert photos_below(house) == []
    with house.work(read_only=True) as work:
        assert custody_files.line_photos(work, people["answerer"], handover) == {}


def test_a_form_without_a_photograph_or_with_two_is_refused(browser, handover):
    receiver = browser("answerer")
    address = f"/handovers/{handover}/lines/E-01/photos"
    assert receiver.send(address).status_code == 422
    two = [(io.BytesIO(PHOTO), "a.jpg"), (io.BytesIO(PHOTO), "b.jpg")]
    answer = receiver.client.post(address, data={"csrf_token": receiver._token, "photo": two})
    assert answer.status_code == 422
    assert receiver.client.post(address, data={"photo": (io.BytesIO(PHOTO), "a.jpg")}).status_code == 400


def test_a_flagged_photograph_is_kept_and_not_shown(browser, house, people, handover):
    receiver = browser("answerer")
    assert send_photo(receiver, handover, content=png(2, 2), name="IMG.jpg").status_code == 302
    assert send_photo(receiver, handover, content=png(20_000, 10_000), name="IMG.png").status_code == 302
    with house.work(read_only=True) as work:
        told = custody_files.line_photos(work, people["answerer"], handover)["E-01"]
    assert [(photo.flag, photo.shown) for photo in told] == [("mismatch", False), (None, False)]
    assert {receiver.open(f"/files/{photo.file_id}/picture").status_code for photo in told} == {404}


def test_a_full_disk_is_said_and_nothing_half_stored(browser, house, people, handover, monkeypatch):
    receiver = browser("answerer")
    with monkeypatch.context() as full:
        full.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=room.RESERVE + 10))
        refused = send_photo(receiver, handover)
        assert (refused.status_code, "照片未保存" in refused.get_data(as_text=True)) == (507, True)

    def no_room(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(files.os, "fsync", no_room)
        refused = send_photo(receiver, handover, **{"HX-Request": "true"})
        assert (refused.status_code, "照片未保存" in refused.get_data(as_text=True)) == (507, True)
    assert photos_below(house) == []
    with monkeypatch.context() as full:
        full.setattr("werkzeug.wrappers.request.Request._get_file_stream", no_room)
        refused = send_photo(receiver, handover)
        assert (refused.status_code, "没有保存任何内容" in refused.get_data(as_text=True)) == (507, True)
    with house.work(read_only=True) as work:
        assert custody_files.line_photos(work, people["answerer"], handover) == {}
    assert send_photo(receiver, handover).status_code == 302


def test_the_machine_compares_and_a_rotted_byte_blocks_the_signature(client, browser, house, handover):
    receiver = browser("answerer")
    address = f"/handovers/{handover}/lines/E-02/compare"
    nothing = receiver.send(address)
    assert (nothing.status_code, "没有关联电子数据内容" in nothing.get_data(as_text=True)) == (422, True)
    client.upload(DATA, "订单.csv", item="E-02", role="content")
    receiver.send(f"/handovers/{handover}/lines/E-01", counted="640")
    receiver.send(f"/handovers/{handover}/lines/E-02", counted="1", remark="光盘一张")
    assert browser().send(address).status_code == 403
    assert receiver.send(address).headers["Location"].endswith("#count-E-02")
    shown = receiver.open(f"/handovers/{handover}").get_data(as_text=True)
    assert HASH in shown
    assert "光盘一张" in shown

    path = house.config.data / "files" / HASH[:2] / HASH[2:]
    rotten = b"X" + DATA[1:]
    path.write_bytes(rotten)
    found = hashlib.sha256(rotten).hexdigest()
    row = receiver.client.post(address, data={"csrf_token": receiver._token}, headers={"HX-Request": "true"})
    assert (row.status_code, f"清单 {HASH}，实际 {found}" in row.get_data(as_text=True)) == (200, True)
    refused = receiver.send(f"/handovers/{handover}/sign")
    assert (refused.status_code, f"清单 {HASH}，实际 {found}" in refused.get_data(as_text=True)) == (422, True)
    path.unlink()
    gone = receiver.send(address)
    assert (gone.status_code, "已不在存储中" in gone.get_data(as_text=True)) == (422, True)
    house.files.put(DATA)
    assert receiver.send(address).status_code == 302
    assert receiver.send(f"/handovers/{handover}/sign").status_code == 302
    assert receiver.send(address).status_code == 409
    assert send_photo(receiver, handover).status_code == 409


# Export


def test_the_page_exports_trails_with_files_that_prove_themselves(client, browser, house, items, tmp_path):
    client.upload(DATA, "订单.csv", item="E-02", role="content")
    client.upload(PHOTO, "封存.jpg", item="E-01", role="photo", shows="after_seal")
    reader = browser()
    assert reader.open(f"/cases/{items}/custody.zip").status_code == 422
    answer = reader.open(f"/cases/{items}/custody.zip?reason=%E5%BC%80%E5%BA%AD")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.content_length == len(answer.data)
    place = tmp_path / "evidence.zip"
    place.write_bytes(answer.data)
    assert custody_proof.verify_export(place) == []
    with zipfile.ZipFile(place) as archive:
        assert len(archive.namelist()) == 4
        assert archive.read(f"files/{HASH}") == DATA
    with house.work() as work:
        told = [row.detail for row in audit.entries(work.connection, items) if row.action == "downloaded_file"]
    assert [row["reason"] for row in told] == ["开庭", "开庭"]
    assert browser("stranger").open(f"/cases/{items}/custody.zip?reason=x").status_code == 404


def test_a_colleague_uploads_by_the_api_in_a_role(app, items):
    row = Client(app, "colleague", items).upload(PHOTO, "a.jpg", item="E-01", role="photo")
    assert row["item_code"] == "E-01"
