"""Where backups lie: a folder, a machine reached over SFTP, or a store that speaks S3.

    VILKAR_BACKUP_TARGET=/mnt/backups
    VILKAR_BACKUP_TARGET=sftp://user@host:22/path/below/root
    VILKAR_BACKUP_TARGET=s3:https://host/bucket/path

What opens the way lies in the backup's own folder of secrets and is put there by hand: `sftp_key` and
`sftp_known_hosts`, or `s3_credentials` in the form of an AWS credentials file.

A store is spoken to over TLS. Without it, anybody on the way sees signed requests and can forge the answers:
`http://` is refused but for this machine's own loopback address, where a tunnel may begin, or where a setting says
that the net between is ours.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from shared.config import Secrets, SettingError

SETTING: Final = "VILKAR_BACKUP_TARGET"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
IN_THE_CLEAR: Final = "VILKAR_BACKUP_S3_IN_THE_CLEAR"
_S3: Final = re.compile(r"s3:https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._-]+)+")
_SSH_PORT: Final = 22
_SSH_OPTIONS: Final = (
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=yes",
    "GlobalKnownHostsFile=none",
    "ConnectTimeout=15",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place for repositories: `address` is restic's, to which the name of a set is added."""

    kind: Literal["folder", "sftp", "s3"]
    address: str
    off_site: bool
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def repository(self, name: str) -> str:
        """The address of one set's repository."""
        return f"{self.address.rstrip('/')}/{name}"


def parse(
    text: str, secrets: Secrets, keys: Path, *, folder_is_off_site: bool = False, in_the_clear: bool = False
) -> Target:
    """Read the setting. `keys` is a private folder into which an SSH key is copied as ssh wants to see it.

    `folder_is_off_site` says that what looks like this machine is another: a folder mounted here, a tunnel that
    begins here. `in_the_clear` allows a store to be spoken to without TLS. Raises `SettingError`.
    """
    if text.startswith("/"):
        return Target(kind="folder", address=text, off_site=folder_is_off_site)
    if text.startswith("sftp://"):
        return _sftp(text, secrets, keys)
    if _S3.fullmatch(text):
        return _s3(text, secrets, folder_is_off_site=folder_is_off_site, in_the_clear=in_the_clear)
    raise SettingError(f"{SETTING} must be /folder, sftp://user@host/path or s3:https://host/bucket, not {text!r}")


def _s3(text: str, secrets: Secrets, *, folder_is_off_site: bool, in_the_clear: bool) -> Target:
    try:
        parts = urlsplit(text.removeprefix("s3:"))
    except ValueError:
        raise SettingError(f"{SETTING} must be s3:https://host/bucket, which {text!r} is not") from None
    here = _is_loopback(parts.hostname or "")
    if parts.scheme == "http" and not here and not in_the_clear:
        raise SettingError(
            f"{SETTING} must be s3:https://…: over http:// everybody on the way sees and can change what is said "
            f"to the store. {IN_THE_CLEAR}=yes says that the net between is ours"
        )
    secrets.read("s3_credentials")
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(secrets.folder / "s3_credentials")}
    return Target(kind="s3", address=text, off_site=not here or folder_is_off_site, environment=environment)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sftp(text: str, secrets: Secrets, keys: Path) -> Target:
    parts = urlsplit(text)
    user, host, path = parts.username or "", parts.hostname or "", parts.path.rstrip("/")
    if not _NAME.fullmatch(user) or not _NAME.fullmatch(host) or not path or parts.password:
        raise SettingError(f"{SETTING} must be sftp://user@host/path, without a password")
    # ssh refuses a key that a group may read, as the secret files of a container may be.
    key = keys / "sftp_key"
    key.touch(mode=0o600)
    key.write_text(secrets.read("sftp_key") + "\n", encoding="ascii")
    secrets.read("sftp_known_hosts")
    options = [*_SSH_OPTIONS, f"UserKnownHostsFile={secrets.folder / 'sftp_known_hosts'}"]
    command = ["ssh", "-F", "none", "-i", str(key), "-p", str(parts.port or _SSH_PORT), "-l", user]
    command += [word for option in options for word in ("-o", option)] + [host, "-s", "sftp"]
    return Target(
        kind="sftp",
        address=f"sftp:{user}@{host}:{path}",
        off_site=True,
        options=("-o", f"sftp.command={shlex.join(command)}"),
    )
