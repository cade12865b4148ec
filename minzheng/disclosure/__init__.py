"""The frames of a month, and everything that withholds: what to hide in linked tables of counts, what an attacker learns.

Takes whole frames and a reader; gives shown frames. May import progress and what lies below it.
"""
