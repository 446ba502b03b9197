"""Audit publishes no event of its own yet.

Its part of an erasure it confirms with `erasure.step_completed`: `shared/participation/events.py`.
"""
