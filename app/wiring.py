"""Builds each object once; the only place where real or fake, local or clustered, is chosen."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection

from app.config import Config
from app.domain.errors import Invalid, XianjieError
from app.jobs.threads import Heartbeat, Threads
from app.rendering.pdf import PdfRenderer
from app.rendering.plain import PlainRenderer
from app.services import demo, printouts, worker
from app.services.library import Library
from app.services.operators import Renderer
from app.services.work import Work
from app.storage import settings
from app.storage.database import connect
from app.storage.files import Files, LocalFiles
from app.storage.parts import Parts

log = logging.getLogger(__name__)


class House:
    """The running program: its database, files, published bundles, clock and renderer."""

    def __init__(self, config: Config, *, renderer: Renderer, printer: Renderer | None = None) -> None:
        self.config = config
        self.engine = connect(config.database_url)
        self.files = open_files(config)
        self.parts = Parts(config.data / "files" / "parts")
        self.library = Library(config.home)
        self.renderer = renderer
        self.printer = printer or renderer
        self.runner: Threads | None = None
        self.printing: Threads | None = None

    @contextmanager
    def work(self, *, read_only: bool = False) -> Iterator[Work]:
        """Open one transaction: it commits when the block ends well and leaves nothing when it does not."""
        engine = self.engine.execution_options(read_only=True) if read_only else self.engine
        with engine.begin() as connection:
            yield Work(
                connection=connection,
                now=self._now(connection),
                library=self.library,
                files=self.files,
                parts=self.parts,
            )

    def _now(self, connection: Connection) -> datetime:
        machine = datetime.now(UTC)
        return read_clock(settings.get_setting(connection, "clock"), machine) if self.config.demo else machine

    def work_once(self, owner: str, *, only: str = "", but: str = "") -> bool:
        """Do one due job, of one topic only or of all but one; false when nothing is due."""
        with self.work() as work:
            job = worker.claim(work, owner=owner, wall=datetime.now(UTC), only=only, but=but)
        if job is None:
            return False

        if worker.gave_out(job):
            with self.work() as work:
                worker.fail(work, job, owner=owner, error=worker.GAVE_OUT, wall=datetime.now(UTC))
            return True

        def beat() -> bool:
            with self.work() as work:
                return worker.keep_claim(work, job, owner=owner, wall=datetime.now(UTC))

        try:
            renderer = self.printer if job.topic == printouts.TOPIC else self.renderer
            with self.work() as work:
                order = worker.prepare(work, job)
            with Heartbeat(beat):
                made = worker.make(order, renderer=renderer, files=self.files) if order else None
            with self.work() as work:
                worker.finish(work, job, made, owner=owner)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the job must become a retry or an incident
            sentence = f"{error.zh} / {error.en}" if isinstance(error, XianjieError) else repr(error)
            log.warning("job %s (%s) failed: %s", job.id, job.topic, sentence)
            with self.work() as work:
                worker.fail(work, job, owner=owner, error=sentence, wall=datetime.now(UTC))
        return True

    def work_all(self, *, limit: int = 10_000) -> int:
        """Do everything that is due now; give how many jobs that were."""
        for done in range(limit):
            if not self.work_once("inline"):
                return done
        raise Invalid("后台任务没有尽头", "The background work does not come to an end")

    def settle(self, *, seconds: float = 30) -> bool:
        """Wait until everything that is due now has been done, by the worker in this process or here and now."""
        if self.runner is None:
            self.work_all()
            return True
        self.wake()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.work(read_only=True) as work:
                if worker.is_settled(work, wall=datetime.now(UTC)):
                    return True
            time.sleep(0.02)
        return False

    def move_clock(self, target: datetime, *, ticking: bool = False) -> None:
        """Move the hour of a demonstration on; what falls due on the way happens at its own hour.

        Going back, or waiting for work that does not end, the clock just jumps.
        """
        while self.settle():
            with self.work() as work:
                due = worker.next_due(work)
                if due is None or not work.now < due <= target:
                    break
                demo.set_clock(work, due, ticking=False, machine=datetime.now(UTC))
        with self.work() as work:
            demo.set_clock(work, target, ticking=ticking, machine=datetime.now(UTC))
        self.wake()

    def migrate(self) -> None:
        """Bring the database to the newest schema."""
        self.config.data.mkdir(parents=True, exist_ok=True)
        command.upgrade(alembic_config(self.config), "head")

    def start_runner(self) -> Threads:
        """Start the worker inside this process: one thread for what processes wait for, one for long printouts."""
        self.runner = Threads(partial(self.work_once, but=printouts.TOPIC))
        self.printing = Threads(partial(self.work_once, only=printouts.TOPIC), name="printing")
        self.runner.start()
        self.printing.start()
        return self.runner

    def wake(self) -> None:
        """Tell the worker, if it runs here, that there may be work."""
        for threads in (self.runner, self.printing):
            if threads is not None:
                threads.wake()

    def close(self) -> None:
        """Stop the worker and let go of the database."""
        for threads in (self.runner, self.printing):
            if threads is not None:
                threads.stop()
        self.engine.dispose()
        for renderer in (self.renderer, self.printer):
            closing = getattr(renderer, "close", None)
            if closing is not None:
                closing()


def open_files(config: Config) -> Files:
    """Give the store of files: a folder, or a bucket when the configuration names one."""
    folder = config.data / "files"
    if not config.files:
        return LocalFiles(folder)
    try:
        # An extra: who keeps files in a folder need not install it.
        from app.storage.object_store import open_bucket  # noqa: PLC0415 - see above
    except ImportError:
        raise Invalid(
            "使用 S3 存储需要安装 obstore（pip install xianjie[s3]）",
            "Storage in S3 needs obstore (pip install xianjie[s3])",
            at="XIANJIE_FILES",
        ) from None
    return open_bucket(config.files, folder)


def pdf_renderer(config: Config) -> PdfRenderer:
    """Give the real renderer, with the fonts the set-up built."""
    return PdfRenderer(config.fonts)


def plain_renderer() -> PlainRenderer:
    """Give a stand-in that renders in no time: for stories."""
    return PlainRenderer()


def read_clock(setting: object, machine: datetime) -> datetime:
    """Give the hour of the cases: the machine's, or in a demonstration the one that was set.

    A set clock stands still unless it was told to tick: then it runs on from the moment it was set.
    """
    if not isinstance(setting, dict):
        return machine
    value = datetime.fromisoformat(setting["now"])
    if not setting.get("ticking"):
        return value.astimezone(UTC)
    since: timedelta = machine - datetime.fromisoformat(setting["set_at"])
    return (value + since).astimezone(UTC)


def alembic_config(config: Config) -> AlembicConfig:
    """Give Alembic's settings for this node."""
    settings_ = AlembicConfig()
    settings_.set_main_option("script_location", str(Path(__file__).resolve().parent.parent / "migrations"))
    settings_.attributes["url"] = config.database_url
    return settings_
