"""What is refused before a byte arrives: names, hashes, sizes, items; each with its field named."""

import pytest

from app.domain.errors import Invalid
from app.domain.file_names import check_file_name
from app.storage import facts
from tests.files.tus import TUS

HASH = "ab" * 32


def refused(response):
    assert response.status_code == 422, response.get_json()
    return response.get_json()["at"]


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "a/b.pdf", "C:\\x.pdf", "c:x.pdf", "..\\b", "/abs"),
        *("a\r\nb.txt", "a\tb.txt", "a\x00.pdf", "a\x7f.pdf", "a\x85.pdf"),
        *("cod\u202efdp.exe", "a\u2066b.pdf", "a\u200f.pdf", "a\u061c.pdf"),
        *("a\u200b.pdf", "\ufeffa.pdf", "a\u200d.pdf", "a\u00ad.pdf", "a\u2060.pdf", "a\u2028.pdf", "a\u3164.pdf"),
        *("", "   ", ".", "..", "...", " . ", "x" * 201),
    ],
)
def test_a_name_that_is_no_name_is_refused(name):
    with pytest.raises(Invalid) as raised:
        check_file_name(name)
    assert raised.value.at == "filename"


@pytest.mark.parametrize("name", ["../a.pdf", "cod\u202efdp.exe", ""])
def test_nothing_is_stored_under_such_a_name(client, house, name):
    assert refused(client.announce(10, name)) == "filename"
    assert not (house.config.data / "files").exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("起诉意见书.pdf", "起诉意见书.pdf"),
        ("“虚构”（一）.pdf", "“虚构”（一）.pdf"),
        ('a"b;c.pdf', 'a"b;c.pdf'),
        ("CON.pdf", "_CON.pdf"),
        ("lpt1", "_lpt1"),
        ("console.pdf", "console.pdf"),
        ("a.pdf. ", "a.pdf"),
        (".bashrc", ".bashrc"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("𠮷田.txt", "𠮷田.txt"),
    ],
)
def test_a_name_is_shown_harmless(name, shown):
    assert check_file_name(name) == shown


def test_a_name_is_kept_as_it_was(client):
    row = client.upload(b"text", "CON.txt.")
    assert (row["name"], row["original_name"]) == ("_CON.txt", "CON.txt.")


def test_a_refusal_names_the_character():
    with pytest.raises(Invalid, match=r"U\+202E"):
        check_file_name("cod\u202efdp.exe")


@pytest.mark.parametrize("given", ["ab", HASH[:-1], HASH + "a", "g" * 64, "中" * 64])
def test_a_hash_of_the_wrong_length_is_refused(client, given):
    assert refused(client.announce(10, sha256=given)) == "sha256"


@pytest.mark.parametrize(
    ("metadata", "at"),
    [
        ({"title": "a\u202eb"}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"filetype": "<script>"}, "filetype"),
        ({"item": "E-1"}, "item"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_else_is_wrong_names_its_field(client, metadata, at):
    assert refused(client.announce(10, **metadata)) == at


def test_an_empty_file_is_refused(client):
    assert refused(client.announce(0)) == "file"


@pytest.mark.parametrize("length", ["", "-1", "1.5", "many", "9" * 30])
def test_a_length_that_is_no_number_is_refused(client, length):
    assert refused(client.announce(length)) == "Upload-Length"


def test_a_file_that_is_too_large_is_refused(client):
    told = client.announce(8 * 1024**3 + 1)
    assert told.status_code == 413
    assert str(8 * 1024**3) in told.get_json()["detail"]
    assert client.announce(8 * 1024**3).status_code in (201, 507)  # room for it is another matter


@pytest.mark.parametrize(
    ("header", "at"), [("filename ***", "filename"), ("filename /w==", "filename"), ("case YQ==,case YQ==", "case")]
)
def test_metadata_that_cannot_be_read_is_refused(client, header, at):
    headers = {**client.headers, **TUS, "Upload-Length": "5", "Upload-Metadata": header}
    assert refused(client.http.post("/api/v1/uploads", headers=headers)) == at


def test_metadata_without_end_is_refused(client):
    headers = {**client.headers, **TUS, "Upload-Length": "5", "Upload-Metadata": "filename " + "A" * 10_000}
    assert refused(client.http.post("/api/v1/uploads", headers=headers)) == "Upload-Metadata"


def test_a_file_belongs_to_an_item_of_its_case(client, house, people):
    with house.work() as work:
        rows = [{"code": "E-1", "name": "虚构物品"}]
        agency_id = people["asker"].agency_id
        facts.put_rows(work.connection, "items", case_id=client.case_id, agency_id=agency_id, rows=rows)
    assert client.upload(b"text", item="E-1")["item_code"] == "E-1"
    assert refused(client.announce(10, item="E-2")) == "item"


def test_a_case_may_be_named_by_the_address(client):
    headers = {**client.headers, **TUS, "Upload-Length": "4", "Upload-Metadata": "filename YS50eHQ="}
    made = client.http.post(f"/api/v1/cases/{client.case_id}/files", headers=headers)
    assert made.status_code == 201
    client.patch(made.headers["Location"], 0, b"text")
    assert client.listed()[0]["name"] == "a.txt"


def test_a_hash_that_is_entered_is_compared(client, house):
    right = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"  # of "text"
    assert client.upload(b"text", sha256=f" {right.upper()} ")["sha256"] == right
    place = client.announce(4, sha256=HASH).headers["Location"]
    client.patch(place, 0, b"te")
    told = client.patch(place, 2, b"st")
    assert refused(told) == "sha256"
    assert HASH in told.get_json()["detail"]
    assert "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" in told.get_json()["detail"]
    assert len(client.listed()) == 1
    assert client.head(place).status_code == 404
    stored = [path for path in (house.config.data / "files").rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [right[2:]]
