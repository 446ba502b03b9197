"""What this machine knows that a Docker engine and its builds need: Debian's mirror, certificates, Python's index.

Nothing here is written down in the repository: the mirror is the one the machine's own apt uses, the certificates
those its owner made it trust besides the usual ones.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT_SECONDS: Final = 900
NEXT_RELEASE: Final = "trixie"
"""Debian 13, whose package of Compose is version 2; Debian 12 has version 1."""

CERTIFICATES: Final = Path("/usr/local/share/ca-certificates")
_KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class EngineError(Exception):
    """No Docker engine can be had here, or it did not do what it was asked; the message says why."""


def run(
    argv: list[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    limit_s: float = LIMIT_SECONDS,
) -> str:
    """Return what a command printed; raises `EngineError` with the end of its output where it failed."""
    try:
        result = subprocess.run(
            argv, check=False, capture_output=True, text=True, timeout=limit_s, stdin=subprocess.DEVNULL,
            cwd=cwd, env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
        )  # fmt: skip
    except FileNotFoundError:
        raise EngineError(f"{argv[0]} is not installed on this machine") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"{' '.join(argv[:3])} did not end within {limit_s:.0f} seconds") from None
    if result.returncode != 0:
        raise EngineError(f"{' '.join(argv[:4])} failed:\n{(result.stdout + result.stderr)[-2000:]}")
    return result.stdout


def debian_mirror() -> str:
    """Return the address this machine's apt gets Debian itself from (not its security updates, nobody else's)."""
    listed = run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"])
    for line in listed.splitlines():
        origin, label, address = line.split("|")
        if origin == label == "Debian":
            return address
    raise EngineError("apt knows no mirror of Debian here; run apt-get update first")


def package_from_next_release(package: str, into: Path) -> Path:
    """Download a package of the next Debian release and return its file.

    apt works with lists and settings of its own below a temporary folder, so the machine's sources stay as they
    are; it checks the signature of what it gets as always.
    """
    signed_by = f"[signed-by={_KEYRING}] " if _KEYRING.exists() else ""
    with tempfile.TemporaryDirectory(prefix="vilkar-apt-") as name:
        folder = Path(name)
        for part in ("lists/partial", "cache/archives/partial", "parts"):
            (folder / part).mkdir(parents=True)
        (folder / "sources.list").write_text(f"deb {signed_by}{debian_mirror()} {NEXT_RELEASE} main\n")
        (folder / "status").touch()
        settings = {
            "Dir::State": folder,
            "Dir::State::Lists": folder / "lists",
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder / "cache",
            "Dir::Etc::SourceList": folder / "sources.list",
            "Dir::Etc::SourceParts": folder / "parts",
            "Dir::Etc::Preferences": folder / "no-preferences",
            "Dir::Etc::PreferencesParts": folder / "parts",
            # As root apt would download as a user who may not write where we want it.
            "APT::Sandbox::User": "root",
        }
        apt = ["apt-get", "--quiet", *(f"--option={key}={value}" for key, value in settings.items())]
        run([*apt, "update"])
        run([*apt, "download", package], cwd=into)
    packages = sorted(into.glob(f"{package}_*.deb"))
    if len(packages) != 1:
        raise EngineError(f"apt downloaded {len(packages)} files of the package {package} instead of one")
    return packages[0]


def own_certificates() -> str:
    """Return the certificates the machine trusts besides Debian's, as one text; empty where there are none."""
    files = sorted(CERTIFICATES.glob("**/*.crt")) if CERTIFICATES.is_dir() else []
    return "\n".join(file.read_text(encoding="ascii").strip() for file in files)


def build_settings() -> dict[str, str]:
    """Return the variables with which docker-compose.yml lets a build reach the registries from this machine."""
    build_environment = {"VILKAR_BUILD_CERTIFICATES": own_certificates()}
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NPM_CONFIG_REGISTRY"):
        # What is in a folder of this machine is not in a container.
        reachable = [address for address in os.environ.get(name, "").split() if address.startswith("http")]
        build_environment[name] = " ".join(reachable)
    return {name: value for name, value in build_environment.items() if value}
