"""tus 1.0.0: offsets, resumption, termination, checksums, versions."""

import base64
import hashlib
import io
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from app.services import demo, uploads
from tests.files.tus import TUS, Client, encoded

TEXT = "询问笔录：虚构的内容。\n".encode() * 40


def kept(house):
    """The content in the store, and the parts that wait, by name."""
    folder = house.config.data / "files"
    every = [path for path in folder.rglob("*") if path.is_file()]
    parts = [path for path in every if path.parent.name == "parts"]
    return [path for path in every if path not in parts], parts


def test_a_file_in_pieces_is_whole_and_hashed(client, house):
    row = client.upload(TEXT, title="询问笔录")
    assert (row["sha256"], row["size"]) == (hashlib.sha256(TEXT).hexdigest(), len(TEXT))
    assert row["sm3"] == hashlib.new("sm3", TEXT).hexdigest()
    assert (row["title"], row["name"], row["found_type"], row["flag"]) == ("询问笔录", "笔录.txt", "text/plain", None)
    assert house.files.get(row["sha256"]) == TEXT
    assert [entry["id"] for entry in client.listed()] == [row["id"]]
    assert [len(found) for found in kept(house)] == [1, 0]


def test_a_server_says_what_it_can_do_to_anyone(client):
    told = client.http.options("/api/v1/uploads")
    assert told.status_code == 204
    assert told.headers["Tus-Version"] == "1.0.0"
    assert told.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert told.headers["Tus-Max-Size"] == str(8 * 1024**3)
    assert "sha1" in told.headers["Tus-Checksum-Algorithm"]


def test_an_upload_is_created_and_tells_how_far_it_is(client):
    made = client.announce(len(TEXT), title="甲")
    assert made.status_code == 201
    place = made.headers["Location"]
    client.patch(place, 0, TEXT[:100])
    told = client.head(place)
    assert told.status_code == 200
    assert (told.headers["Upload-Offset"], told.headers["Upload-Length"]) == ("100", str(len(TEXT)))
    assert told.headers["Upload-Metadata"] == encoded({"case": client.case_id, "filename": "笔录.txt", "title": "甲"})
    assert told.headers["Cache-Control"] == "no-store"
    assert parsedate_to_datetime(told.headers["Upload-Expires"])


@pytest.mark.parametrize("offset", [0, 99, 101, len(TEXT)])
def test_a_piece_elsewhere_than_where_the_upload_stands_is_refused(client, offset):
    place = client.announce(len(TEXT)).headers["Location"]
    client.patch(place, 0, TEXT[:100])
    refused = client.patch(place, offset, b"x")
    assert refused.status_code == 409
    assert "100" in refused.get_json()["detail"]
    assert client.head(place).headers["Upload-Offset"] == "100"


@pytest.mark.parametrize("offset", ["-1", "", "1.5", "一", "9" * 30])
def test_an_offset_that_is_no_number_is_refused(client, offset):
    place = client.announce(len(TEXT)).headers["Location"]
    assert client.patch(place, offset, TEXT).status_code == 422


def test_an_upload_goes_on_after_a_restart_and_behind_what_a_crash_left(client, house):
    place = client.announce(len(TEXT)).headers["Location"]
    client.patch(place, 0, TEXT[:100])
    house.parts._digests.clear()
    (part,) = kept(house)[1]
    with part.open("ab") as file:
        file.write(b"half a piece that was never noted")
    assert client.patch(place, 100, TEXT[100:]).status_code == 204
    assert client.listed()[0]["sha256"] == hashlib.sha256(TEXT).hexdigest()


def test_a_crash_between_storing_and_noting_loses_and_spoils_nothing(client, house, monkeypatch):
    place = client.announce(len(TEXT)).headers["Location"]
    client.patch(place, 0, TEXT[:100])

    def crash(*_):
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(uploads, "finish_upload", crash)
        assert client.patch(place, 100, TEXT[100:]).status_code == 500
    assert client.head(place).headers["Upload-Offset"] == "100"
    assert client.patch(place, 100, b"x" * (len(TEXT) - 100)).status_code == 204  # the client changed its mind
    assert client.listed()[0]["sha256"] == hashlib.sha256(TEXT[:100] + b"x" * (len(TEXT) - 100)).hexdigest()
    assert house.files.get(hashlib.sha256(TEXT).hexdigest()) == TEXT


def test_more_than_was_announced_is_refused(client):
    place = client.announce(10).headers["Location"]
    assert client.patch(place, 0, b"12345678901").status_code == 413
    assert client.head(place).headers["Upload-Offset"] == "0"


def test_a_piece_beyond_the_limit_is_refused(client, monkeypatch):
    monkeypatch.setattr("app.web.uploads.LARGEST_PIECE", 100)
    place = client.announce(len(TEXT)).headers["Location"]
    refused = client.patch(place, 0, TEXT)
    assert refused.status_code == 413
    assert refused.mimetype == "application/problem+json"


def test_a_piece_larger_than_any_form_is_taken(client):
    big = bytes(3 * 1024 * 1024)
    assert client.upload(big, "大.bin")["size"] == len(big)


def test_the_last_piece_again_changes_nothing(client):
    place = client.announce(len(TEXT)).headers["Location"]
    client.patch(place, 0, TEXT)
    assert client.patch(place, len(TEXT), b"").status_code == 204
    assert client.patch(place, 0, TEXT).status_code == 409
    assert client.head(place).headers["Upload-Offset"] == str(len(TEXT))
    assert len(client.listed()) == 1


def test_an_upload_is_given_up(client, house):
    place = client.announce(len(TEXT)).headers["Location"]
    client.patch(place, 0, TEXT[:100])
    assert client.delete(place).status_code == 204
    assert client.head(place).status_code == 404
    assert client.patch(place, 100, TEXT[100:]).status_code == 404
    assert client.delete(place).status_code == 404
    assert kept(house) == ([], [])


def test_a_stored_file_is_not_given_up(client):
    row = client.upload(TEXT)
    assert client.delete(f"/api/v1/uploads/{row['id']}").status_code == 409
    assert len(client.listed()) == 1


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_piece_is_checked_on_arrival(client, algorithm):
    place = client.announce(len(TEXT)).headers["Location"]
    right = base64.b64encode(hashlib.new(algorithm, TEXT[:100]).digest()).decode()
    damaged = client.patch(place, 0, b"x" + TEXT[1:100], **{"Upload-Checksum": f"{algorithm} {right}"})
    assert damaged.status_code == 460
    assert client.head(place).headers["Upload-Offset"] == "0"
    assert client.patch(place, 0, TEXT[:100], **{"Upload-Checksum": f"{algorithm} {right}"}).status_code == 204
    assert client.patch(place, 100, TEXT[100:]).status_code == 204
    assert client.listed()[0]["sha256"] == hashlib.sha256(TEXT).hexdigest()


@pytest.mark.parametrize("given", ["crc32 AAAA", "sha1 ***", "sha1"])
def test_a_checksum_that_cannot_be_read_is_refused(client, given):
    place = client.announce(len(TEXT)).headers["Location"]
    assert client.patch(place, 0, TEXT, **{"Upload-Checksum": given}).status_code in (422, 460)
    assert client.head(place).headers["Upload-Offset"] == "0"


def test_another_version_is_refused(client):
    place = client.announce(len(TEXT)).headers["Location"]
    for given in ("0.2.2", ""):
        refused = client.patch(place, 0, TEXT, **{"Tus-Resumable": given})
        assert refused.status_code == 412
        assert refused.headers["Tus-Version"] == "1.0.0"
    assert client.http.post("/api/v1/uploads", headers=client.headers).status_code == 412


def test_a_piece_of_another_kind_is_refused(client):
    place = client.announce(len(TEXT)).headers["Location"]
    refused = client.http.patch(
        place, data=TEXT, headers={**TUS, **client.headers, "Upload-Offset": "0"}, content_type="text/plain"
    )
    assert refused.status_code == 415


def test_a_proxy_that_knows_no_patch_is_no_hindrance(client):
    place = client.announce(len(TEXT)).headers["Location"]
    headers = {**TUS, **client.headers, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    sent = client.http.post(place, data=TEXT, headers=headers, content_type="application/offset+octet-stream")
    assert sent.status_code == 204
    assert len(client.listed()) == 1
    assert client.http.post(place, headers={**TUS, **client.headers}).status_code == 422


def test_a_second_writer_is_turned_away(client, house):
    place = client.announce(len(TEXT)).headers["Location"]
    with house.parts.hold(place.rpartition("/")[2]):
        assert client.patch(place, 0, TEXT).status_code == 409
    assert client.patch(place, 0, TEXT).status_code == 204


def test_an_upload_nobody_goes_on_with_is_swept_away(client, house):
    place = client.announce(len(TEXT)).headers["Location"]
    client.patch(place, 0, TEXT[:100])
    with house.work() as work:
        now = work.now
    house.move_clock(now + uploads.KEPT - timedelta(hours=1))
    assert client.head(place).headers["Upload-Offset"] == "100"
    house.move_clock(now + uploads.KEPT + timedelta(hours=1))
    assert client.head(place).status_code == 404
    assert kept(house) == ([], [])


def test_the_sweep_waits_again_after_each_piece(client, house):
    place = client.announce(len(TEXT)).headers["Location"]
    with house.work() as work:
        now = work.now
    house.move_clock(now + timedelta(days=5))
    client.patch(place, 0, TEXT[:100])
    house.move_clock(now + timedelta(days=10))
    assert client.patch(place, 100, TEXT[100:]).status_code == 204
    house.move_clock(now + timedelta(days=60))
    assert len(client.listed()) == 1


def test_too_many_unfinished_files_are_refused(client, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_ARRIVING", 2)
    places = [client.announce(10).headers["Location"] for _ in range(2)]
    assert client.announce(10).status_code == 429
    client.delete(places[0])
    assert client.announce(10).status_code == 201


def test_pages_need_the_token_against_forgery(app, case_id):
    page = app.test_client()
    form = page.get("/sign-in").get_data(as_text=True)
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    page.post("/sign-in", data={"name": "asker", "password": demo.PASSWORD, "csrf_token": token})
    told = {**TUS, "Upload-Length": "3", "Upload-Metadata": encoded({"case": case_id, "filename": "a.txt"})}
    assert page.post("/uploads", headers=told).status_code == 400
    token = page.get("/tasks").get_data(as_text=True).split('name="csrf-token" content="')[1].split('"')[0]
    made = page.post("/uploads", headers={**told, "X-CSRFToken": token})
    assert made.status_code == 201
    place = made.headers["Location"]
    sent = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert page.patch(place, data=b"abc", headers=sent).status_code == 400
    assert page.patch(place, data=b"abc", headers={**sent, "X-CSRFToken": token}).status_code == 204
    assert "a.txt" in page.get(f"/cases/{case_id}").get_data(as_text=True)
    assert Client(app, "asker", case_id).listed()[0]["size"] == 3


def test_what_arrived_before_the_line_broke_is_kept(client):
    place = client.announce(len(TEXT)).headers["Location"]
    sent = {**TUS, **client.headers, "Upload-Offset": "0", "Content-Length": "100"}
    client.http.patch(
        place, input_stream=io.BytesIO(TEXT[:60]), headers=sent, content_type="application/offset+octet-stream"
    )
    assert client.head(place).headers["Upload-Offset"] == "60"
    assert client.patch(place, 60, TEXT[60:]).status_code == 204
    assert client.listed()[0]["sha256"] == hashlib.sha256(TEXT).hexdigest()
