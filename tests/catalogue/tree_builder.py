"""The valid tree that tests break in one place."""

from pathlib import Path

from app.catalogue.tree import collect_files

BROKEN = Path(__file__).parent / "broken"
PROCESS = "lend_case"
DIAGRAM = f"bpmn/{PROCESS}/{PROCESS}.bpmn"


def a_tree(changes=()):
    """The valid tree, each change being (file, old text, new text)."""
    files = collect_files(BROKEN / "base")
    for file, old, new in changes:
        text = files[file].decode()
        assert old in text, (file, old)
        files[file] = text.replace(old, new).encode()
    return files


def write(files, root):
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
