"""Publishing: the folders are the factory default, the database is what runs."""

from collections.abc import Mapping

from app.catalogue.bundles import list_processes, pack, read_bundle
from app.domain.errors import BrokenBundle, Fault
from app.services.clocks import recompute
from app.services.work import Work
from app.storage import audit, bundles


def publish_all(work: Work, files: Mapping[str, bytes]) -> dict[str, str]:
    """Publish every process of a file tree; give process → hash of those that changed. All faults at once."""
    read, faults = [], list[Fault]()
    for process in list_processes(files):
        try:
            read.append(read_bundle(files, process))
        except BrokenBundle as broken:
            faults.extend(broken.faults)
    if faults:
        raise BrokenBundle(faults)
    changed = {}
    for bundle in read:
        if bundles.publish(work.connection, key=bundle.hash, process=bundle.process, content=pack(bundle), at=work.now):
            changed[bundle.process] = bundle.hash
            audit.note(
                work.connection,
                action="published",
                at=work.now,
                element=bundle.process,
                detail={"hash": bundle.hash},
            )
    if changed:
        recompute(work)
    return changed


def layouts_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """Give the layouts of a file tree by name, as a bundle carries them."""
    return {
        path.removeprefix("documents/_shared/"): content.decode()
        for path, content in files.items()
        if path.startswith("documents/_shared/") and path.endswith((".html", ".css"))
    }
