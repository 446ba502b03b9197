"""What a Tripletex company holds, with integer versions that guard every change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.tripletex.errors import not_found, revision
from sandbox.tripletex.reference import FIXED
from sandbox.tripletex.resources import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.runtime_settings import RuntimeSettings
    from sandbox.store import Collection, Document, Store
    from shared.clock import Clock

FIRST_ID: Final = 80_000_001
FIRST_VERSION: Final = {"Customer": 1, "OrderLine": 1, "Address": 1, "DeliveryAddress": 1}
EMPLOYEE_ID: Final = 4_321_001
HELD: Final = (
    "Customer", "Contact", "Product", "Order", "OrderLine", "Invoice", "Address", "DeliveryAddress", "Subscription",
)  # fmt: skip


class TripletexStore:
    """All objects. `announce(model, verb, document)` is told of every change, for webhooks."""

    def __init__(self, store: Store, clock: Clock, runtime: RuntimeSettings) -> None:
        """Keep everything in `store`."""
        self.store = store
        self.clock = clock
        self.runtime = runtime
        self.announce: Callable[[str, str, Document], None] = lambda _model, _verb, _document: None
        for name in HELD:
            self.table(name)

    def table(self, name: str) -> Collection:
        """All objects of one model."""
        return self.store.collection(f"tripletex.{name}")

    def all(self, name: str) -> list[Document]:
        """All objects of one model, oldest first."""
        return list(FIXED[name].values()) if name in FIXED else self.table(name).values()

    def get(self, name: str, number: int) -> Document | None:
        """One object; None when there is none or its kind is not held here."""
        if name in FIXED:
            found: Document | None = FIXED[name].get(number)
            return found
        return self.table(name).get(number) if name in HELD else None

    def need(self, name: str, number: int) -> Document:
        """One object. Raises 404/6000."""
        found = self.get(name, number)
        if found is None:
            raise not_found()
        return found

    def insert(self, name: str, values: Document) -> Document:
        """A new object with everything unset at its default."""
        defaults = {field.name: field.default for field in MODELS[name].fields.values()}
        document = {
            **defaults,
            **{key: value for key, value in values.items() if value is not None},
            "id": self.store.next("tripletex.id", first=FIRST_ID),
            "version": FIRST_VERSION.get(name, 0),
            "changes": [self._change("CREATE")],
        }
        self.table(name).put(document["id"], document)
        self.announce(name, "create", document)
        return document

    def change(self, name: str, document: Document, values: Document, *, version: int | None = None) -> Document:
        """`document` with `values`; 409/8000 when `version` is given and stale; unchanged keeps its version."""
        if version is not None and version != document["version"]:
            raise revision()
        changed = {**document, **values}
        if changed == document:
            return document
        changed["version"] = document["version"] + 1
        changed["changes"] = [document["changes"][0], self._change("UPDATE")]
        self.table(name).put(changed["id"], changed)
        self.announce(name, "update", changed)
        return changed

    def remove(self, name: str, document: Document) -> None:
        """Forget an object for good."""
        self.table(name).delete(document["id"])
        self.announce(name, "delete", document)

    def _change(self, kind: str) -> Document:
        at = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
        return {"employeeId": EMPLOYEE_ID, "timestamp": at, "changeType": kind}

    def holdings(self) -> dict[str, list[tuple[str, Any]]]:
        """Everything by kind, for the proof of erasure."""
        return {name: self.table(name).items() for name in HELD}
