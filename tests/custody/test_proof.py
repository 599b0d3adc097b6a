"""`custody verify`: what was tampered with is found, what was not raises no alarm."""

import hashlib
import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from app.cli import main
from app.services.custody_case_uco import case_uco
from app.services.custody_proof import verify
from app.wiring import House, plain_renderer
from tests.builders import a_case
from tests.clock import Clock
from tests.custody.kunshan import a_stage, seize_all
from tests.custody.mutations import WAYS, mutate, sealed
from tests.custody.random_trails import random_trail
from tests.houses import a_config

ROUNDS = 150


def test_random_tampering_is_caught(whole_trail: bytes) -> None:
    random = Random("tamper")
    missed = []
    for number in range(ROUNDS):
        export = whole_trail if number % 2 else random_trail(random)
        name, changed = mutate(random, export)
        assert changed != export
        if not verify(changed):
            missed.append(name)
    assert missed == []


def test_good_trails_raise_no_alarm(whole_trail: bytes) -> None:
    random = Random("good")
    assert verify(whole_trail) == []
    alarms = [finding for _ in range(ROUNDS) for finding in verify(random_trail(random, steps=20))]
    assert alarms == []


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_is_caught_when_the_forger_fits_the_hash_over_all(whole_trail: bytes, way) -> None:
    random = Random(way.__name__)
    for _ in range(5):
        content = json.loads(whole_trail)
        way(random, content)
        if content == json.loads(whole_trail):
            continue
        changed = json.dumps(sealed(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        assert verify(changed)


def test_a_finding_names_item_and_entry(whole_trail: bytes) -> None:
    content = json.loads(whole_trail)
    row = next(row for row in content["entries"] if row["item"] == "E-01" and row["action"] == "sampled")
    row["quantity"] = "13"
    findings = verify(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    assert any((finding.item, finding.seq, finding.at) == ("E-01", 2, "hash") for finding in findings)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"[" * 100_000,
        b'{"format": NaN}',
        b'{"a": 1, "a": 1}',
        b'{"a": "\\ud800"}',
        b'{"format": 1' + b"0" * 5000 + b"}",
        b'{"format":"xianjie-custody/1"}',
    ],
)
def test_a_file_that_is_no_trail_is_a_finding_and_no_crash(content: bytes) -> None:
    assert len(verify(content)) == 1


@pytest.mark.parametrize("part", ["case", "agencies", "items", "entries", "handovers", "files", "exported_at"])
@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [None], [[]], [{}], [{"item": 5, "seq": "x"}], {"number": 1}])
def test_a_part_of_another_shape_is_a_finding_and_no_crash(whole_trail: bytes, part: str, value: object) -> None:
    content = json.loads(whole_trail)
    content[part] = value
    changed = json.dumps(sealed(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert verify(changed)


def test_the_command_says_intact_or_names_what_is_wrong(whole_trail: bytes, tmp_path: Path) -> None:
    file = tmp_path / "trail.json"
    file.write_bytes(whole_trail)
    good = CliRunner().invoke(main, ["custody", "verify", str(file)])
    assert good.exit_code == 0
    assert "intact" in good.output
    file.write_bytes(whole_trail.replace(b'"628"', b'"638"', 1))
    bad = CliRunner().invoke(main, ["custody", "verify", str(file)])
    assert bad.exit_code == 1
    assert "E-01" in bad.output
    missing = CliRunner().invoke(main, ["custody", "verify", str(file), "--files", str(tmp_path)])
    assert "E-03" in missing.output


def test_a_case_is_exported_by_its_number_and_verified_without_its_database(tmp_path: Path) -> None:
    house = House(a_config(tmp_path), renderer=plain_renderer())
    house.migrate()
    with house.engine.begin() as connection:
        stage = a_stage(connection, tmp_path, Clock("2026-03-03T09:40"))
        seize_all(stage)
    house.close()
    file = tmp_path / "trail.json"
    runner = CliRunner(env={"XIANJIE_DATA": str(tmp_path), "XIANJIE_DATABASE_URL": ""})
    told = runner.invoke(main, ["custody", "export", stage.case.number, "-o", str(file)])
    assert told.exit_code == 0, told.output
    expected = told.output.split()[-1]
    graph = tmp_path / "trail.jsonld"
    linked = runner.invoke(main, ["custody", "export", stage.case.number, "--as", "case-uco", "-o", str(graph)])
    assert linked.output.split()[-1] == hashlib.sha256(graph.read_bytes()).hexdigest()
    assert graph.read_bytes() == case_uco(json.loads(file.read_bytes()))
    (tmp_path / "xianjie.sqlite").unlink()
    proven = runner.invoke(main, ["custody", "verify", str(file), "--expect", expected])
    assert proven.exit_code == 0, proven.output
    other = runner.invoke(main, ["custody", "verify", str(file), "--expect", "0" * 64])
    assert other.exit_code == 1


def test_a_case_that_does_not_exist_and_a_folder_that_does_not_are_said_in_one_line(tmp_path: Path) -> None:
    house = House(a_config(tmp_path), renderer=plain_renderer())
    house.migrate()
    with house.engine.begin() as connection:
        number = a_case(connection).number
    house.close()
    runner = CliRunner(env={"XIANJIE_DATA": str(tmp_path), "XIANJIE_DATABASE_URL": ""})
    unknown = runner.invoke(main, ["custody", "export", "无此案", "-o", str(tmp_path / "a.json")])
    assert (unknown.exit_code, "无此案" in unknown.output) == (2, True)
    nowhere = runner.invoke(main, ["custody", "export", number, "-o", str(tmp_path / "no" / "a.json")])
    assert nowhere.exit_code == 1
    assert "Traceback" not in nowhere.output
    assert not isinstance(nowhere.exception, OSError)
