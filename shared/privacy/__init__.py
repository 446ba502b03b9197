"""Personal data at rest: keys one can destroy, fields one cannot move, look-ups without the value."""

from shared.privacy.blind_index import BlindIndex
from shared.privacy.kek_file import KekFile
from shared.privacy.keyring import Fingerprint, Keyring
from shared.privacy.keys import FencedError, Kek, KekMissingError, KeyGoneError, Subject, SubjectKind
from shared.privacy.vault import Sealed, Vault

__all__ = [
    "BlindIndex",
    "FencedError",
    "Fingerprint",
    "Kek",
    "KekFile",
    "KekMissingError",
    "KeyGoneError",
    "Keyring",
    "Sealed",
    "Subject",
    "SubjectKind",
    "Vault",
]
