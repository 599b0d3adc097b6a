"""A transfer whose documents speak of items takes the files of those items along, as they were when it was sent."""

import pytest

from app.services import custody_files
from app.services.files import files_of_case
from app.storage import facts, uploads
from app.storage.database import new_id
from tests.custody.test_files import PICTURE
from tests.services.asking import LETTER, a_house, put_people, the_files
from tests.web.calling import finish_documents, opened, the_task

SPEAKING = LETTER.replace("status: design", "uses: [items]\nstatus: design")


def put_photo(work, officer, case_id, code, content):
    digest = work.files.put_pieces([content])
    file_id = new_id()
    uploads.add_file(
        work.connection,
        id=file_id,
        case_id=case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        title=code,
        name="a.jpg",
        original_name="a.jpg",
        sha256=digest.sha256,
        sm3=digest.sm3,
        size=digest.size,
        declared_type="image/jpeg",
        found_type="image/jpeg",
        flag=None,
        item_code=None,
        uploaded_at=work.now,
    )
    return file_id, custody_files.link_file(work, officer, case_id, code, file_id, role="photo")


@pytest.mark.parametrize("speaks", [True, False])
def test_files_of_items_travel_with_documents_that_speak_of_items(tmp_path, databases, speaks):
    files = the_files()
    if speaks:
        files["documents/ask_help/ask_letter.html"] = SPEAKING.encode()
    house = a_house(tmp_path, databases.migrated("sqlite"), files=files)
    try:
        people = put_people(house)
        asker, answerer = people["asker"], people["answerer"]
        case_id = opened(house, asker)
        with house.work() as work:
            rows = [{"code": f"E-0{n}", "name": "虚构", "category": "物证", "qty": 1, "unit": "件"} for n in (1, 2)]
            facts.put_rows(work.connection, "items", case_id=case_id, agency_id=asker.agency_id, rows=rows)
            shown, _ = put_photo(work, asker, case_id, "E-01", PICTURE)
            _, wrong = put_photo(work, asker, case_id, "E-02", PICTURE + b"wrong")
            custody_files.withdraw_link(work, asker, case_id, "E-02", wrong, why="传错了")
        finish_documents(house, asker, the_task(house, case_id))
        with house.work() as work:
            put_photo(work, asker, case_id, "E-02", PICTURE + b"afterwards")
        with house.work(read_only=True) as work:
            found = [row.id for row in files_of_case(work, answerer, case_id)]
        assert found == ([shown] if speaks else [])
    finally:
        house.close()
