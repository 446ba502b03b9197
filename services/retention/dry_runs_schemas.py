"""Requests and replies about dry runs of an erasure."""

from __future__ import annotations

from marshmallow import fields, validate

from services.retention.kinds import Reply, Request, staff


class OrderDryRun(Request):
    """`order_dry_run`: what would go if the account, or one user of it, were erased now.

    Holds and restrictions count as they stand. A repeated call with the same `dry_run_id` asks nobody again.
    `NotFound` where there is no such account or user, `Conflict` where the id is that of another dry run.
    """

    dry_run_id = fields.UUID(load_default=None, allow_none=True)
    account_id = fields.UUID(required=True)
    user_id = fields.UUID(load_default=None, allow_none=True)
    actor = staff()


class DryRunId(Request):
    """`dry_run`: by its id. `NotFound` where there is none, or it is a week old."""

    dry_run_id = fields.UUID(required=True)


class WouldErase(Reply):
    """What one participant would erase, by kind, and what it would keep and why; `silent` until it has answered."""

    participant = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("answered", "silent")))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    retained = fields.List(fields.String(), required=True)


class DryRunShown(Reply):
    """`order_dry_run`, `dry_run`: how far it is. `held` says that all of it is held: an erasure would wait."""

    dry_run_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, allow_none=True)
    ordered_at = fields.AwareDateTime(required=True, format="iso")
    held = fields.Boolean(required=True)
    complete = fields.Boolean(required=True)
    participants = fields.List(fields.Nested(WouldErase), required=True)
