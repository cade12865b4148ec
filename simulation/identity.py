"""Identities of people who do not exist: names that say so, id numbers and credit codes that pass their check characters."""

import numpy as np

from simulation import parameters

ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
ID_CHECKS = np.array(list("10X98765432"))
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def fictitious_names(random: np.random.Generator, count: int) -> np.ndarray:
    """`count` names such as 虚构卓玛 or 示例才让."""
    parts = parameters.names()
    marks = random.choice(np.array(parts.marks, dtype=object), count)
    given = np.array(parts.given, dtype=object)
    second = np.where(random.random(count) < 0.35, random.choice(given, count), "")
    return marks + random.choice(given, count) + second


def check_characters(numbers: np.ndarray) -> np.ndarray:
    """The 18th character of each 17-digit number (GB 11643: weighted sum modulo 11)."""
    digits = np.array(numbers, dtype="U17").view("U1").reshape(-1, 17).astype(np.int64)
    return ID_CHECKS[digits @ ID_WEIGHTS % 11].astype(object)


def id_numbers(
    random: np.random.Generator, regions: np.ndarray, births: np.ndarray, male: np.ndarray
) -> np.ndarray:
    """Unique valid 18-character numbers for issuing region (6 digits), birth date (datetime64[D]) and sex.

    The order code counts up within region, birth date and sex from a start that differs by day, so no two are equal.
    """
    days = np.char.replace(births.astype("datetime64[D]").astype(str), "-", "")
    stems = np.char.add(np.asarray(regions, dtype="U6"), days)
    keys = np.char.add(stems, np.where(male, "1", "0"))
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    firsts = np.repeat(np.cumsum(counts) - counts, counts)
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = np.arange(len(keys)) - firsts
    starts = random.integers(0, 500, len(counts))[inverse]
    codes = (starts + ranks) % 500 * 2 + male
    numbers = np.char.add(stems, np.char.zfill(codes.astype(str), 3))
    return numbers.astype(object) + check_characters(numbers)


def old_number(number: str) -> str:
    """The 15-digit form of an 18-character number of someone born in the 1900s."""
    return number[:6] + number[8:17]


def broken_number(number: str) -> str:
    """The number with a check character that is certainly wrong."""
    return number[:17] + ("0" if number[17] != "0" else "1")


def credit_code(stem: str) -> str:
    """A unified social credit code of 18 characters for a stem of 17 (GB 32100: weights 3^i mod 31)."""
    total = sum(CREDIT_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(stem))
    return stem + CREDIT_ALPHABET[(31 - total % 31) % 31]


def account_numbers(start: int, count: int) -> np.ndarray:
    """`count` bank accounts of 18 digits under a prefix no bank uses."""
    return np.char.add("9999", np.char.zfill((start + np.arange(count)).astype(str), 14)).astype(
        object
    )
