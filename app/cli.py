"""`xianjie …`: the other way in."""

import hashlib
import json
import signal
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import click
import yaml
from waitress.server import create_server

from app.catalogue.bundles import collect_files
from app.catalogue.check import check_paths
from app.catalogue.documents import collect, read_document
from app.catalogue.register import load_calendar, load_register
from app.config import Config, read_config
from app.domain.custody_file import top_hash
from app.domain.custody_manifest import manifest_hash
from app.domain.errors import BrokenBundle, Invalid, InvalidAnswers, XianjieError
from app.services import (
    calculator,
    custody_bundle,
    custody_export,
    custody_proof,
    demo,
    demo_cases,
    play,
    publishing,
)
from app.services.custody_proof_files import manifest_of, read_trail
from app.wiring import House, pdf_renderer, plain_renderer

LARGEST_BODY = 72 * 1024 * 1024
"""Bytes: what the server spools to disk before the application sees a request; a piece of an upload is the largest."""

EXAMPLES = "\b\nExamples:\n"


class Told(click.Group):
    """Says a refusal in one line, in both languages, and exits with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenBundle as broken:
            for fault in broken.faults:
                click.echo(str(fault), err=True)
            sys.exit(2)
        except InvalidAnswers as refused:
            for field, sentences in refused.fields.items():
                for zh, en in sentences:
                    click.echo(f"{field}: {zh} / {en}", err=True)
            sys.exit(2)
        except XianjieError as refused:
            at = f"{refused.at}: " if refused.at else ""
            click.echo(f"{at}{refused.zh} / {refused.en}", err=True)
            sys.exit(2)


@click.group(cls=Told, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Xianjie 衔接: hands criminal cases from agency to agency, as BPMN diagrams say."""


@main.command(epilog=EXAMPLES + "  xianjie init\n  xianjie init --demo")
@click.option("--demo", "with_demo", is_flag=True, help="Load the demonstration: agencies, officers, cases.")
def init(with_demo: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Create or upgrade the database and publish the bundles of this folder; again changes nothing."""
    config = read_config()
    house = _house(config, demo=with_demo or config.demo)
    try:
        house.migrate()
        with house.work() as work:
            changed = publishing.publish_all(work, collect_files(config.home))
        for process, key in changed.items():
            click.echo(f"published {process} {key[:12]}")
        if with_demo:
            loaded = demo_cases.load(house, config.home / "demo", home=config.home, echo=click.echo)
            click.echo(f"demonstration: {loaded} new cases")
    finally:
        house.close()


@main.command(
    epilog=EXAMPLES + "  xianjie serve\n  xianjie serve --demo --clock 2026-03-12T08:00+08:00\n"
    "  xianjie serve --port 9000 --no-worker"
)
@click.option("--host", default=None, help="Address to listen on (default 127.0.0.1).")
@click.option("--port", default=None, type=int, help="Port to listen on (default 8000).")
@click.option("--demo/--no-demo", "with_demo", default=None, help="Demonstration mode: public accounts, movable clock.")
@click.option("--clock", default=None, help="Set the hour of the cases (demonstration mode only), ISO 8601.")
@click.option("--ticking", is_flag=True, help="Let a set clock run on instead of standing still.")
@click.option("--worker/--no-worker", "with_worker", default=True, help="Run the worker inside (default) or not.")
def serve(
    host: str | None,
    port: int | None,
    with_demo: bool | None,  # noqa: FBT001 - click passes flags by name
    clock: str | None,
    ticking: bool,  # noqa: FBT001 - same
    with_worker: bool,  # noqa: FBT001 - same
) -> None:
    """Serve the site and the API, with the worker inside."""
    config = read_config()
    demo_mode = config.demo if with_demo is None else with_demo
    if clock is not None and not demo_mode:
        raise Invalid("只有演示模式可以设定时钟", "The clock can be set in demonstration mode only", at="--clock")
    house = _house(config, demo=demo_mode)
    house.migrate()
    if clock is not None:
        with house.work() as work:
            demo.set_clock(work, _moment(clock, "--clock"), ticking=ticking, machine=datetime.now(UTC))
    # The web application is needed by this command alone; the others must not wait for it.
    from app.main import create_app  # noqa: PLC0415 - see above

    app = create_app(house)
    server: Any = create_server(
        app,
        host=host or config.host,
        port=port if port is not None else config.port,
        threads=8,
        connection_limit=2000,
        channel_timeout=60,
        max_request_body_size=LARGEST_BODY,
        ident="xianjie",
    )
    if with_worker:
        house.start_runner()
    click.echo(f"http://{server.effective_host}:{server.effective_port}")
    if demo_mode:
        with house.work(read_only=True) as work:
            for line in demo.account_lines(work):
                click.echo(line)
    sys.stdout.flush()
    _stop_on_signal()
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        server.close()
    finally:
        house.close()


@main.command(epilog=EXAMPLES + "  xianjie worker")
def worker() -> None:
    """Run the worker alone, beside a `serve --no-worker`."""
    house = _house(read_config())
    house.migrate()
    runner = house.start_runner()
    click.echo("worker: ready")
    sys.stdout.flush()
    _stop_on_signal()
    try:
        runner.join()
    except (KeyboardInterrupt, SystemExit):
        click.echo("worker: stopping")
    finally:
        house.close()


@main.command(epilog=EXAMPLES + "  xianjie check\n  xianjie check bpmn/case_transfer forms/case_transfer/report.form")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check diagrams, forms and documents; every fault with file, line and element. Exit 1 when there is one."""
    config = read_config()
    chosen = list(paths) or [config.home / "bpmn", config.home / "forms", config.home / "documents"]
    faults = check_paths(chosen, root=config.home)
    for fault in faults:
        click.echo(str(fault))
    click.echo(f"{len(faults)} fault(s)" if faults else "clean")
    sys.exit(1 if faults else 0)


@main.command(
    name="play", epilog=EXAMPLES + "  xianjie play\n  xianjie play tests/processes/case_transfer/kunshan.yaml"
)
@click.argument("stories", nargs=-1, type=click.Path(path_type=Path))
@click.option("--render", "rendered", is_flag=True, help="Render real PDFs instead of plain stand-ins.")
@click.option("--json", "as_json", is_flag=True, help="Print what was played as JSON.")
def play_stories(stories: tuple[Path, ...], rendered: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Play stories through the real forms, engine, deadlines and documents, and print the arrows walked."""
    config = read_config()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        played = _config_at(config, data)

        def open_house(name: str) -> House:
            path = data / f"{name}.sqlite"
            renderer = pdf_renderer(config) if rendered else plain_renderer()
            return House(_config_at(played, data, database=f"sqlite:///{path}"), renderer=renderer)

        report = play.play_files(list(stories), home=config.home, open_house=open_house)
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if as_json else report.table())
    sys.exit(0 if report.passed else 1)


@main.command(
    epilog=EXAMPLES
    + "  xianjie deadline D19 2026-03-16T16:40+08:00 --json\n  xianjie deadline D40 2026-05-20 --custody\n"
    "  xianjie deadline --from limits.csv"
)
@click.argument("rule", required=False)
@click.argument("start", required=False)
@click.option("--custody", is_flag=True, help="A person is locked up: the limit never rolls, where the law says so.")
@click.option("--now", default=None, help="Say how much is left at this moment, ISO 8601.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--from",
    "csv_file",
    type=click.File("r", encoding="utf-8-sig"),
    help="Compute many: CSV with rule,start[,unit,n,custody].",
)
def deadline(
    rule: str | None,
    start: str | None,
    custody: bool,  # noqa: FBT001 - click passes flags by name
    now: str | None,
    as_json: bool,  # noqa: FBT001 - same
    csv_file: Any,
) -> None:
    """Compute a statutory limit with its article and the steps of the arithmetic."""
    config = read_config()
    shared = config.home / "bpmn" / "_shared"
    register = load_register((shared / "deadlines.yaml").read_bytes(), file="bpmn/_shared/deadlines.yaml")
    calendar = load_calendar((shared / "holidays.yaml").read_bytes(), file="bpmn/_shared/holidays.yaml")
    if csv_file is not None:
        calculator.compute_csv(register, calendar, csv_file, sys.stdout)
        return
    if not rule or not start:
        raise click.UsageError("RULE and START are needed, or --from FILE.csv")
    moment = _moment(now, "--now") if now else None
    told = calculator.explain_deadline(register, calendar, rule=rule, start=start, custody=custody, now=moment)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else calculator.in_words(told))


@main.command(epilog=EXAMPLES + "  xianjie render adm_transfer_letter --data letter.yaml -o letter.pdf")
@click.argument("document")
@click.option(
    "--data",
    "data_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML or JSON with the fields.",
)
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write."
)
def render(document: str, data_file: Path, output: Path) -> None:
    """Render one document from a file of data."""
    config = read_config()
    found = sorted((config.home / "documents").glob(f"*/{document}.html"))
    if not found:
        raise Invalid(f"没有文书 {document}", f"There is no document {document}", at=document)
    file = found[0].relative_to(config.home).as_posix()
    template = read_document(found[0].read_text(encoding="utf-8"), file=file)
    try:
        data = yaml.safe_load(data_file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(
            f"数据文件无法读取：{error}", f"The data file cannot be read: {error}", at=str(data_file)
        ) from error
    if not isinstance(data, dict):
        raise Invalid("数据文件应为一组字段", "The data file must be a mapping of fields", at=str(data_file))
    layouts = publishing.layouts_of(collect_files(config.home))
    renderer = pdf_renderer(config)
    try:
        content = renderer.render_document(
            template=template,
            layouts=layouts,
            data={**data, **collect(template, data)},
            created=datetime.now(UTC).replace(microsecond=0),
        )
    finally:
        renderer.close()
    output.write_bytes(content)
    click.echo(f"{output} {len(content)} bytes")


@main.group(name="custody")
def custody_group() -> None:
    """The chain of custody (保管链): export it, and prove an export without database and network."""


@custody_group.command(
    name="export",
    epilog=EXAMPLES + "  xianjie custody export 320583-2026-1 -o trail.json\n"
    "  xianjie custody export 320583-2026-1 --files evidence.zip\n"
    "  xianjie custody export 320583-2026-1 --files evidence/\n"
    "  xianjie custody export 320583-2026-1 --as case-uco -o trail.jsonld",
)
@click.argument("case")
@click.option("-o", "--output", type=click.File("wb", lazy=True), help="The file to write the trail to.")
@click.option(
    "--files",
    "place",
    type=click.Path(path_type=Path),
    help="A new .zip or an empty folder for the trail with the files of its items and their manifest.",
)
@click.option("--reason", default="导出 / export", help="Why; it is written to the audit trail.")
@click.option(
    "--as",
    "terms",
    type=click.Choice(["trail", "case-uco"]),
    default="trail",
    help="The file `custody verify` proves (default), or JSON-LD in the terms of CASE/UCO.",
)
def export_custody(case: str, output: BinaryIO | None, place: Path | None, reason: str, terms: str) -> None:
    """Write the trails of all items of CASE (its number), and print the hash the paper should show.

    With files that is the hash of the manifest, which covers the trail as well.
    """
    if output is None and place is None:
        raise click.UsageError("-o FILE or --files DIR|ZIP is needed, or both")
    if place is not None and terms != "trail":
        raise click.UsageError("--files goes with the trail that `custody verify` proves, not with --as case-uco")
    house = _house(read_config())
    try:
        if place is not None:
            content = _export_files(house, case, place, reason)
        else:
            export = custody_export.export_case if terms == "trail" else custody_export.export_case_linked
            with house.work() as work:
                content = export(work, case)
    finally:
        house.close()
    if output is not None:
        output.write(content)
        shown = top_hash(content) if terms == "trail" else hashlib.sha256(content).hexdigest()
        click.echo(f"{output.name} {shown}")


def _export_files(house: House, case: str, place: Path, reason: str) -> bytes:
    with house.work(read_only=True) as work:
        plan = custody_export.plan_case(work, case)
    archive = custody_bundle.pack(house.files, plan)
    if place.suffix.lower() == ".zip":
        custody_bundle.write_archive(archive, place)
    else:
        custody_bundle.lay_out(archive, place)
    with house.work() as work:
        custody_export.note_files(work, None, plan, reason=reason)
    click.echo(f"{place} {manifest_hash(plan.manifest)}")
    return plan.trail


@custody_group.command(
    name="verify",
    epilog=EXAMPLES + "  xianjie custody verify trail.json\n  xianjie custody verify trail.json --files evidence/\n"
    "  xianjie custody verify evidence.zip",
)
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--files",
    "place",
    type=click.Path(exists=True, path_type=Path),
    help="Folder or .zip with the files of the trail: by its manifest, or else a folder searched by content.",
)
@click.option("--expect", default="", help="The SHA-256 over all, as the signed paper shows it.")
def verify_custody(file: Path, place: Path | None, expect: str) -> None:
    """Prove an export: a trail, or an archive or folder of it with its files.

    Every finding names item and number of the entry, or the file. Exit 1 when there is one.
    """
    if place is None:
        findings = custody_proof.verify_export(file, expected=expect)
    else:
        findings = custody_proof.verify(read_trail(file), place, expected=expect)
    for finding in findings:
        click.echo(str(finding))
    if not findings:
        manifest = manifest_of(place or file)
        files = f" · 文件 / files {manifest}" if manifest else ""
        click.echo(f"完好 / intact {top_hash(read_trail(file))}{files}")
    sys.exit(1 if findings else 0)


def _house(config: Config, *, demo: bool | None = None) -> House:
    chosen = config if demo is None else _config_at(config, config.data, database=config.database_url, demo=demo)
    return House(chosen, renderer=pdf_renderer(config), printer=pdf_renderer(config))


def _config_at(config: Config, data: Path, *, database: str | None = None, demo: bool = True) -> Config:
    return replace(config, data=data, database_url=database or f"sqlite:///{data / 'xianjie.sqlite'}", demo=demo)


def _moment(text: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{option} 不是 ISO 8601 时间", f"{option} is not an ISO 8601 date-time", at=option) from None
    if moment.tzinfo is None:
        raise Invalid(f"{option} 须带时区，例如 +08:00", f"{option} needs an offset such as +08:00", at=option)
    return moment


def _stop_on_signal() -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)


if __name__ == "__main__":
    main()
