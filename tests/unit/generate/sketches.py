"""Two schemas for the page of calls."""

from __future__ import annotations

import marshmallow as ma


class Question(ma.Schema):
    bell_id = ma.fields.UUID(required=True)


class Once(ma.Schema):
    at = ma.fields.AwareDateTime()


class Answer(ma.Schema):
    rung = ma.fields.List(ma.fields.Nested(Once))
