"""An export with files proves itself: what is missing, changed, renamed or too many is named, and nothing else is."""

import errno
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from app.cli import main
from app.domain.custody_manifest import FOLDER, MANIFEST_NAME, TRAIL_NAME, manifest_hash
from app.domain.errors import Conflict, Invalid, NoRoom, NotFound
from app.services import custody_export
from app.services.custody_bundle import lay_out, pack, write_archive
from app.services.custody_proof import verify, verify_export
from app.storage import audit
from app.storage.archive import Archive, Member, in_memory
from app.wiring import House, plain_renderer
from tests.clock import Clock
from tests.custody.kunshan import H03, ORDERS, Stage, a_stage, hand_over_h1, seize_all
from tests.custody.mutations import BUNDLE_WAYS, FORGED, bit_flipped, mutate_bundle, write_bundle
from tests.custody.random_trails import random_bundle
from tests.custody.test_files import link, put_file, put_photo, take_photo, withdraw
from tests.houses import a_config

ROUNDS = 60


@pytest.fixture
def kept(stage: Stage) -> Stage:
    """Give the case after H1, with electronic data, photographs and a withdrawn link."""
    seize_all(stage)
    link(stage, "chen", "E-03", put_file(stage, "chen", ORDERS, "订单.csv"))
    put_photo(stage, "chen", "E-01", shows="before_seal")
    _, wrong = put_photo(stage, "chen", "E-02", b"\xff\xd8\xff\xe0wrong")
    withdraw(stage, "chen", "E-02", wrong)
    put_file(stage, "chen", b"loose")
    hand_over_h1(stage)
    put_photo(stage, "shao", "E-01", b"\xff\xd8\xff\xe0police")
    return stage


@pytest.fixture
def bundle(kept: Stage, tmp_path: Path) -> Path:
    plan = custody_export.plan_case(kept.work, kept.case.number)
    place = tmp_path / "evidence"
    lay_out(pack(kept.work.files, plan), place)
    return place


def told(place: Path, **more: str) -> list[tuple[str, str]]:
    return [(finding.item, finding.at) for finding in verify_export(place, **more)]


def photo_of(place: Path, item: str) -> str:
    rows = json.loads((place / MANIFEST_NAME).read_bytes())["files"]
    return next(
        f"{FOLDER}{row['sha256']}"
        for row in rows
        if any((one["item"], one["role"]) == (item, "photo") for one in row["links"])
    )


def test_an_export_holds_trail_manifest_and_the_files_of_items_and_is_intact(bundle: Path) -> None:
    manifest = json.loads((bundle / MANIFEST_NAME).read_bytes())
    assert {one["role"] for row in manifest["files"] for one in row["links"]} == {"content", "photo"}
    assert len(list((bundle / FOLDER).iterdir())) == len(manifest["files"]) == 3
    assert (bundle / FOLDER / H03).read_bytes() == ORDERS
    assert len(manifest["absent"]) == 1
    trail = (bundle / TRAIL_NAME).read_bytes()
    assert told(bundle, expected=manifest["sha256"]) == []
    assert told(bundle, expected=json.loads(trail)["sha256"]) == []
    assert told(bundle, expected="0" * 64) != []
    assert verify(trail) == []
    assert verify(trail, bundle) == []
    assert verify(trail, bundle, expected=manifest["sha256"]) == []


def test_what_is_missing_changed_renamed_or_too_many_is_named(bundle: Path) -> None:
    content, photo = bundle / FOLDER / H03, bundle / photo_of(bundle, "E-01")
    content.write_bytes(ORDERS + b" ")
    photo.rename(bundle / FOLDER / "IMG_1.jpg")
    (bundle / "note.txt").write_text("?")
    findings = {finding.at: finding for finding in verify_export(bundle)}
    assert set(findings) == {f"{FOLDER}{H03}", f"{FOLDER}{photo.name}", "note.txt"}
    changed, renamed = findings[f"{FOLDER}{H03}"], findings[f"{FOLDER}{photo.name}"]
    assert changed.item == "E-03"
    assert "订单.csv" in changed.zh
    assert H03 in changed.en
    assert "IMG_1.jpg" in renamed.en
    content.unlink()
    missing = next(finding for finding in verify_export(bundle) if finding.item == "E-03")
    assert "missing" in missing.en


def test_an_archive_is_an_ordinary_zip_and_proves_its_last_byte(bundle: Path, kept: Stage, tmp_path: Path) -> None:
    place = tmp_path / "evidence.zip"
    plan = custody_export.plan_case(kept.work, kept.case.number)
    archive = pack(kept.work.files, plan)
    write_archive(archive, place)
    assert place.stat().st_size == archive.size
    assert told(place) == []
    with zipfile.ZipFile(place) as opened:
        assert opened.testzip() is None
        assert opened.read(f"{FOLDER}{H03}") == ORDERS
    with pytest.raises(Conflict):
        write_archive(archive, place)
    with pytest.raises(Invalid):
        write_archive(archive, tmp_path / "nowhere" / "a.zip")
    again = shutil.make_archive(str(tmp_path / "again"), "zip", bundle)
    assert told(Path(again)) != []
    whole, random = place.read_bytes(), Random("archive")
    for _ in range(80):
        place.write_bytes(bit_flipped(random, whole))
        assert verify_export(place) != []
    place.write_bytes(whole + b"x")
    assert told(place) != []
    place.write_bytes(whole[:-30])
    assert told(place) != []


def test_an_archive_of_gigabytes_is_written_as_zip64(tmp_path: Path) -> None:
    large = 5 * 1024**3
    members = (
        Member(name="large", size=large, crc=0, read=lambda: ()),
        in_memory("after", b"content"),
    )
    archive = Archive(members=members)
    layout = [part for part in archive.layout() if isinstance(part, bytes)]
    place = tmp_path / "sparse.zip"
    with place.open("wb") as file:
        file.write(layout[0])
        file.seek(large, 1)
        file.write(layout[1] + b"content" + layout[2] + layout[3])
    assert place.stat().st_size == archive.size
    with zipfile.ZipFile(place) as opened:
        assert [(info.filename, info.file_size) for info in opened.infolist()] == [("large", large), ("after", 7)]
        assert opened.read("after") == b"content"
    if shutil.which("unzip"):
        listed = subprocess.run(["unzip", "-l", place], capture_output=True, text=True, check=True)
        assert str(large) in listed.stdout


def test_random_tampering_with_an_export_is_caught(tmp_path: Path) -> None:
    random = Random("bundles")
    missed = []
    for number in range(ROUNDS):
        bundle = random_bundle(random)
        name, changed = mutate_bundle(random, bundle)
        ending = ".zip" if number % 2 else ""
        place = write_bundle(changed, tmp_path / f"{number}{ending}")
        if not verify_export(place, expected=manifest_hash(bundle[MANIFEST_NAME])):
            missed.append(name)
    assert missed == []


@pytest.mark.parametrize("way", BUNDLE_WAYS, ids=lambda way: way.__name__)
def test_every_way_is_caught_and_without_the_paper_what_does_not_fit(way, tmp_path: Path) -> None:
    random = Random(way.__name__)
    tried = 0
    for number in range(8):
        bundle = random_bundle(random, steps=20)
        changed = dict(bundle)
        way(random, changed)
        if changed == bundle:
            continue
        tried += 1
        place = write_bundle(changed, tmp_path / f"{number}")
        expected = "" if way not in FORGED else manifest_hash(bundle[MANIFEST_NAME])
        assert verify_export(place, expected=expected), number
    assert tried


def test_good_exports_raise_no_alarm(tmp_path: Path) -> None:
    random = Random("good bundles")
    for number in range(ROUNDS):
        bundle = random_bundle(random, steps=20)
        place = write_bundle(bundle, tmp_path / f"{number}{'.zip' if number % 2 else ''}")
        expected = manifest_hash(bundle[MANIFEST_NAME]) if number % 3 else ""
        assert verify_export(place, expected=expected) == []


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"files": 5}', b'{"sha256": NaN}']
)
@pytest.mark.parametrize("name", [TRAIL_NAME, MANIFEST_NAME])
def test_parts_of_another_shape_are_findings_and_no_crash(bundle: Path, name: str, content: bytes) -> None:
    (bundle / name).write_bytes(content)
    assert verify_export(bundle) != []


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (part, value)
        for value in (None, 5, "x", [], {}, [None], [[]], [{}], [{"sha256": 5}], ["x"])
        for part in ("format", "case", "trail", "files", "absent", "sha256")
        if (part, value) != ("absent", [])  # that is what it holds
    ],
)
def test_a_manifest_of_another_shape_is_a_finding_and_no_crash(bundle: Path, part: str, value: object) -> None:
    content = json.loads((bundle / MANIFEST_NAME).read_bytes())
    assert content[part] != value
    content[part] = value
    (bundle / MANIFEST_NAME).write_text(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    assert verify_export(bundle) != []


def test_a_compressed_bomb_is_not_blown_up(bundle: Path, tmp_path: Path) -> None:
    place = tmp_path / "bomb.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(bundle.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(bundle).as_posix())
        with archive.open(FOLDER + "0" * 64, "w") as bomb:
            for _ in range(64):
                bomb.write(bytes(1024 * 1024))
    assert verify_export(place) != []


def test_an_agency_exports_what_it_may_see(kept: Stage) -> None:
    def carried(name: str) -> set[str]:
        plan = custody_export.plan_trail(kept.work, kept.people[name], kept.case.id, reason="开庭")
        return {content.title for content in plan.contents}

    assert carried("shen") == {"订单.csv", "照片.jpg"}
    plan = custody_export.plan_trail(kept.work, kept.people["chen"], kept.case.id, reason="开庭")
    assert len(plan.contents) == 2  # not the photograph the police took afterwards
    stranger = replace(kept.people["chen"], agency_id="none")
    with pytest.raises(NotFound):
        custody_export.plan_trail(kept.work, stranger, kept.case.id, reason="开庭")
    with pytest.raises(Invalid):
        custody_export.plan_trail(kept.work, kept.people["chen"], kept.case.id, reason=" ")
    custody_export.note_files(kept.work, kept.people["chen"], plan, reason="开庭")
    noted = [row for row in audit.entries(kept.connection, kept.case.id) if row.detail.get("reason") == "开庭"]
    assert [row.action for row in noted] == ["custody_export", "downloaded_file", "downloaded_file"]


def test_a_file_that_rotted_stops_the_export_and_is_named(kept: Stage, tmp_path: Path) -> None:
    plan = custody_export.plan_case(kept.work, kept.case.number)
    path = kept.folder / "files" / H03[:2] / H03[2:]
    path.write_bytes(b"x" + ORDERS[1:])
    with pytest.raises(NotFound) as refused:
        pack(kept.work.files, plan)
    assert all(part in refused.value.zh for part in ("E-03", "订单.csv", H03))
    path.unlink()
    with pytest.raises(NotFound, match="not in the store"):
        pack(kept.work.files, plan)
    assert not (tmp_path / "evidence").exists()


def test_a_full_disk_leaves_no_half_export(tmp_path: Path) -> None:
    def failing():
        yield b"some"
        raise OSError(errno.ENOSPC, "No space left on device")

    archive = Archive(members=(in_memory("a", b"1"), Member(name="b", size=9, crc=0, read=failing)))
    with pytest.raises(NoRoom):
        lay_out(archive, tmp_path / "folder")
    assert [path for path in (tmp_path / "folder").rglob("*") if path.is_file()] == []
    with pytest.raises(NoRoom):
        write_archive(archive, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
    (tmp_path / "folder" / "mine").write_text("x")
    with pytest.raises(Conflict):
        lay_out(archive, tmp_path / "folder")


def test_the_commands_export_with_files_and_verify_without_database(tmp_path: Path) -> None:
    house = House(a_config(tmp_path), renderer=plain_renderer())
    house.migrate()
    with house.engine.begin() as connection:
        stage = a_stage(connection, tmp_path, Clock("2026-03-03T09:40"))
        seize_all(stage)
        link(stage, "chen", "E-03", put_file(stage, "chen", ORDERS, "订单.csv"))
        h1 = stage.open("chen", "pol", "接字1号", ["E-01"])
        take_photo(stage, "shao", h1, "E-01")
    house.close()
    runner = CliRunner(env={"XIANJIE_DATA": str(tmp_path), "XIANJIE_DATABASE_URL": ""})
    places = [tmp_path / "evidence.zip", tmp_path / "evidence"]
    hashes = []
    for place in places:
        made = runner.invoke(main, ["custody", "export", stage.case.number, "--files", str(place)])
        assert made.exit_code == 0, made.output
        hashes.append(made.output.split()[-1])
    trail = tmp_path / "trail.json"
    both = ["custody", "export", stage.case.number, "-o", str(trail), "--files", str(tmp_path / "b.zip")]
    assert runner.invoke(main, both).exit_code == 0
    assert runner.invoke(main, ["custody", "export", stage.case.number]).exit_code == 2
    assert runner.invoke(main, both).exit_code == 2
    (tmp_path / "xianjie.sqlite").unlink()
    for place, expected in zip(places, hashes, strict=True):
        proven = runner.invoke(main, ["custody", "verify", str(place), "--expect", expected])
        assert (proven.exit_code, expected in proven.output) == (0, True), proven.output
    split = runner.invoke(main, ["custody", "verify", str(trail), "--files", str(tmp_path / "b.zip")])
    assert split.exit_code == 0, split.output
    other = runner.invoke(main, ["custody", "verify", str(trail), "--files", str(places[0])])
    assert other.exit_code == (0 if trail.read_bytes() == (places[1] / TRAIL_NAME).read_bytes() else 1)
    (places[1] / FOLDER / H03).write_bytes(b"changed")
    bad = runner.invoke(main, ["custody", "verify", str(places[1])])
    assert (bad.exit_code, "E-03" in bad.output, "订单.csv" in bad.output) == (1, True, True)
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = runner.invoke(main, ["custody", "verify", str(empty)])
    assert nothing.exit_code == 1
    assert "Traceback" not in nothing.output
