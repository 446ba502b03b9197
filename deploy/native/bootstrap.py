"""Makes the project's Python environment, with nothing but Python itself.

    python3 deploy/native/bootstrap.py [--dev]

Every package is the one that the lock file names, with the hash that it demands. pip resolves nothing: the lock is
complete, and what the index offers besides does not matter. `pip check` then says whether all of it fits together.
A stamp remembers which lock file the environment was made from, so a second run with the same lock does nothing and
says nothing. `--dev` adds what the tests and checks need. The style sheets of the pages are brought into the
environment in the same way, by a lock and a stamp of their own (deploy/web_assets).
"""

from __future__ import annotations

import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENT = REPOSITORY / ".venv"
WEB_ASSETS = REPOSITORY / "deploy/web_assets"
ASSETS_STAMP = "web-assets.stamp"
NOT_COMPILED = r"/(phonenumbers/(geodata|carrierdata|tzdata)|moto)/"
"""What is large and hardly read: names of places, stand-ins for a cloud. What of it is read is compiled then."""
OLDEST, NEWEST = (3, 11), (3, 13)


class BootstrapError(Exception):
    """The environment cannot be made here; the message says what to do."""


def python() -> Path:
    """Return the environment's interpreter, there or not."""
    return ENVIRONMENT / "bin/python"


def stamp_of(lock: Path, version: tuple[int, int]) -> str:
    """Return what the stamp must say for an environment made from `lock` with this version of Python."""
    return f"{version[0]}.{version[1]} {sha256(lock.read_bytes()).hexdigest()}"


def lock_file(*, dev: bool) -> Path:
    return REPOSITORY / ("requirements-dev.lock" if dev else "requirements.lock")


def satisfied(*, dev: bool) -> bool:
    """Say whether the environment already holds what is asked for; the one for tests holds what running needs."""
    version = sys.version_info[:2]
    return python().exists() and any(
        (stamp := ENVIRONMENT / lock.name).exists() and stamp.read_text() == stamp_of(lock, version)
        for lock in ([lock_file(dev=True)] if dev else [lock_file(dev=True), lock_file(dev=False)])
    )


def assets_stamp(*, dev: bool) -> str:
    """Return what the stamp must say for style sheets that were brought as the files here say."""
    content = b"".join(path.read_bytes() for path in sorted(WEB_ASSETS.iterdir()) if path.is_file())
    return f"{'dev' if dev else 'main'} {sha256(content).hexdigest()}"


def assets_satisfied(*, dev: bool) -> bool:
    """Say whether the style sheets are there; those for tests include the others."""
    stamp = ENVIRONMENT / ASSETS_STAMP
    wanted = [assets_stamp(dev=each) for each in ([True] if dev else [True, False])]
    return stamp.exists() and stamp.read_text() in wanted


def ensure(*, dev: bool) -> bool:
    """Make of the environment what is missing, or made from another lock; return whether anything was done."""
    packages = ensure_packages(dev=dev)
    return ensure_assets(dev=dev) or packages


def ensure_assets(*, dev: bool) -> bool:
    """Bring the style sheets where they are missing or others; return whether anything was done."""
    if assets_satisfied(dev=dev):
        return False
    print(f"bringing the style sheets into {ENVIRONMENT.name}", flush=True)
    program = [str(python()), str(WEB_ASSETS / "install.py"), str(ENVIRONMENT / "share/vilkar/web")]
    if subprocess.run([*program, *(["--dev"] if dev else [])], check=False).returncode != 0:
        raise BootstrapError("the style sheets of the pages could not be had; the message is above")
    (ENVIRONMENT / ASSETS_STAMP).write_text(assets_stamp(dev=dev))
    return True


def ensure_packages(*, dev: bool) -> bool:
    """Make the environment where it is missing or made from another lock; return whether anything was done."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise BootstrapError(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} runs this; Vilkår needs 3.11, 3.12 or 3.13 "
            "(make setup PYTHON=python3.11)"
        )
    if satisfied(dev=dev):
        return False
    lock = lock_file(dev=dev)
    print(f"installing {lock.name} into {ENVIRONMENT.name}", flush=True)
    _make_environment()
    install(lock, python())
    for old in (lock_file(dev=True), lock_file(dev=False)):
        (ENVIRONMENT / old.name).unlink(missing_ok=True)
    (ENVIRONMENT / lock.name).write_text(stamp_of(lock, sys.version_info[:2]))
    return True


def install(lock: Path, interpreter: Path) -> None:
    """Install what `lock` names into the environment of `interpreter`, and nothing else."""
    exactly = ("--no-deps", "--require-hashes", "--requirement", str(lock))
    _pip(interpreter, "install", "--quiet", "--no-compile", *exactly)
    _compile(interpreter)
    _pip(interpreter, "check", "--quiet")


def _make_environment() -> None:
    try:
        venv.EnvBuilder(with_pip=True, symlinks=True).create(ENVIRONMENT)
    except (subprocess.CalledProcessError, ImportError):
        # Debian keeps the part of venv that brings pip in a package of its own.
        raise BootstrapError("Python's venv is incomplete here: apt-get install python3-venv") from None


def _pip(interpreter: Path, *arguments: str) -> None:
    if subprocess.run([str(interpreter), "-m", "pip", *arguments], check=False, cwd=REPOSITORY).returncode != 0:
        raise BootstrapError(f"pip {arguments[0]} failed; its message is above")


def _compile(interpreter: Path) -> None:
    """Compile what was installed, on all cores; pip would do it on one, and everything.

    A file that cannot be compiled is found by whoever imports it: packages bring some for other versions of Python.
    """
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([interpreter, "-c", where], check=True, capture_output=True, text=True).stdout.strip()
    told = ["-q", "-q", "-j", "0", "-x", NOT_COMPILED, packages]
    subprocess.run([interpreter, "-m", "compileall", *told], check=False)


def main(arguments: list[str]) -> int:
    """Run the program; the exit status is 0 when the environment is complete."""
    try:
        done = ensure(dev="--dev" in arguments)
    except BootstrapError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    if done:  # a second run is part of every verb, and says nothing: what the verb prints may be JSON
        print("setup: environment made")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
