"""Every table, imported so that the metadata is whole."""

from app.storage import (
    agencies,
    audit,
    bundles,
    cases,
    custody,
    deadlines,
    documents,
    facts,
    jobs,
    officers,
    printouts,
    processes,
    settings,
    tasks,
    transfers,
    uploads,
)
from app.storage.database import metadata

__all__ = [
    "agencies",
    "audit",
    "bundles",
    "cases",
    "custody",
    "deadlines",
    "documents",
    "facts",
    "jobs",
    "metadata",
    "officers",
    "printouts",
    "processes",
    "settings",
    "tasks",
    "transfers",
    "uploads",
]
