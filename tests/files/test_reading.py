"""Who may read a file, in which pieces, and that it is written down."""

import hashlib

import pytest

from app.services.demo import PASSWORD
from app.storage import audit, cases, facts
from tests.files.tus import Client

DATA = bytes(range(256)) * 40
TEXT = "询问笔录".encode()


def acts(house, case_id):
    with house.work() as work:
        return [
            (row.action, row.agency_id, row.detail.get("reason"))
            for row in audit.entries(work.connection, case_id)
            if row.action.endswith("_file")
        ]


def joined(house, case_id, officer):
    with house.work() as work:
        cases.add_participant(
            work.connection, case_id=case_id, agency_id=officer.agency_id, kind=officer.kind, at=work.now
        )


def page_of(app, name):
    page = app.test_client()
    token = page.get("/sign-in").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    page.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf_token": token})
    return page


def test_a_foreign_agency_sees_nothing(client, app, house):
    row = client.upload(TEXT)
    place = client.announce(10).headers["Location"]
    stranger = Client(app, "stranger", client.case_id)
    for path in (f"/files/{row['id']}", f"/files/{row['id']}/content?reason=x", f"/cases/{client.case_id}/files"):
        assert stranger.get(path).status_code == 404
    assert stranger.announce(10).status_code == 404
    assert stranger.head(place).status_code == 404
    assert stranger.patch(place, 0, b"x").status_code == 404
    assert stranger.delete(place).status_code == 404
    assert acts(house, client.case_id) == [("uploaded_file", row["agency_id"], None)]


def test_an_upload_is_its_officers_own(client, app):
    place = client.announce(10).headers["Location"]
    colleague = Client(app, "colleague", client.case_id)
    assert colleague.head(place).status_code == 404
    assert colleague.patch(place, 0, b"x").status_code == 404
    assert colleague.delete(place).status_code == 404


def test_a_colleague_sees_a_file_and_another_agency_of_the_case_only_when_it_is_shown_to_it(client, app, house, people):
    row = client.upload(TEXT)
    colleague, other = (Client(app, name, client.case_id) for name in ("colleague", "answerer"))
    joined(house, client.case_id, people["answerer"])
    assert [found["id"] for found in colleague.listed()] == [row["id"]]
    assert other.listed() == []
    assert other.get(f"/files/{row['id']}").status_code == 404
    assert other.get(f"/files/{row['id']}/content?reason=x").status_code == 404
    with house.work() as work:
        facts.disclose(
            work.connection,
            case_id=client.case_id,
            agency_id=people["answerer"].agency_id,
            kind="file",
            references=[row["id"]],
            transfer_id=None,
            at=work.now,
        )
    assert [found["id"] for found in other.listed()] == [row["id"]]
    assert other.get(f"/files/{row['id']}/content?reason=x").data == TEXT


def test_nobody_reads_without_a_token(client):
    row = client.upload(TEXT)
    for path in (f"/files/{row['id']}", f"/files/{row['id']}/content?reason=x", "/uploads"):
        assert client.http.get(f"/api/v1{path}").status_code in (401, 405)
    assert client.http.post("/api/v1/uploads").status_code == 401


def test_the_same_content_is_stored_once_for_two_references(client, app, house, people):
    joined(house, client.case_id, people["answerer"])
    mine = client.upload(TEXT)
    theirs = Client(app, "answerer", client.case_id).upload(TEXT, "另一份.txt")
    assert mine["sha256"] == theirs["sha256"]
    assert mine["id"] != theirs["id"]
    assert [row["name"] for row in client.listed()] == ["笔录.txt"]
    stored = [path for path in (house.config.data / "files").rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert stored[0].stat().st_nlink == 1


def test_a_download_needs_a_reason_and_is_noted_with_it(client, house, people):
    row = client.upload(TEXT)
    agency_id = people["asker"].agency_id
    for reason in ("", "   ", "a%E2%80%8B", "x" * 201):
        told = client.get(f"/files/{row['id']}/content?reason={reason}")
        assert (told.status_code, told.get_json()["at"]) == (422, "reason")
    assert client.get(f"/files/{row['id']}/content?reason=%E9%98%85%E5%8D%B7").data == TEXT
    assert acts(house, client.case_id) == [
        ("uploaded_file", agency_id, None),
        ("downloaded_file", agency_id, "阅卷"),
    ]


def test_a_page_shows_a_file_and_notes_the_view(client, app, house):
    row = client.upload(b"\x89PNG\r\n\x1a\n" + bytes(16), "现场.png", title="现场照片")
    page = page_of(app, "colleague")
    shown = page.get(f"/files/{row['id']}").get_data(as_text=True)
    assert "现场照片" in shown
    source = shown.split('<img src="')[1].split('"')[0]
    content = page.get(source)
    assert (content.status_code, content.mimetype) == (200, "image/png")
    assert content.headers["Content-Disposition"].startswith("inline;")
    assert acts(house, client.case_id)[-1][0] == "viewed_file"
    assert len(acts(house, client.case_id)) == 2
    # The address is good for this officer alone, and a made-up one for nobody.
    assert page_of(app, "asker").get(source).status_code == 422
    assert page.get(f"/files/{row['id']}/content?view=x").status_code == 422
    assert page.get(f"/files/{row['id']}/content").status_code == 422


def test_a_text_is_shown_to_its_first_part_and_escaped(client, app):
    row = client.upload(b"1 < 2 & 3\n" + b"x" * 70_000 + b"the end", "a.txt")
    shown = page_of(app, "asker").get(f"/files/{row['id']}").get_data(as_text=True)
    assert "1 &lt; 2 &amp; 3" in shown
    assert "the end" not in shown


def test_a_flagged_file_has_no_preview(client, app, house):
    row = client.upload(b"MZ" + bytes(60), "合同.pdf")
    shown = page_of(app, "asker").get(f"/files/{row['id']}").get_data(as_text=True)
    assert "可执行程序" in shown
    assert "view=" not in shown
    assert [action for action, _, _ in acts(house, client.case_id)] == ["uploaded_file"]


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-0", 206, DATA[:1]),
        ("bytes=10-19", 206, DATA[10:20]),
        ("bytes=10000-", 206, DATA[10000:]),
        ("bytes=-5", 206, DATA[-5:]),
        ("bytes=5-999999", 206, DATA[5:]),
        ("bytes=999999-", 416, None),
        ("bytes=5-3", 416, None),
        ("bytes=0-1,5-6", 416, None),
        ("bytes=" + ",".join("0-9" for _ in range(1000)), 416, None),
        ("bytes=x", 416, None),
    ],
)
def test_ranges(client, asked, status, expected):
    row = client.upload(DATA, "a.bin")
    told = client.get(f"/files/{row['id']}/content?reason=x", Range=asked)
    assert told.status_code == status
    if expected is None:
        assert told.headers["Content-Range"] == f"bytes */{len(DATA)}"
    else:
        assert told.data == expected
        assert told.headers["Content-Range"].endswith(f"/{len(DATA)}")
        assert told.content_length == len(expected)


def test_a_range_of_a_file_that_has_changed_is_the_whole_file(client):
    row = client.upload(DATA, "a.bin")
    path = f"/files/{row['id']}/content?reason=x"
    assert client.get(path, Range="bytes=0-9", **{"If-Range": '"other"'}).data == DATA
    assert client.get(path, Range="bytes=0-9", **{"If-Range": f'"{row["sha256"]}"'}).data == DATA[:10]


@pytest.mark.parametrize("damage", [b"x", b""])
def test_a_damaged_file_is_not_served_and_mended_when_it_comes_again(client, house, damage):
    row = client.upload(DATA, "a.bin")
    path = house.config.data / "files" / row["sha256"][:2] / row["sha256"][2:]
    path.write_bytes(damage + DATA[1:])
    address = f"/files/{row['id']}/content?reason=x"
    assert client.get(address).status_code == 404
    path.unlink()
    assert client.get(address).status_code == 404
    path.write_bytes(damage + DATA[1:])
    client.upload(DATA, "b.bin")
    assert hashlib.sha256(client.get(address).data).hexdigest() == row["sha256"]
