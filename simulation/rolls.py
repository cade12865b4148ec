"""The rolls of a month as an office keeps them: low-income assistance, supported persons, children, disability, elders."""

from functools import cache

import numpy as np
import polars as pl

from minzheng.contracts.regions import regions, regions_of, townships
from minzheng.months import add_months, month_end
from simulation import parameters
from simulation.cast import GROUPS, NEVER, Cast, days, text
from simulation.presence import status

Tables = dict[str, np.ndarray]


@cache
def village_names() -> dict[str, str]:
    """Village code to name, with the codes of unknown villages."""
    return regions_of("village") | {code + "000": "不详" for code in townships()}


def rural_village(township: str) -> str:
    """The first village of a township that is no community, else the code for none known."""
    found = (one for one in regions() if one.parent == township and one.kind != "居委会")
    return next((one.code for one in found), f"{township}000")


def standard(cast: Cast, t: int, code: str, band: str | None = None) -> float:
    """The value an office uses in month `t`: in force and already decided; 0 when there is none."""
    return parameters.standards().known(code, month_end(cast.month(t)), band) or 0.0


def place(cast: Cast, homes: np.ndarray, t: int) -> np.ndarray:
    """The region code each household lives under in month `t`, after a move the second one."""
    moved = cast.extra["moved_t"][homes] <= t
    return np.where(moved, cast.h_region[cast.extra["second_place"][homes]], cast.h_region[homes])


def persons(cast: Cast, who: np.ndarray, t: int, region: np.ndarray | None = None) -> pl.DataFrame:
    """The columns every list of people begins with; the number is blank until a child has one."""
    region = place(cast, cast.household[who], t) if region is None else region
    frame = cast.people[who].select(
        "person_name", "person_id_no", "sex", "birth_date", "bank_account"
    )
    numbered = pl.Series(cast.numbered_t[who] <= t)
    return frame.with_columns(
        person_id_no=pl.when(numbered).then("person_id_no"),
        region_code=text(region),
        person=pl.Series(who),
    ).with_columns(
        township_name=pl.col("region_code").str.slice(0, 9).replace_strict(townships()),
        village_name=pl.col("region_code").replace_strict(village_names()),
    )


def household_numbers(
    cast: Cast, homes: np.ndarray, t: int, single: np.ndarray | None = None
) -> pl.Series:
    """Household numbers; a move or a stop-and-rebuild gives a new one, a 单人保 one of its own."""
    renewed = (cast.extra["moved_t"][homes] <= t) | (cast.extra["rebuilt_t"][homes] <= t)
    sequence = (
        homes
        + np.where(renewed, 5_000_000, 0)
        + (0 if single is None else np.where(single, 2_500_000, 0))
    )
    towns = np.array([code[:9] for code in place(cast, homes, t)], dtype="U9")
    return text(np.char.add(towns, np.char.zfill(sequence.astype(str), 7)).astype(object))


def started(cast: Cast, who: np.ndarray, first: np.ndarray) -> pl.Series:
    """The month a person came in; for those there before the simulation, some month of the six years before."""
    before = -1 - (who * 7 + 3) % 72
    return pl.Series(
        [add_months(cast.months[0], int(step)) for step in np.where(first < 0, before, first)]
    )


def _first(present: np.ndarray, who: np.ndarray) -> np.ndarray:
    return present[who].argmax(axis=1) - 1


def _stop_reason(cast: Cast, who: np.ndarray, t: int, words: np.ndarray) -> pl.Series:
    """Why a 停保 row stopped: the death, else the household's reason, else 其他."""
    dead = cast.death_t[who] < t
    reason = np.where(dead, "死亡", cast.extra["reason"][cast.household[who]])
    return text([why if word == "停保" else None for why, word in zip(reason, words, strict=True)])


def dibao(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`dibao_roll` of month `t`: active rows, exits, and two rows for who moved or was stopped and rebuilt."""
    words = status(tables["dibao"], t)
    who = np.flatnonzero(words != None)  # noqa: E711
    shift = (
        np.minimum(cast.extra["moved_t"], cast.extra["rebuilt_t"])[cast.household[who]] == t
    ) & (words[who] == "在保")
    now = np.where(shift, "新增", words[who])
    rows = _dibao_rows(cast, tables, t, who, now, t)
    if not shift.any():
        return rows
    moved = cast.extra["moved_t"][cast.household[who[shift]]] == t
    old = _dibao_rows(cast, tables, t, who[shift], np.full(shift.sum(), "停保"), t - 1)
    return pl.concat([rows, old.with_columns(stop_reason=text(np.where(moved, "迁出", "其他")))])


def _dibao_rows(
    cast: Cast, tables: Tables, t: int, who: np.ndarray, words: np.ndarray, place_t: int
) -> pl.DataFrame:
    homes, people = cast.household[who], cast.people[who]
    single = tables["single"][who].any(axis=1)
    urban, active = cast.h_urban[homes], words != "停保"
    size = np.bincount(homes[active & ~single], minlength=len(cast.h_group))[homes]
    yearly = np.where(
        urban, 12 * standard(cast, t, "dibao_std_urban"), standard(cast, t, "dibao_std_rural")
    )
    share = np.where(single, 0.3, cast.h_income_share[homes])
    ages, severe = (
        cast.ages(who, t),
        people["disability_level"].is_in(["1", "2"]).fill_null(False).to_numpy(),
    )
    entitled = (ages < 18) | (ages >= 60) | severe | people["severe_illness"].to_numpy()
    numberless = cast.numbered_t[who] > t
    top_up = np.where(
        active & entitled & ~numberless,
        np.round(yearly / 12 * standard(cast, t, "top_up_share") / 100, 2),
        0,
    )
    base = np.where(active & ~numberless, np.round(np.maximum(yearly / 12 * (1 - share), 20), 2), 0)
    frame = persons(cast, who, t, place(cast, homes, place_t))
    due = _review_dates(cast, homes, t)
    relation = _relations(cast, who, active, single, ages)
    rural_hukou = (cast.household[who] * 37 % 100) < 100 * parameters.county()[
        "rural_hukou_in_town"
    ]
    return frame.with_columns(
        household_no=household_numbers(cast, homes, place_t, single),
        hukou=text(np.where(urban & ~rural_hukou, "城镇", "农村")),
        scheme=text(np.where(urban, "城市低保", "农村低保")),
        household_size_covered=pl.Series(np.where(single, 1, np.maximum(size, 1))),
        monthly_amount=pl.Series(np.round(base + top_up, 2)),
        start_month=started(cast, who, _first(tables["dibao"], who)),
        status=text(words),
        disability_type=people["disability_type"],
        disability_level=people["disability_level"],
        remark=text(np.where(numberless, "新生儿,身份证号待补录", None)),
        relation_to_head=relation,
        income_per_head_year=pl.Series(np.round(np.where(single, 1.2, share) * yearly, 2)),
        severe_illness=people["severe_illness"],
        top_up_amount=pl.Series(top_up),
        single_person_case=pl.Series(single),
        grace_until=pl.lit(None, dtype=pl.String),
        stop_reason=_stop_reason(cast, who, t, words),
        review_due_on=days(due[0]),
        reviewed_on=days(due[1]),
    )


def _relations(
    cast: Cast, who: np.ndarray, active: np.ndarray, single: np.ndarray, ages: np.ndarray
) -> pl.Series:
    """Exactly one 户主 among a household's rows: the first in order; others by order and age."""
    homes = cast.household[who] * 4 + active * 2 + single
    heads = np.zeros(len(who), dtype=bool)
    heads[np.unique(homes, return_index=True)[1]] = True
    words = np.select(
        [heads | single, cast.order[who] == 1, ages < 30], ["户主", "配偶", "子女"], "父母"
    )
    return pl.Series(words)


def _review_dates(cast: Cast, homes: np.ndarray, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Yearly review: due on a day of the household's month; reviewed twelve days before; a few households are let slip."""
    offset = (homes * 5 + t) % 12
    slipped = (homes * 31 + 7) % 1000 < 1000 * parameters.county()["overdue_review_share"]
    due = cast.end_of(t) - (offset - 11) * 30 - homes % 28 - np.where(slipped, 45, 0)
    reviewed = np.where((due < cast.end_of(t)) & ~slipped, due - 12, due - 365 - 12)
    return due, np.minimum(reviewed, cast.end_of(t))


def tekun(cast: Cast, tables: Tables, t: int, facilities: list[str]) -> pl.DataFrame:
    """`tekun_roll` of month `t`."""
    words = status(tables["tekun"], t)
    who = np.flatnonzero(words != None)  # noqa: E711
    words, urban = words[who], cast.h_urban[cast.household[who]]
    grade = np.array(["全自理", "半护理", "全护理"], dtype=object)[
        np.searchsorted([55, 83], who * 13 % 100, side="right")
    ]
    central = who * 29 % 100 < 36
    active = words != "停保"
    care = {
        word: standard(cast, t, "tekun_care_std", word) for word in ("全自理", "半护理", "全护理")
    }
    minor = cast.ages(who, t) < 18
    home = np.array(facilities, dtype=object)[who % len(facilities)]
    return persons(cast, who, t).with_columns(
        hukou=text(np.where(urban, "城镇", "农村")),
        area=text(np.where(urban, "城市", "农村")),
        support_form=text(np.where(central, "集中", "分散")),
        self_care_grade=text(grade),
        facility_code=text(np.where(central, home, None)),
        basic_amount=pl.Series(np.where(active, standard(cast, t, "tekun_basic_std"), 0.0)),
        care_amount=pl.Series(
            [care[word] if there else 0.0 for word, there in zip(grade, active, strict=True)],
            dtype=pl.Float64,
        ),
        start_month=started(cast, who, _first(tables["tekun"], who)),
        status=text(words),
        stop_reason=_stop_reason(cast, who, t, words),
        in_school=pl.Series(minor),
        assessed_on=days(cast.end_of(t) - (who * 17 + t * 30) % 400 - 20),
        remark=pl.lit(None, dtype=pl.String),
    )


def child(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`child_roll` of month `t`; who turns 18 goes out with a settlement."""
    words = status(tables["child"], t)
    who = np.flatnonzero(words != None)  # noqa: E711
    words = words[who]
    orphan, central = who * 7 % 10 < 4, (who * 7 % 10 < 4) & (who * 11 % 10 < 3)
    circumstances = np.array(["死亡", "失踪", "重残", "服刑", "失联", "重病"], dtype=object)
    stops, active = words == "停保", words != "停保"
    amount = np.where(
        orphan,
        np.where(
            central,
            standard(cast, t, "orphan_std", "集中养育"),
            standard(cast, t, "orphan_std", "社会散居"),
        ),
        standard(cast, t, "fact_orphan_std"),
    )
    settled = np.array(["升学", "就业", "未安置", "其他"], dtype=object)[who % 4]
    return persons(cast, who, t).with_columns(
        child_class=text(np.where(orphan, "孤儿", "事实无人抚养儿童")),
        care_form=text(np.where(central, "集中养育", "社会散居")),
        father_circumstance=text(np.where(orphan, "死亡", circumstances[who % 6])),
        mother_circumstance=text(np.where(orphan, "死亡", circumstances[who * 5 % 6])),
        guardian_name=pl.lit("虚构监护人"),
        monthly_amount=pl.Series(np.where(active, amount, 0.0)),
        start_month=started(cast, who, _first(tables["child"], who)),
        status=text(words),
        in_school=pl.Series(cast.ages(who, t) >= 6),
        adult_settlement=text(np.where(stops, settled, None)),
        remark=pl.lit(None, dtype=pl.String),
    )


def card_until(cast: Cast, who: np.ndarray, t: int) -> np.ndarray:
    """Cards run five years and most are renewed in time; a few lapse for three months first."""
    period = 60 + (who * 7) % 3 * 0
    phase = (who * 23 + t) % period
    lapsed = (phase < 3) & (who % 4 == 0)
    return cast.end_of(t) + np.where(lapsed, -30 * phase - 5, (period - phase) * 30 + 10)


def card_numbers(cast: Cast, who: np.ndarray) -> pl.Series:
    """Card numbers: id number, type 1-7, level 1-4."""
    types = {
        "视力": "1",
        "听力": "2",
        "言语": "3",
        "肢体": "4",
        "智力": "5",
        "精神": "6",
        "多重": "7",
    }
    people = cast.people[who]
    return (
        people["person_id_no"]
        + people["disability_type"].replace_strict(types, default="4")
        + people["disability_level"].fill_null("3")
    )


def pwd(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`pwd_roll` of month `t`: living subsidy for dibao members with a valid card, care subsidy for levels 1-2 in need of care."""
    drawn = tables["pwd"]
    words = status(drawn.any(axis=2), t)
    who = np.flatnonzero(words != None)  # noqa: E711
    words, people = words[who], cast.people[who]
    severe = people["disability_level"].is_in(["1", "2"]).to_numpy()
    active = words != "停保"
    living = np.where(
        severe,
        standard(cast, t, "pwd_living_std", "1-2级"),
        standard(cast, t, "pwd_living_std", "3-4级"),
    )
    return persons(cast, who, t).with_columns(
        card_no=card_numbers(cast, who),
        disability_type=people["disability_type"],
        disability_level=people["disability_level"],
        living_amount=pl.Series(np.where(active & drawn[who, t + 1, 0], living, 0.0)),
        care_amount=pl.Series(
            np.where(active & drawn[who, t + 1, 1], standard(cast, t, "pwd_care_std", "1-2级"), 0.0)
        ),
        start_month=started(cast, who, _first(drawn.any(axis=2), who)),
        status=text(words),
        stop_reason=_stop_reason(cast, who, t, words),
        remark=pl.lit(None, dtype=pl.String),
    )


def subsidised(cast: Cast, tables: Tables) -> np.ndarray:
    """People x months x (living, care): who draws the two disability subsidies; a few go on a month after dibao ends."""
    who = np.arange(len(cast.household))
    valid = np.stack(
        [card_until(cast, who, t) >= cast.end_of(t) for t in range(-1, cast.span)], axis=1
    )
    carded = (
        tables["card"]
        & valid
        & (
            np.arange(-1, cast.span)
            <= np.where(cast.death_t == NEVER, NEVER, cast.death_t + cast.stop_lag)[:, None]
        )
    )
    free = ~cast.people["injury_nursing_fee"].to_numpy()
    free |= who % 2 == 0
    claims = cast.people["claims"].to_numpy()
    slow = (who * 19 % 100 < 6)[:, None]
    on_dibao = tables["dibao"] | (slow & np.pad(tables["dibao"], ((0, 0), (1, 0)))[:, :-1])
    living = carded & on_dibao & (free & claims)[:, None] & ~tables["tekun"] & ~tables["child"]
    severe = cast.people["disability_level"].is_in(["1", "2"]).fill_null(False).to_numpy()
    needs = severe & cast.people["long_care_need"].to_numpy() & free & claims
    care = carded & needs[:, None] & ~tables["tekun"]
    return np.stack([living, care], axis=2)


def elder(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`elder_roll` of month `t`: old-age allowance from 70, service, care or combined subsidy for poor elders of 60 and over."""
    parts = [_elder_rows(cast, tables["elder"], t, "高龄补贴")]
    parts += [
        _elder_rows(cast, tables[kind], t, kind)
        for kind in ("养老服务补贴", "护理补贴", "综合补贴")
    ]
    return pl.concat(parts)


def poor_elders(cast: Cast, tables: Tables) -> Tables:
    """Who draws the service, care or combined subsidy: half of the elders on dibao, by ability."""
    there = (
        tables["dibao"]
        & (tables["ages"] >= 60)
        & (np.arange(len(cast.household)) % 2 == 0)[:, None]
    )
    grade = cast.people["ability_grade"]
    care = grade.is_in(["重度失能", "完全失能"]).to_numpy()
    both = care & (np.arange(len(care)) % 4 == 0)
    return {
        "养老服务补贴": there & ~care[:, None],
        "护理补贴": there & (care & ~both)[:, None],
        "综合补贴": there & both[:, None],
    }


def _elder_rows(cast: Cast, present: np.ndarray, t: int, kind: str) -> pl.DataFrame:
    words = status(present, t)
    who = np.flatnonzero(words != None)  # noqa: E711
    words, ages = words[who], cast.ages(who, t)
    grade = cast.people["ability_grade"][who]
    if kind == "高龄补贴":
        bands = np.select([ages < 80, ages < 90, ages < 100], ["70-79", "80-89", "90-99"], "100+")
        grade = text([None] * len(who))
        code = "old_age_std"
    else:
        bands, code = grade.to_numpy(), "elder_service_std"
        grade = text(
            [None if person % 50 == 0 else word for person, word in zip(who, bands, strict=True)]
        )
    value = {band: standard(cast, t, code, band) for band in set(bands)}
    old = (ages >= 100) & (kind == "高龄补贴") & (who * 3 % 10 < 9)
    checked = np.where(old, cast.end_of(t) - 10 - who % 7, np.datetime64("NaT"))
    return persons(cast, who, t).with_columns(
        subsidy_kind=pl.lit(kind),
        ability_grade=grade,
        monthly_amount=pl.Series(
            [value[b] if w != "停保" else 0.0 for b, w in zip(bands, words, strict=True)],
            dtype=pl.Float64,
        ),
        start_month=started(cast, who, _first(present, who)),
        status=text(words),
        alive_checked_on=days(checked),
        remark=pl.lit(None, dtype=pl.String),
    )


def lowinc(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`lowinc_register` of month `t`: the four classes while they last, and those who left dibao within two years."""
    there = tables["lowinc"][:, t + 1] & ~(tables["dibao"][:, t + 1] & ~tables["single"][:, t + 1])
    leaving = tables["lowinc"][:, t] & ~tables["lowinc"][:, t + 1] & (cast.death_t > t)
    watched = tables["watched"][:, t + 1] & ~tables["dibao"][:, t + 1]
    who = np.concatenate([np.flatnonzero(there | leaving), np.flatnonzero(watched)])
    exited = np.arange(len(who)) >= (there | leaving).sum()
    homes = cast.household[who]
    words = {
        "edge": "低保边缘",
        "rigid": "刚性支出困难",
        "monitored": "防返贫监测",
        "rejected": "申请未通过",
    }
    group = np.array([words.get(name) for name in GROUPS], dtype=object)[cast.h_group[homes]]
    since = np.where(exited, cast.h_end[homes], cast.h_start[homes])
    entered = (
        np.array([cast.end_of(int(step)) for step in since], dtype="datetime64[D]") - homes % 27
    )
    entered = np.where(since < 0, entered - homes * 13 % 900 - 31, entered)
    left = np.where(leaving[who] & ~exited, cast.end_of(t) - homes % 20, np.datetime64("NaT"))
    rural = standard(cast, t, "dibao_std_rural")
    return persons(cast, who, t).with_columns(
        household_no=household_numbers(cast, homes, t),
        lowinc_class=text(np.where(exited, "退出两年内", group)),
        income_per_head_year=pl.Series(
            np.round(rural * (1.02 + cast.h_income_share[homes] * 0.5), 2)
        ),
        rigid_spend_share=pl.Series(
            np.where(
                group == "刚性支出困难", np.round(50 + cast.h_income_share[homes] * 40, 2), np.nan
            )
        ).fill_nan(None),
        disability_level=cast.people["disability_level"][who],
        severe_illness=cast.people["severe_illness"][who],
        entered_on=days(entered),
        left_on=days(left),
        remark=pl.lit(None, dtype=pl.String),
    )
