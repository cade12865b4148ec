"""What other offices send: disability cards, deaths, medical burden, monitored households, results of asset checks."""

import numpy as np
import polars as pl

from minzheng.contracts.regions import counties
from minzheng.months import month_start
from simulation import identity
from simulation.cast import Cast, days, text
from simulation.rolls import Tables, card_numbers, card_until, household_numbers, persons, standard


def cards(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`pwd_card` of month `t`: everybody with a card, a month or so after death too."""
    who = np.flatnonzero(tables["card"][:, t + 1] & (cast.numbered_t <= t))
    people = cast.people[who]
    return persons(cast, who, t).with_columns(
        card_no=card_numbers(cast, who),
        disability_type=people["disability_type"],
        disability_level=people["disability_level"],
        long_care_need=people["long_care_need"],
        valid_until=days(card_until(cast, who, t)),
        injury_nursing_fee=people["injury_nursing_fee"],
    )


def deaths(cast: Cast, t: int) -> pl.DataFrame:
    """`death_list` of month `t`: the month's deaths and the stragglers of the month before, and people on no roll."""
    straggler = np.arange(len(cast.death_t)) % 6 == 0
    listed = cast.extra["listed_t"]
    usual = ((cast.death_t == t) & ~straggler) | ((cast.death_t == t - 1) & straggler)
    who = np.flatnonzero((usual & (listed < 0)) | (listed == t))
    who = who[cast.numbered_t[who] <= t]
    random, start = cast.random, np.datetime64(month_start(cast.month(t)))
    known = (
        persons(cast, who, t)
        .select("person_name", "person_id_no", "person")
        .with_columns(died_on=days(cast.died_on[who]))
    )
    count = max(2, int(random.poisson(6 * cast.scale)))
    births = start - random.integers(55 * 365, 95 * 365, count)
    numbers = identity.id_numbers(
        random, np.resize([*counties()], count), births, random.random(count) < 0.5
    )
    others = pl.DataFrame(
        {
            "person_name": ["虚构某某"] * count,
            "person_id_no": text(numbers),
            "person": np.full(count, -1),
            "died_on": days(start + random.integers(0, 27, count)),
        }
    ).filter(~pl.col("person_id_no").is_in(cast.people["person_id_no"].implode()))
    rows = pl.concat([known, others]).unique("person_id_no", keep="first", maintain_order=True)
    sources = random.choice(["公安", "卫健", "殡葬"], len(rows), p=[0.5, 0.35, 0.15])
    return rows.with_columns(
        list_source=text(sources), shared_on=days(np.full(len(rows), cast.end_of(t) - 2))
    )


def medical(cast: Cast, t: int) -> pl.DataFrame:
    """`medical_burden` of month `t`: own payments grow through the year; those above 1,000 yuan are listed."""
    year, month = int(cast.month(t)[:4]), int(cast.month(t)[5:7])
    mix = (np.arange(len(cast.household)) * 2654435761 + year * 97) % 2**32
    final = 800 * np.exp((mix // 1000 % 1000) / 1000 * 3.6)
    who = np.flatnonzero(
        (mix % 1000 < 9) & cast.alive(t) & (cast.numbered_t <= t) & (final * month / 12 >= 1000)
    )
    return persons(cast, who, t).with_columns(
        own_payment_ytd=pl.Series(np.round(final[who] * month / 12, 2)),
        illness_class=text(np.array(["重特大疾病", "慢性病", "其他"], dtype=object)[who % 3]),
    )


def monitored(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`monitored_household` of month `t`: the group itself, mostly with the risk removed, and some households on dibao."""
    own = tables["lowinc"][:, t + 1] & cast.group("monitored")
    shared = tables["dibao"][:, t + 1] & (cast.household % 17 == 0)
    who = np.flatnonzero((own | shared) & (cast.death_t > t) & (cast.numbered_t <= t))
    homes = cast.household[who]
    classes = np.array(["脱贫不稳定户", "边缘易致贫户", "突发严重困难户"], dtype=object)
    return persons(cast, who, t).with_columns(
        household_no=household_numbers(cast, homes, t),
        monitor_class=text(classes[homes % 3]),
        identified_on=days(np.datetime64(month_start(cast.months[0])) - homes * 11 % 700 - 20),
        risk_removed=pl.Series(own[who] & (homes % 19 != 0)),
    )


def asset_hits(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`asset_hit` of month `t`: results of the month's checks, mostly harmless."""
    random = cast.random
    there = np.flatnonzero(
        (tables["dibao"][:, t + 1] | tables["tekun"][:, t + 1]) & (cast.numbered_t <= t)
    )
    who = random.choice(there, min(len(there), 10 * cast.scale), replace=False)
    kinds = random.choice(
        ["社保缴费", "财政供养", "房产", "存款", "车辆", "工商登记"],
        len(who),
        p=[0.35, 0.12, 0.25, 0.22, 0.03, 0.03],
    )
    values = np.select(
        [kinds == "房产", kinds == "存款"],
        [
            random.integers(1, 3, len(who)).astype(float),
            np.round(standard(cast, t, "asset_deposit_limit") * random.random(len(who)), 2),
        ],
        1.0,
    )
    return (
        persons(cast, who, t)
        .select("person_id_no", "person", "region_code")
        .with_columns(
            hit_kind=text(kinds),
            hit_value=pl.Series(values),
            checked_on=days(
                np.datetime64(month_start(cast.month(t))) + random.integers(3, 20, len(who))
            ),
        )
    )
