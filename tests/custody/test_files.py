"""Files of items on both databases: linked, withdrawn, handed over, photographed, compared; who sees them."""

import hashlib
import os
from typing import Any

import pytest
from sqlalchemy import delete, event, update
from sqlalchemy.exc import DBAPIError

from app.domain.content_types import Found
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.item_files import ContentDiffers, NoPicture
from app.services import custody, custody_files, custody_handovers
from app.services.files import files_of_case, see_file
from app.services.item_file_travel import files_of_items
from app.storage import audit, cases, item_files, uploads
from app.storage.database import new_id
from app.storage.digests import Digest
from tests.custody.kunshan import CHAT, H03, H04, ORDERS, Stage, count_h1, hand_over_h1, hand_over_h2, seize_all

PICTURE = b"\xff\xd8\xff\xe0" + bytes(60)
JPEG = Found(media_type="image/jpeg", flag=None)


def put_file(stage: Stage, by: str, content: bytes, name: str = "文件.bin", **values: Any) -> str:
    """Store content and make it material of the case, as an upload does."""
    work, officer = stage.work, stage.people[by]
    digest = work.files.put_pieces([content])
    file_id = new_id()
    given = {
        "title": name,
        "name": name,
        "original_name": name,
        "declared_type": "application/octet-stream",
        "found_type": "text/plain",
        "flag": None,
        "item_code": None,
        **values,
    }
    uploads.add_file(
        work.connection,
        id=file_id,
        case_id=stage.case.id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        sha256=digest.sha256,
        sm3=digest.sm3,
        size=digest.size,
        uploaded_at=work.now,
        **given,
    )
    return file_id


def link(stage: Stage, by: str, code: str, file_id: str, role: str = "content", **more: Any) -> str:
    return custody_files.link_file(stage.work, stage.people[by], stage.case.id, code, file_id, role=role, **more)


def put_photo(stage: Stage, by: str, code: str, content: bytes = PICTURE, **more: Any) -> tuple[str, str]:
    """Bring a photograph and link it; give the ids of file and link."""
    file_id = put_file(stage, by, content, "照片.jpg", found_type="image/jpeg", width=40, height=30)
    return file_id, link(stage, by, code, file_id, "photo", **more)


def withdraw(stage: Stage, by: str, code: str, link_id: str, why: str = "传错了物品") -> None:
    custody_files.withdraw_link(stage.work, stage.people[by], stage.case.id, code, link_id, why=why)


def take_photo(stage: Stage, by: str, handover: str, code: str, content: bytes = PICTURE) -> str:
    digest = stage.work.files.put_pieces([content])
    return custody_files.add_photo(
        stage.work,
        stage.people[by],
        handover,
        code,
        name="IMG_1.jpg",
        original_name="IMG_1.jpg",
        declared_type="image/jpeg",
        digest=digest,
        found=JPEG,
        points=(4032, 3024),
    )


def seen_by(stage: Stage, name: str) -> set[str]:
    return {row.id for row in files_of_case(stage.work, stage.people[name], stage.case.id)}


def shown(stage: Stage, name: str, code: str) -> list[tuple[str, str, bool | None]]:
    seen = custody_files.see_item_files(stage.work, stage.people[name], stage.case.id, code)
    return [(one.file.id, one.link.role, one.agrees) for one in seen.linked if one.link.why is None]


def acts(stage: Stage, action: str) -> list[dict[str, Any]]:
    return [row.detail for row in audit.entries(stage.connection, stage.case.id) if row.action == action]


# Links


def test_content_with_the_registered_hash_is_linked_and_another_is_refused_with_both_values(stage: Stage) -> None:
    seize_all(stage)
    good, wrong = put_file(stage, "chen", ORDERS), put_file(stage, "chen", b"other")
    with pytest.raises(ContentDiffers) as refused:
        link(stage, "chen", "E-03", wrong)
    other = hashlib.sha256(b"other").hexdigest()
    assert all(value in words for words in (refused.value.zh, refused.value.en) for value in ("E-03", H03, other))
    assert shown(stage, "chen", "E-03") == []
    link(stage, "chen", "E-03", good)
    assert shown(stage, "chen", "E-03") == [(good, "content", True)]
    assert acts(stage, "linked_file")[-1]["sha256"] == H03


@pytest.mark.parametrize("named", ["SHA-256", "sha256", "SM3", "sm3", "SHA-1", "SHA1", "MD5", "md5", "SHA-512", ""])
def test_the_algorithm_of_the_row_is_the_one_compared(stage: Stage, named: str) -> None:
    plain = named.lower().replace("-", "") or "md5"
    right = hashlib.new(plain, ORDERS, usedforsecurity=False).hexdigest()
    stage.put_item("adm", code="X-1", name="数据", category="电子数据", qty=1, unit="文件", hash=right, hash_alg=named)
    good, wrong = put_file(stage, "chen", ORDERS), put_file(stage, "chen", ORDERS + b" ")
    with pytest.raises(ContentDiffers) as refused:
        link(stage, "chen", "X-1", wrong)
    found = hashlib.new(plain, ORDERS + b" ", usedforsecurity=False).hexdigest()
    assert right in refused.value.zh
    assert found in refused.value.en
    assert link(stage, "chen", "X-1", good)


@pytest.mark.parametrize(
    ("value", "named", "at"), [("abc", "MD5", "hash"), ("ab" * 32, "CRC32", "hash_alg"), ("ab", "", "hash_alg")]
)
def test_a_registered_value_nobody_can_compare_is_said_and_the_page_still_opens(
    stage: Stage, value: str, named: str, at: str
) -> None:
    stage.put_item("adm", code="X-1", name="数据", category="电子数据", qty=1, unit="文件", hash=value, hash_alg=named)
    with pytest.raises(Invalid) as refused:
        link(stage, "chen", "X-1", put_file(stage, "chen", ORDERS))
    assert refused.value.at == at
    assert shown(stage, "chen", "X-1") == []


def test_content_without_a_registered_hash_fixes_what_can_be_registered(stage: Stage) -> None:
    link(stage, "chen", "E-03", put_file(stage, "chen", ORDERS))
    with pytest.raises(ContentDiffers):
        link(stage, "chen", "E-03", put_file(stage, "chen", b"other"))
    with pytest.raises(Invalid) as refused:
        stage.seize("E-03", "chen", "wu", "昆市监电〔2026〕5号", kind="extracted", file=H04)
    assert (refused.value.at, H03 in refused.value.zh, H04 in refused.value.zh) == ("file", True, True)
    stage.seize("E-03", "chen", "wu", "昆市监电〔2026〕5号", kind="extracted", file=H03)
    assert stage.ledger("E-03", by="chen").file == H03


def test_a_hash_is_registered_with_the_seal_and_never_changed(stage: Stage) -> None:
    stage.seize("E-03", "chen", "wu", "昆市监电〔2026〕5号", kind="extracted")
    link(stage, "chen", "E-03", put_file(stage, "chen", ORDERS))
    given = (stage.work, stage.people["chen"], stage.case.id, "E-03", stage.cause("封存"))
    with pytest.raises(Invalid, match=H04):
        custody.seal(*given, number="封-1", file=H04)
    custody.seal(*given, number="封-1", file=H03.upper())
    assert stage.ledger("E-03", by="chen").file == H03
    with pytest.raises(Invalid) as refused:
        custody.seal(*given, number="封-2", file="ab" * 32)
    assert refused.value.at == "file"
    custody.seal(*given, number="封-2")
    assert stage.ledger("E-03", by="chen").file == H03


@pytest.mark.parametrize(
    ("role", "shows", "at"),
    [("", "", "role"), ("weapon", "", "role"), ("proof", "item", "shows"), ("photo", "inside", "shows")],
)
def test_a_role_that_does_not_exist_is_refused(stage: Stage, role: str, shows: str, at: str) -> None:
    file_id = put_file(stage, "chen", PICTURE, found_type="image/jpeg")
    with pytest.raises(Invalid) as refused:
        link(stage, "chen", "E-01", file_id, role, shows=shows)
    assert refused.value.at == at


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/pdf", "video/mp4"])
def test_what_is_no_picture_is_no_photograph(stage: Stage, kind: str) -> None:
    file_id = put_file(stage, "chen", b"<svg>", "图.jpg", found_type=kind, flag="active")
    with pytest.raises(NoPicture):
        link(stage, "chen", "E-01", file_id, "photo")
    link(stage, "chen", "E-01", file_id, "proof")


def test_a_link_is_made_once_and_withdrawn_with_a_reason_and_kept(stage: Stage) -> None:
    file_id, first = put_photo(stage, "chen", "E-01", shows="before_seal")
    with pytest.raises(Conflict):
        link(stage, "chen", "E-01", file_id, "photo", shows="before_seal")
    assert link(stage, "chen", "E-01", file_id, "photo", shows="after_seal")
    with pytest.raises(Invalid) as refused:
        withdraw(stage, "chen", "E-01", first, why=" ")
    assert refused.value.at == "why"
    with pytest.raises(NotFound):
        withdraw(stage, "chen", "E-02", first)
    withdraw(stage, "chen", "E-01", first)
    with pytest.raises(Conflict):
        withdraw(stage, "chen", "E-01", first)
    seen = custody_files.see_item_files(stage.work, stage.people["chen"], stage.case.id, "E-01")
    assert [(one.link.why, one.link.shows) for one in seen.linked] == [
        ("传错了物品", "before_seal"),
        (None, "after_seal"),
    ]
    assert acts(stage, "unlinked_file")[-1]["why"] == "传错了物品"
    assert link(stage, "chen", "E-01", file_id, "photo", shows="before_seal") != first


@pytest.mark.parametrize("table", [item_files.item_file, item_files.item_file_withdrawal], ids=lambda table: table.name)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_keeps_links_and_withdrawals(stage: Stage, table: Any, verb: str) -> None:
    _, one = put_photo(stage, "chen", "E-01")
    withdraw(stage, "chen", "E-01", one)
    statement = update(table).values(officer_id="x") if verb == "update" else delete(table)
    with pytest.raises(DBAPIError, match="append-only"), stage.connection.begin_nested():
        stage.connection.execute(statement)


def test_nobody_links_what_they_may_not_see(stage: Stage) -> None:
    seize_all(stage)
    mine = put_file(stage, "chen", ORDERS)
    hand_over_h1(stage)
    with pytest.raises(NotFound):  # handed over is the item, not a file that was not linked to it
        link(stage, "shen", "E-03", mine)
    with pytest.raises(NotFound):
        link(stage, "fang", "E-03", put_file(stage, "fang", ORDERS))
    with pytest.raises(NotFound):
        link(stage, "chen", "E-99", mine)
    other = cases.open_case(
        stage.connection,
        number="虚构案〔2026〕别号",
        name="别的案件",
        charge="",
        area_code="320583",
        opened_at=stage.clock.now,
        opened_by=stage.agencies["adm"].id,
    )
    cases.add_participant(
        stage.connection, case_id=other, agency_id=stage.agencies["adm"].id, kind="adm", at=stage.clock.now
    )
    with pytest.raises(NotFound):
        custody_files.link_file(stage.work, stage.people["chen"], other, "E-03", mine, role="proof")


# Disclosure


def test_the_files_of_listed_items_go_with_the_hand_over_and_nothing_else(stage: Stage) -> None:
    seize_all(stage)
    content = put_file(stage, "chen", ORDERS)
    link(stage, "chen", "E-03", content)
    photo, _ = put_photo(stage, "chen", "E-01")
    proof = put_file(stage, "chen", b"decision")
    link(stage, "chen", "E-01", proof, "proof")
    backup = put_file(stage, "chen", CHAT)
    link(stage, "chen", "E-04", backup, "copy")
    elsewhere, _ = put_photo(stage, "chen", "E-02", b"\xff\xd8\xff\xe0other")
    loose = put_file(stage, "chen", b"notes of the officer")
    wrong, link_id = put_photo(stage, "chen", "E-01", b"\xff\xd8\xff\xe0wrong")
    withdraw(stage, "chen", "E-01", link_id)
    assert seen_by(stage, "shen") == set()

    stage.clock.go_to("2026-03-18T10:00")
    h1 = stage.open("chen", "pol", "接字1号", ["E-01", "E-03", "E-04"])
    assert seen_by(stage, "shen") == {content, photo, proof}
    for hidden in (backup, elsewhere, loose, wrong):
        with pytest.raises(NotFound):
            see_file(stage.work, stage.people["shen"], hidden)
    assert seen_by(stage, "fang") == set()

    custody_handovers.cancel_handover(stage.work, stage.people["chen"], h1, why="清单有误")
    assert seen_by(stage, "shen") == set()


def test_what_is_linked_or_withdrawn_while_counting_follows_and_what_was_signed_for_stays(stage: Stage) -> None:
    seize_all(stage)
    early, early_link = put_photo(stage, "chen", "E-01")
    h1 = count_h1(stage)
    late, late_link = put_photo(stage, "chen", "E-01", b"\xff\xd8\xff\xe0late")
    assert seen_by(stage, "shen") == {early, late}
    withdraw(stage, "chen", "E-01", late_link)
    assert seen_by(stage, "shen") == {early}
    stage.sign(h1, "chen")
    for refused in (lambda: withdraw(stage, "chen", "E-01", early_link), lambda: put_photo(stage, "chen", "E-01")):
        with pytest.raises(Conflict):
            refused()
    stage.sign(h1, "wu", "shen", "shao")
    after, _ = put_photo(stage, "chen", "E-01", b"\xff\xd8\xff\xe0after")
    withdraw(stage, "chen", "E-01", early_link)
    assert seen_by(stage, "shen") == {early}
    assert after not in seen_by(stage, "shen")


def test_files_go_on_only_through_who_may_see_them(stage: Stage) -> None:
    seize_all(stage)
    with_h1, _ = put_photo(stage, "chen", "E-01")
    hand_over_h1(stage)
    kept_back, _ = put_photo(stage, "chen", "E-01", b"\xff\xd8\xff\xe0kept")
    own, own_link = put_photo(stage, "shen", "E-01", b"\xff\xd8\xff\xe0police")
    assert seen_by(stage, "chen") == {with_h1, kept_back}
    with pytest.raises(NotFound):
        withdraw(stage, "chen", "E-01", own_link)
    hand_over_h2(stage)
    assert seen_by(stage, "fang") == {with_h1, own}
    given = item_files.links_of_item(
        stage.connection,
        custody.hold(stage.work, stage.people["fang"], stage.case.id, ["E-01"], lock=False)["E-01"].row.id,
    )
    with pytest.raises(Forbidden):
        withdraw(stage, "fang", "E-01", given[0].id)


def test_an_agency_that_no_longer_takes_part_sees_nothing(stage: Stage) -> None:
    seize_all(stage)
    photo, _ = put_photo(stage, "chen", "E-01")
    h1 = count_h1(stage)
    assert seen_by(stage, "shao") == {photo}
    stage.connection.execute(delete(cases.participant).where(cases.participant.c.agency_id == stage.agencies["pol"].id))
    for asked in (
        lambda: seen_by(stage, "shao"),
        lambda: see_file(stage.work, stage.people["shao"], photo),
        lambda: custody_files.line_photos(stage.work, stage.people["shao"], h1),
        lambda: take_photo(stage, "shao", h1, "E-01"),
        lambda: shown(stage, "shao", "E-01"),
    ):
        with pytest.raises(NotFound):
            asked()


def test_a_transfer_takes_along_the_files_of_the_items_it_discloses(stage: Stage) -> None:
    seize_all(stage)
    photo, _ = put_photo(stage, "chen", "E-01")
    _, gone = put_photo(stage, "chen", "E-02", b"\xff\xd8\xff\xe0gone")
    withdraw(stage, "chen", "E-02", gone)
    backup = put_file(stage, "chen", b"backup")
    link(stage, "chen", "E-01", backup, "copy")
    given = {"case_id": stage.case.id, "codes": ["E-01", "E-02"]}
    assert files_of_items(stage.work, agency_id=stage.people["chen"].agency_id, **given) == [photo]
    assert files_of_items(stage.work, agency_id=stage.people["shen"].agency_id, **given) == []


# Photographs of lines


def test_both_sides_photograph_an_open_line_and_both_see_it(stage: Stage) -> None:
    seize_all(stage)
    h1 = count_h1(stage)
    first = take_photo(stage, "shao", h1, "E-01")
    assert take_photo(stage, "shao", h1, "E-01") == first
    take_photo(stage, "chen", h1, "E-01", b"\xff\xd8\xff\xe0two")
    take_photo(stage, "shao", h1, "E-02")
    for name in ("chen", "gu"):
        told = custody_files.line_photos(stage.work, stage.people[name], h1)
        assert {code: [photo.officer for photo in photos] for code, photos in told.items()} == {
            "E-01": ["邵静", "陈国栋"],
            "E-02": ["邵静"],
        }
        assert all(photo.shown for photo in told["E-01"])
    assert len(shown(stage, "chen", "E-01")) == 2
    with pytest.raises(NotFound):
        custody_files.line_photos(stage.work, stage.people["fang"], h1)
    with pytest.raises(NotFound):
        take_photo(stage, "fang", h1, "E-01")
    with pytest.raises(NotFound):
        take_photo(stage, "shao", h1, "E-05")
    stage.sign(h1, "chen")
    with pytest.raises(Conflict):
        take_photo(stage, "shao", h1, "E-01", b"\xff\xd8\xff\xe0late")


def test_a_line_takes_no_flood_of_photographs(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seize_all(stage)
    h1 = count_h1(stage)
    monkeypatch.setattr(custody_files, "MOST_PHOTOS", 2)
    for number in range(2):
        take_photo(stage, "shao", h1, "E-01", PICTURE + bytes([number]))
    with pytest.raises(Conflict):
        take_photo(stage, "shao", h1, "E-01", PICTURE + b"3")


def test_the_photographs_of_any_number_of_lines_are_read_in_as_many_statements(stage: Stage) -> None:
    seize_all(stage)
    h1 = count_h1(stage)

    def statements() -> int:
        told: list[str] = []

        def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            told.append(statement)

        event.listen(stage.connection, "before_cursor_execute", count)
        custody_files.line_photos(stage.work, stage.people["shao"], h1)
        event.remove(stage.connection, "before_cursor_execute", count)
        return len(told)

    take_photo(stage, "shao", h1, "E-01")
    few = statements()
    for code in ("E-01", "E-02", "E-03", "E-04", "E-06"):
        for name in ("shao", "chen", "wu", "shen"):
            take_photo(stage, name, h1, code, PICTURE + code.encode() + name.encode())
    assert statements() == few == 4


# The machine compares


def compare(stage: Stage, by: str, handover: str, code: str) -> Any:
    row = custody_files.content_of_line(stage.work, stage.people[by], handover, code)
    found = custody_files.found_sha256(stage.work.files, row, code)
    return custody_files.compare_line(stage.work, stage.people[by], handover, code, found=found)


def test_v4_a_byte_that_rotted_in_the_store_blocks_the_signature_and_names_both_hashes(stage: Stage) -> None:
    seize_all(stage)
    link(stage, "chen", "E-03", put_file(stage, "chen", ORDERS))
    stage.work.files.check(H03)
    h1 = count_h1(stage)
    line = compare(stage, "shao", h1, "E-03")
    assert (line.hash_found, line.classes, line.counted) == (H03, (), 1)
    told = acts(stage, "handover")[-1]
    assert (told["act"], told["machine"], told["found"]) == ("compared", True, H03)

    rotten = bytes([ORDERS[0] ^ 1]) + ORDERS[1:]
    path = stage.folder / "files" / H03[:2] / H03[2:]
    state = path.stat()
    path.write_bytes(rotten)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # the disk says nothing changed: the bytes alone tell
    line = compare(stage, "shao", h1, "E-03")
    found = hashlib.sha256(rotten).hexdigest()
    assert (line.hash_found, line.classes, line.counted) == (found, ("hash_mismatch",), 1)
    with pytest.raises(Invalid) as refused:
        stage.sign(h1, "shao")
    assert all(part in words for words in (refused.value.zh, refused.value.en) for part in ("E-03", H03, found))
    path.unlink()
    with pytest.raises(Invalid, match="E-03"):
        compare(stage, "shao", h1, "E-03")
    stage.work.files.put(ORDERS)
    assert compare(stage, "shao", h1, "E-03").classes == ()
    assert stage.sign(h1, "chen", "wu", "shen", "shao")[-1] is True


def test_a_line_is_compared_before_it_is_counted_and_keeps_what_was_counted(stage: Stage) -> None:
    seize_all(stage)
    link(stage, "chen", "E-03", put_file(stage, "chen", ORDERS))
    stage.clock.go_to("2026-03-18T10:00")
    h1 = stage.open("chen", "pol", "接字1号", ["E-02", "E-03", "E-04"])
    line = compare(stage, "shao", h1, "E-03")
    assert (line.hash_found, line.counted) == (H03, None)
    with pytest.raises(Forbidden):
        compare(stage, "chen", h1, "E-03")
    with pytest.raises(Invalid) as refused:
        compare(stage, "shao", h1, "E-04")
    assert refused.value.at == "hash_found"
    with pytest.raises(NotFound):
        compare(stage, "fang", h1, "E-03")
    with pytest.raises(Invalid):
        custody_files.compare_line(stage.work, stage.people["shao"], h1, "E-02", found=H03)
    stage.count("shao", h1, "E-03", counted=0, classes=["not_moved"], proof="清单及照片")
    with pytest.raises(Invalid, match="abab"):
        custody_files.compare_line(stage.work, stage.people["shao"], h1, "E-03", found="ab" * 32)


def test_comparing_reads_in_pieces(stage: Stage) -> None:
    seize_all(stage)
    file_id = put_file(stage, "chen", ORDERS)
    sizes: list[int] = []

    class Long:
        def read(self, _key: str) -> Any:
            for _ in range(100):
                piece = bytes(1024)
                sizes.append(len(piece))
                yield piece

    row = see_file(stage.work, stage.people["chen"], file_id)
    digest = Digest()
    digest.update(bytes(102400))
    assert custody_files.found_sha256(Long(), row, "E-03") == digest.sha256
    assert len(sizes) == 100
