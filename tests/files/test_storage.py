"""The tables of files and uploads, on both dialects."""

from datetime import timedelta

from app.storage import facts, uploads
from app.storage.database import new_id
from tests.builders import a_case, an_agency, an_officer

HUGE = 8 * 1024**3


def announced(connection, clock):
    officer = an_officer(connection)
    case = a_case(connection, agency_id=officer.agency_id)
    upload_id = new_id()
    common = {"case_id": case.id, "agency_id": officer.agency_id, "officer_id": officer.id}
    names = {"title": "录像", "name": "a.mp4", "original_name": "a.mp4", "declared_type": "video/mp4"}
    uploads.begin_upload(
        connection,
        id=upload_id,
        declared_sha256=None,
        item_code=None,
        metadata="",
        length=HUGE,
        started_at=clock.now,
        expires_at=clock.now,
        **common,
        **names,
    )
    return upload_id, {**common, **names}


def test_an_upload_advances_from_where_it_stands_until_it_is_over(connection, clock):
    upload_id, values = announced(connection, clock)
    later = clock.now + timedelta(days=7)
    assert uploads.arriving_count(connection, values["officer_id"]) == 1
    assert uploads.advance_upload(connection, upload_id, since=0, offset=HUGE - 1, expires_at=later)
    assert not uploads.advance_upload(connection, upload_id, since=0, offset=5, expires_at=later)
    row = uploads.get_upload(connection, upload_id)
    assert (row.offset, row.length, row.expires_at) == (HUGE - 1, HUGE, later)
    assert uploads.close_upload(connection, upload_id, state=uploads.STORED)
    assert not uploads.close_upload(connection, upload_id, state=uploads.ENDED)
    assert not uploads.advance_upload(connection, upload_id, since=HUGE - 1, offset=HUGE, expires_at=later)
    assert uploads.arriving_count(connection, values["officer_id"]) == 0


def test_a_file_is_seen_by_who_brought_it_and_who_was_shown_it(connection, clock):
    file_id, values = announced(connection, clock)
    other = an_agency(connection, kind="pol").id
    found = {"sha256": "ab" * 32, "sm3": None, "size": HUGE, "found_type": "video/mp4", "flag": None}
    uploads.add_file(connection, id=file_id, item_code="E-1", uploaded_at=clock.now, **found, **values)
    seen = {"case_id": values["case_id"], "agency_id": other}
    assert [row.size for row in uploads.files_seen(connection, **{**seen, "agency_id": values["agency_id"]})] == [HUGE]
    assert uploads.files_seen(connection, **seen) == []
    facts.disclose(connection, kind="file", references=[file_id], transfer_id=None, at=clock.now, **seen)
    assert [row.id for row in uploads.files_seen(connection, **seen)] == [file_id]
    assert [row.id for row in uploads.files_seen(connection, **seen, file_id=file_id)] == [file_id]
    assert uploads.files_seen(connection, **seen, file_id=new_id()) == []
    assert uploads.get_file(connection, file_id).item_code == "E-1"
