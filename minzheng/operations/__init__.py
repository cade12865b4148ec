"""Operations: backup, rotation, erasure, access, shredding, rebuilding, alerts and the check-up.

Takes a home; gives it back in order, and says what it found. May import every other room but commands.
"""
