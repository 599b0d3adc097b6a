"""Custody: tampering caught and false alarms in full, and the cost of acts, whatever the length of the trail.

A case of 500 items is handed over on SQLite with durable commits; wall time, medians. One item is looked at a thousand
times: the last time should cost what the first did.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from app.domain.custody_manifest import MANIFEST_NAME, manifest_hash
from app.services import custody, custody_handovers
from app.services.custody_export import export_case
from app.services.custody_proof import verify, verify_export
from app.wiring import House, plain_renderer
from bench import custody_counting
from tests.clock import Clock
from tests.custody.kunshan import Stage, a_stage, play_all
from tests.custody.mutations import mutate, mutate_bundle, write_bundle
from tests.custody.random_trails import random_bundle, random_trail
from tests.houses import a_config

ROUNDS = 1_000
ITEMS = 500
VIEWS = 1_000
EDGE = 50


def measure() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(a_config(Path(folder)), renderer=plain_renderer())
        try:
            house.migrate()
            _proof(house, Path(folder))
            _acts(house, Path(folder) / "acts")
            custody_counting.measure(house, Path(folder) / "counting")
        finally:
            house.close()


def _proof(house: House, folder: Path) -> None:
    with house.engine.begin() as connection:
        stage = a_stage(connection, folder, Clock("2026-03-03T09:40"))
        play_all(stage)
        whole = export_case(stage.work, stage.case.number)
    random = Random("bench")
    missed, alarms = [], 0
    begun = time.perf_counter()
    for number in range(ROUNDS):
        name, changed = mutate(random, whole if number % 2 else random_trail(random))
        if not verify(changed):
            missed.append(name)
        alarms += bool(verify(random_trail(random, steps=20)))
    alarms += bool(verify(whole))
    print(
        f"custody verify: {ROUNDS - len(missed)} of {ROUNDS} tampered trails caught, {alarms} false alarms on {ROUNDS}"
    )
    print(f"  missed: {missed or 'none'}; {time.perf_counter() - begun:.1f} s in all")
    _proof_of_files(folder)


def _proof_of_files(folder: Path) -> None:
    random = Random("bench files")
    missed, alarms = [], 0
    begun = time.perf_counter()
    for number in range(ROUNDS):
        bundle = random_bundle(random)
        expected = manifest_hash(bundle[MANIFEST_NAME])
        name, changed = mutate_bundle(random, bundle)
        for ending in ("", ".zip"):
            tampered = write_bundle(changed, folder / f"tampered-{number}{ending}")
            good = write_bundle(bundle, folder / f"good-{number}{ending}")
            if not verify_export(tampered, expected=expected):
                missed.append(name + ending)
            alarms += bool(verify_export(good, expected=expected))
        for place in folder.glob(f"*-{number}*"):
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    caught = 2 * ROUNDS - len(missed)
    print(f"  with files: {caught} of {2 * ROUNDS} caught, {alarms} false alarms on {2 * ROUNDS}")
    print(f"  missed: {missed or 'none'}; {time.perf_counter() - begun:.1f} s in all")


def _acts(house: House, folder: Path) -> None:
    stage = _big_case(house, folder)
    looking = [_timed(house, stage, _view) for _ in range(VIEWS)]
    first, last = statistics.median(looking[:EDGE]), statistics.median(looking[-EDGE:])
    print(f"{'custody act':<44} {'ms':>8}")
    print(f"{'one entry, trail of 1':<44} {first:>8.2f}")
    print(f"{f'one entry, trail of {VIEWS:,}':<44} {last:>8.2f}")
    handover: list[str] = []

    def listing(own: Stage) -> None:
        codes = [f"B-{index:03}" for index in range(ITEMS)]
        handover.append(own.open("chen", "pol", "接字〔2026〕500号", codes))

    print(f"{f'list {ITEMS} items':<44} {_timed(house, stage, listing):>8.2f}")
    opening = [_timed(house, stage, lambda own: _open(own, handover[0])) for _ in range(10)]
    print(f"{f'open the hand-over of {ITEMS} items (service)':<44} {statistics.median(opening):>8.2f}")
    counting = [
        _timed(house, stage, lambda own, code=f"B-{index:03}": own.count("shao", handover[0], code, counted=3))
        for index in range(ITEMS)
    ]
    print(f"{f'count one item of {ITEMS}':<44} {statistics.median(counting):>8.2f}")
    print(f"{'first signature':<44} {_timed(house, stage, lambda own: own.sign(handover[0], 'chen')):>8.2f}")
    last_one = _timed(house, stage, lambda own: own.sign(handover[0], "shao"))
    print(f"{f'last signature, custody of {ITEMS} moves':<44} {last_one:>8.2f}")
    exported: list[bytes] = []
    taken = _timed(house, stage, lambda own: exported.append(export_case(own.work, own.case.number)))
    begun = time.perf_counter()
    findings = verify(exported[0])
    proven = 1000 * (time.perf_counter() - begun)
    size = len(exported[0]) // 1024
    print(f"{f'export {ITEMS} items, {size} KB':<44} {taken:>8.2f}")
    print(f"{f'verify it: {len(findings)} findings':<44} {proven:>8.2f}")


def _big_case(house: House, folder: Path) -> Stage:
    with house.engine.begin() as connection:
        stage = a_stage(connection, folder, Clock("2026-03-03T09:40"))
        for index in range(ITEMS):
            code = f"B-{index:03}"
            stage.put_item("adm", code=code, name=f"虚构物品{index}", category="物证", qty=3, unit="件")
            stage.seize(code, "chen", "wu", "昆市监强制〔2026〕19号")
    stage.clock.now = datetime.now(UTC)
    return stage


def _timed(house: House, stage: Stage, act: Callable[[Stage], object]) -> float:
    """Do it in a transaction of its own; milliseconds with the commit."""
    begun = time.perf_counter()
    with house.engine.begin() as connection:
        stage.connection = connection
        act(stage)
    return 1000 * (time.perf_counter() - begun)


def _view(stage: Stage) -> None:
    custody.view(stage.work, stage.people["chen"], stage.case.id, "B-000", stage.cause("查看"))


def _open(stage: Stage, handover: str) -> None:
    custody_handovers.see_handover(stage.work, stage.people["shao"], handover)
