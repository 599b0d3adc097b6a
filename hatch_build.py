"""Builds the browser bundle whenever the package is built or installed, editable or not."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontendHook(BuildHookInterface):
    """Runs `app/web/assets.py`, loaded from its file because the package is not installed yet."""

    def dependencies(self) -> list[str]:
        """Ask for Node.js from PyPI when the machine has none."""
        return list(_assets(self.root).dependencies())

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the bundle before the files are collected."""
        _assets(self.root).build(Path(self.root), say=self.app.display_info)


def _assets(root: str) -> ModuleType:
    path = Path(root) / "app/web/assets.py"
    spec = importlib.util.spec_from_file_location("xianjie_assets", path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
