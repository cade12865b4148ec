"""Indicators: observations from the register, their bounds, revisions, movement and vintages.

Takes the register; gives observation frames, whole. May import leads and what lies below them.
"""
