"""Where networks are, by a table that the operator supplies. Nobody else is asked, and none is shipped."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.audit.anomalies.values import Place

ROWS: Final = 2_000_000
FIELDS: Final = (2, 4)
"""network,country or network,country,latitude,longitude"""
COORDINATE_DECIMALS: Final = 1
"""Some ten kilometres: enough to tell two towns apart, too little to tell where somebody lives."""

Key = tuple[int, int, int]


@dataclass
class Places:
    """The table; of several networks that hold an address the smallest counts."""

    of_network: dict[Key, Place] = field(default_factory=dict)
    prefixes: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Places:
        """Read lines `network,country[,latitude,longitude]`. Raises `ValueError`, which names the line."""
        table: dict[Key, Place] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if number > ROWS:
                raise ValueError(f"more than {ROWS} lines")
            if line.strip() and not line.startswith("#"):
                try:
                    key, place = _line([each.strip() for each in line.split(",")])
                except ValueError:
                    raise ValueError(f"line {number} is not network,country[,latitude,longitude]") from None
                table[key] = place
        prefixes = {
            version: sorted({key[1] for key in table if key[0] == version}, reverse=True) for version in (4, 6)
        }
        return cls(table, prefixes)

    def of(self, ip: str) -> Place | None:
        """Where an address is; None where the table does not say, or it is no address."""
        try:
            address = ipaddress.ip_address(ip.partition("%")[0])
        except ValueError:
            return None
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        bits = address.max_prefixlen
        for length in self.prefixes.get(address.version, []):
            place = self.of_network.get((address.version, length, int(address) >> (bits - length)))
            if place:
                return place
        return None


def _line(row: Sequence[str]) -> tuple[Key, Place]:
    if len(row) not in FIELDS or not (len(row[1]) == 2 and row[1].isascii() and row[1].isalpha()):  # noqa: PLR2004
        raise ValueError
    network = ipaddress.ip_network(row[0])
    key = (
        network.version,
        network.prefixlen,
        int(network.network_address) >> (network.max_prefixlen - network.prefixlen),
    )
    latitude, longitude = (round(float(each), COORDINATE_DECIMALS) for each in row[2:]) if row[2:] else (None, None)
    if latitude is not None and longitude is not None and not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004
        raise ValueError
    return key, Place(country=row[1].upper(), latitude=latitude, longitude=longitude)
