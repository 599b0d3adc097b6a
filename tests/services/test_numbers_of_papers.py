"""Numbers that name what a paper belongs to: the case number of a court, or another paper."""

from pathlib import Path

import pytest

from app.services import cases
from app.storage import documents
from tests.engine.drawing import END, START, path, script, service, user
from tests.services.asking import a_house, lone, put_people, the_files

PAPER = '---\ntitle: 文书\nissuer: adm\nlayout: letter\nnumber: "NUMBER"\n---\n<p>虚构</p>\n'


def numbered(*, knows: str) -> bytes:
    """Draw a process that issues a first paper, knows `knows` by it, and issues two that belong to it."""
    return lone(
        "numbered",
        START,
        service("Service_first", document="'first_paper'", result="first"),
        script("Script_number", knows),
        service("Service_second", document="'second_paper'", result="second"),
        service("Service_third", document="'second_paper'", result="third"),
        user("Task_see"),
        END,
        path("Start_1", "Service_first", "Script_number", "Service_second", "Service_third", "Task_see", "End_1"),
    )


def numbers(folder: Path, url: str, *, knows: str, pattern: str) -> list[list[str]]:
    files = the_files(numbered=numbered(knows=knows)) | {
        "documents/numbered/first_paper.html": PAPER.replace("NUMBER", "{short}初〔{year}〕{serial}号").encode(),
        "documents/numbered/second_paper.html": PAPER.replace("NUMBER", pattern).encode(),
    }
    house = a_house(folder, url, files=files)
    asker = put_people(house)["asker"]
    found = []
    for _ in range(2):
        with house.work() as work:
            case_id = cases.open_case(work, asker, process="numbered", name="虚构案", charge="")
        house.work_all()
        with house.work(read_only=True) as work:
            rows = documents.issued_in_case(work.connection, case_id)
            found.append([str(row.number) for row in rows if row.code == "second_paper"])
    house.close()
    return found


def test_papers_of_a_court_carry_its_case_number(tmp_path: Path, migrated_url: str):
    given = numbers(tmp_path, migrated_url, knows="case_number = first.number", pattern="{case_number}")
    assert [len(set(one)) for one in given] == [1, 1]
    assert given[0][0].endswith("1号")
    assert given[1][0].endswith("2号")


def test_serials_run_within_the_paper_they_belong_to(tmp_path: Path, migrated_url: str):
    given = numbers(tmp_path, migrated_url, knows="parent = first.serial", pattern="送达回证-{parent}-{serial}")
    assert given == [["送达回证-1-1", "送达回证-1-2"], ["送达回证-2-1", "送达回证-2-2"]]


@pytest.mark.parametrize("pattern", ["{case_number}", "送达回证-{parent}-{serial}"])
def test_a_paper_that_lacks_the_number_it_belongs_to_is_not_issued(tmp_path: Path, migrated_url: str, pattern: str):
    assert numbers(tmp_path, migrated_url, knows="other = first.number", pattern=pattern) == [[], []]
