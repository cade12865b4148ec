"""Near matches: scored, marked apart, never merged, keys only."""

import random

import polars as pl
import yaml

from minzheng.contracts.paths import CONTRACTS
from minzheng.leads.near import comparable_name, keep_near_matches, near_matches
from tests.place import AREA

COLUMNS = ["dataset", "person_key", "person_id_no", "person_name", "township_code"]
ROLL = [
    ("dibao_roll", "k1", f"{AREA}197001010011", "虚构卓玛", f"{AREA}100"),
    ("dibao_roll", "k2", f"{AREA}198003030022", "示例才让", f"{AREA}100"),
    ("pwd_roll", "k3", f"{AREA}199005050033", "虚构多杰", f"{AREA}200"),
    ("tekun_roll", "k4", f"{AREA}199005060044", "示例扎西", f"{AREA}200"),
    ("tekun_roll", "k6", None, "示例扎西", f"{AREA}200"),
]
LISTED = [
    ("death_list", "slip", f"{AREA}197001010029", "虚构卓麻", None),
    ("pwd_card", "swapped", f"{AREA}198030300022", "示例才仁", f"{AREA}100"),
    ("pwd_card", "same_day_other_name", f"{AREA}199005050055", "别的名字", f"{AREA}200"),
    ("pwd_card", "k4", f"{AREA}199005060044", "示例扎西", f"{AREA}200"),
    ("pwd_card", "same_name_other_number", f"{AREA}196011121355", "示例扎西", f"{AREA}100"),
]


def frame(rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def test_slips_and_spellings_are_found_and_strangers_and_exact_matches_are_not(county):
    pairs = near_matches(frame(ROLL), frame(LISTED))
    found = {
        (left, right)
        for left, right in pairs.select("person_key_left", "person_key_right").iter_rows()
    }
    assert found == {("k1", "slip"), ("k2", "swapped")}
    assert pairs["score"].is_between(0.5, 1).all()
    again = near_matches(frame(ROLL[::-1]), frame(LISTED[::-1]))
    assert again.equals(pairs), "the same lists in another order give the same scores"
    assert keep_near_matches(county.connection, "2024-03", pairs) == 2
    kept = county.connection.execute("select * from lead.near_match").fetchall()
    assert not any(AREA in str(cell) or "虚构" in str(cell) for row in kept for cell in row)
    assert county.connection.execute("select count(*) from lead.lead").fetchall() == [(0,)]


def test_nothing_to_compare_gives_no_pair():
    assert near_matches(frame(ROLL), frame(LISTED[3:4])).is_empty()
    assert near_matches(frame([]), frame(LISTED)).is_empty()


def test_spellings_of_one_syllable_compare_equal():
    assert comparable_name("虚构多吉") == comparable_name("虚构 朵杰") == "虚构多杰"
    assert comparable_name("") is None


SYLLABLES = [
    "卓玛",
    "才让",
    "多杰",
    "扎西",
    "德吉",
    "旦增",
    "尖措",
    "南加",
    "索南",
    "吾金",
    "拉毛",
    "仁青",
    "完么",
    "周本",
    "加羊",
    "桑杰",
    "贡保",
    "切吉",
    "彭毛",
]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def numbered(seventeen):
    """The id number of its first 17 digits: a slip that is in the files at all has the check digit that fits it."""
    return (
        seventeen
        + "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, WEIGHTS, strict=True)) % 11]
    )


def somebody(dice):
    day = f"{dice.randint(1935, 2020)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
    name = dice.choice(["虚构", "示例", "测试"]) + "".join(
        dice.sample(SYLLABLES, dice.choice([1, 2]))
    )
    town = dice.choice([f"{AREA}100", f"{AREA}101", f"{AREA}200", f"{AREA}201", f"{AREA}202"])
    return numbered(f"{AREA}{day}{dice.randint(0, 999):03}"), name, town


def wrong_digit(dice, digits):
    place = dice.randrange(6, 17)
    return (
        digits[:place] + str((int(digits[place]) + dice.randint(1, 9)) % 10) + digits[place + 1 :]
    )


def swapped_digits(dice, digits):
    place = dice.choice([n for n in range(6, 16) if digits[n] != digits[n + 1]])
    return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]


def spelled(dice, name):
    """The name in another transliteration where there is one."""
    variants = yaml.safe_load((CONTRACTS / "name_variants.yaml").read_text(encoding="utf-8"))
    groups = {
        sign: [chosen, *others] for chosen, others in variants.items() for sign in (chosen, *others)
    }
    return "".join(dice.choice(groups.get(sign, [sign])) for sign in name)


SLIPS = {
    "a wrong digit": (wrong_digit, lambda dice, name: name),
    "swapped digits": (swapped_digits, lambda dice, name: name),
    "a wrong digit and another spelling": (wrong_digit, spelled),
    "swapped digits and a sign left out": (swapped_digits, lambda dice, name: name[:-1]),
    "two wrong digits": (
        lambda dice, digits: wrong_digit(dice, wrong_digit(dice, digits)),
        spelled,
    ),
}


def test_planted_slips_are_found_and_strangers_hardly_ever():
    dice = random.Random(5)
    people = [somebody(dice) for _ in range(3000)]
    on_roll, strangers = people[:1500], people[1500:]
    rolls = [("dibao_roll", f"k{number}", *person) for number, person in enumerate(on_roll)]
    planted = {}
    listed = [("pwd_card", f"x{number}", *person) for number, person in enumerate(strangers)]
    for number, (id_no, name, town) in enumerate(on_roll[:400]):
        kind = list(SLIPS)[number % len(SLIPS)]
        slip, spell = SLIPS[kind]
        changed = numbered(slip(dice, id_no[:17]))
        if changed != id_no:
            planted[f"k{number}", f"s{number}"] = kind
            listed.append(("pwd_card", f"s{number}", changed, spell(dice, name), town))
    pairs = near_matches(frame(rolls), frame(listed))
    found = set(pairs.select("person_key_left", "person_key_right").iter_rows())
    assert len(found & planted.keys()) / len(found) >= 0.99
    recall = {
        kind: sum(pair in found for pair, of in planted.items() if of == kind)
        / sum(of == kind for of in planted.values())
        for kind in SLIPS
    }
    hard = recall.pop("two wrong digits")
    assert min(recall.values()) >= 0.98, recall
    assert hard >= 0.9
