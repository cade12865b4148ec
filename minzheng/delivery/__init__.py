"""The way out of a month: submitted, approved by a second person, packed into the outbox, sent, received.

Takes a frozen (or drafted) edition's folder and gives a package per recipient, messages, files at the receiver's drop, and
an append-only record of every step. It may import custody, the manifest and the renderers of `publish`; none imports it.
"""
