"""A real server on loopback, with the people of the worked case and its clock, started and stopped by pid."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from app.catalogue.bundles import collect_files
from app.services import demo, demo_cases, publishing
from app.wiring import House, plain_renderer
from tests.houses import ROOT, a_config

FIXTURE = ROOT / "tests/processes/_fixtures/kunshan.yaml"


def prepare(folder: Path) -> None:
    """Create the database, publish the content and put the people of the worked case and the case itself in."""
    fixture = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
    house = House(a_config(folder), renderer=plain_renderer())
    try:
        house.migrate()
        with house.work() as work:
            publishing.publish_all(work, collect_files(ROOT))
            demo.put_people(work, fixture)
            demo.put_counters(work, fixture)
        demo_cases.open_ready(house, ROOT)
    finally:
        house.close()


@contextmanager
def running(folder: Path, *, clock: str) -> Iterator[str]:
    """Serve the data in a folder; give the address."""
    environment = {
        **os.environ,
        "XIANJIE_DATA": str(folder),
        "XIANJIE_HOME": str(ROOT),
        "XIANJIE_FONTS": str(ROOT / "var/fonts"),
        "XIANJIE_SECRET_KEY": "not a secret: the data of a test are invented",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--demo", "--clock", clock, "--port", "0"]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.match(r"http://\S+", line)
            assert found, f"{line} {(folder / 'server.log').read_text()}"
            yield found.group()
        finally:
            process.terminate()
            process.wait(20)
            if process.stdout is not None:
                process.stdout.close()
