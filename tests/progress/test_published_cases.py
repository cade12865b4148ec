# ruff: noqa: E501
"""The published progress method, against figures published with it and at its edges.

The figures are those Statistics Canada publishes beside its indicators (indicator_calculation_components.yml of
sdg-data-canada-odd-donnees: cif-data-donnees-cic and sdg-data-donnees-odd).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.errors import WrongCall
from minzheng.progress.cagr import Assessment, assess_progress, combine_scores

PUBLISHED = """
| series          | base   | from | current         | in   | d  | target | by   | limit | value                | score                | status               |
| cif 1-1-1       | 14.5   | 2015 | 10.2            | 2023 | -1 | 7.25   | 2030 |       | 0.9525901792032172   | 2.5185563910306596   | substantial_progress |
| cif 1-2-1       | 66.6   | 2016 | 71.4            | 2023 | 1  |        |      | 100   | 0.009991483690946268 | 1.739752850099936    | moderate_progress    |
| cif 1-3-1       | 178.8  | 2015 | 171.9           | 2024 | -1 |        |      |       | 0.004363225612730504 | -0.3183871936347482  | limited_progress     |
| cif 11-2-1      | 11.3   | 2018 | 11.6            | 2022 | -1 |        |      |       | -0.006572095158251079| -3.321511894781385   | deterioration        |
| cif 11-3-1      | 63     | 2005 | 74              | 2020 | 1  | 85     | 2030 |       | 0.8949392974311927   | 2.106761907621266    | moderate_progress    |
| cif 11-6-1      | 699    | 2014 | 683.4           | 2022 | -1 | 490    | 2030 |       | 0.12830416881599752  | -1.9653950197943832  | limited_progress     |
| cif 12-1-1      | 0.37   | 2015 | 14.63           | 2024 | 1  | 60     | 2030 |       | 1.249622415033452    | 4.640227948342444    | substantial_progress |
| cif 14-2-1      | 68.5534591194968 | 2015 | 46.7336683417085 | 2023 | 1 | 55 | 2026 | | -2.3587220377696703  | -5                   | deterioration        |
| cif 15-1-1      | 79.82  | 2015 | 80              | 2020 | 1  |        |      | 100   | 0.0004506085041826591| -2.1437311547039553  | limited_progress     |
| cif 15-5-1      | 70     | 2015 | 68              | 2021 | -1 | 100    | 2030 |       | 0.20028868698657923  | 5                    | target_achieved      |
| cif 16-1-1      | 79     | 2021 | 79              | 2022 | 1  |        |      | 100   | 0                    | -2.5                 | limited_progress     |
| cif 17-1-1      | 86.2795833333333 | 2016 | 92.35875 | 2024 | 1 |       |      | 100   | 0.008547253218384565 | 3.8907192806023563   | substantial_progress |
| cif 4-1-1       | 79.3   | 2016 | 81.954805055328 | 2021 | 1  |        |      | 100   | 0.006607696899221471 | 1.3194330745388791   | moderate_progress    |
| cif 9-4-1       | 97.4   | 2015 | 99.7            | 2022 | 1  |        |      | 100   | 0.003339774133456208 | 5                    | substantial_progress |
| cif 3-14-1      | 18.8   | 2015 | 11.1            | 2024 | -1 | 5      | 2035 |       | 0.8874610697051454   | 2.0533456747968826   | moderate_progress    |
| cif 6-6-1       | 77     | 2016 | 77.7            | 2024 | 1  | 100    | 2040 |       | 0.10336979304555655  | -2.0692890833170794  | limited_progress     |
| cif 3-4-1       | 8.1    | 2015 | 7.3             | 2023 | -1 | 8      | 2025 |       | 10.402574542255982   | 5                    | target_achieved      |
| cif 3-2-1       | 13.2   | 2019 | 13.2            | 2019 | -1 | 10     | 2025 |       |                      |                      |                      |
| odd 1-4-1 fuels | 100    | 2015 | 100             | 2022 | 1  | 100    | 2030 |       |                      | 5                    | target_achieved      |
| odd 1-4-1 hspa  | 99.47  | 2016 | 99.57           | 2022 | 1  |        |      | 100   | 0.00016748456325199612 | 0.5456262610658811 | moderate_progress    |
| odd 2-1-1       | 2.5    | 2015 | 2.5             | 2023 | -1 | 2.5    | 2030 |       |                      | 5                    | target_achieved      |
| odd 2-4-1       | 4      | 2015 | 4.17            | 2023 | 1  |        |      | 5     | 0.005216266930448077 | 0.8242120951405307   | moderate_progress    |
| odd 2-b-1       | 81124  | 2015 | 0               | 2023 | -1 | 0      | 2030 |       | 1.4224293446258616   | 5                    | target_achieved      |
| odd 3-1-1       | 7.05   | 2015 | 12.19           | 2023 | -1 | 70     | 2030 |       | -0.428428629067103   | 5                    | target_achieved      |
| odd 3-3-3       | 1.55   | 2015 | 2.2             | 2023 | -1 | 0.155  | 2030 |       | -0.31445037165218187 | -3.810220363563146   | deterioration        |
| odd 16-6-1      | 100.1  | 2015 | 109.7           | 2023 | -1 | 100    | 2030 |       | -172.79058698766454  | -5                   | deterioration        |
| odd 17-2-1      | 0.27   | 2015 | 0.38            | 2023 | 1  | 0.7    | 2030 |       | 0.6656054028956886   | 0.4686528323436141   | moderate_progress    |
| odd 1-3-1 kids  | 90     | 2015 | 93.2            | 2021 | 1  |        |      | 100   | 0.005839995229728112 | 2.815386645395768    | substantial_progress |
| odd 1-3-1 old   | 93.4   | 2017 | 92.7            | 2021 | 1  |        |      | 100   | -0.0018789507235312808 | -2.7348688404414103 | deterioration       |
| odd 1-3-1 once  | 59.9   | 2021 | 59.9            | 2021 | 1  |        |      | 100   |                      |                      |                      |
| odd 1-4-1 water | 98.82  | 2015 | 99.04           | 2022 | 1  | 100    | 2030 |       | 0.4013545340426752   | -0.8276760630043856  | limited_progress     |
| odd 1-4-1 basic | 92     | 2015 | 92              | 2019 | 1  | 100    | 2030 |       | 0                    | -2.5                 | limited_progress     |
| odd 1-4-1 bus   |        | 2015 |                 |      | 1  | 100    | 2030 |       |                      |                      |                      |
| odd 1-5-1       | 50.6770883601276 | 2015 | 35.3786007271678 | 2020 | -1 |  |      |       | 0.06935124763452605  | 5                    | substantial_progress |
| odd 1-a-1       | 0.0301738416160583 | 2015 | 0.0273307155637678 | 2023 | 1 | |    |       | -0.01229432402820596 | -4.036790503525745   | deterioration        |
| odd 10-5-1 liq  | 45.36  | 2015 | 53.22           | 2024 | 1  |        |      |       | 0.017914530382436622 | 3.957265191218312    | substantial_progress |
| odd 10-5-1 npl  | 5.31   | 2015 | 5.27            | 2024 | -1 |        |      |       | 0.0008398107947529265 | -2.0800946026235367 | limited_progress     |
| odd 11-1-1      | 10     | 2018 | 10.4            | 2022 | -1 | 0.1    | 2030 |       | -0.030916728428577435 | -2.6288207323433537 | deterioration        |
| odd 12-b-1      | 9      | 2015 | 6               | 2021 | 1  |        |      | 11    | -0.06534473481593284 | -5                   | deterioration        |
| odd 14-4-1      | 95.5974842767296 | 2015 | 97.4874371859297 | 2023 | 1 | 100 | 2030 |    | 0.8150538567318096   | 1.5361481932496428   | moderate_progress    |
| odd 14-5-1      | 0.9    | 2015 | 14.7            | 2023 | 1  | 10     | 2030 |       | 2.3996836108900683   | 5                    | target_achieved      |
| odd 15-2-1 kept | 8.5    | 2015 | 8.5             | 2020 | 1  |        |      | 100   | 0                    | -2.5                 | limited_progress     |
| odd 15-2-1 plan | 54.35  | 2015 | 60.82           | 2020 | 1  |        |      | 100   | 0.022749729900995108 | 5                    | substantial_progress |
| odd 16-1-3      | 48     | 2014 | 46              | 2019 | -1 |        |      |       | 0.008475799035301268 | 0.868949758825317    | moderate_progress    |
| odd 17-18-1     | 74.8   | 2016 | 78.3            | 2024 | 1  |        |      | 100   | 0.005732583481782072 | 0.7281197264821118   | moderate_progress    |
| odd 17-8-1      | 91.3   | 2018 | 94.5            | 2022 | 1  | 100    | 2030 |       | 1.1360249872573844   | 3.8288128814807703   | substantial_progress |
| odd 2-a-1       | 1.87   | 2015 | 1.93            | 2023 | 1  |        |      |       | 0.003955498923954082 | -0.5222505380229592  | limited_progress     |
| odd 3-3-1       | 0.052  | 2015 | 0.048           | 2022 | -1 | 0.001  | 2030 |       | 0.04909595896792923  | -2.2954318677683294  | limited_progress     |
| odd 3-3-4       | 0.73   | 2015 | 0.32            | 2023 | -1 | 0.073  | 2030 |       | 0.6883470841079962   | 0.6310943870750059   | moderate_progress    |
| odd 3-3-5       | 4      | 2010 | 3               | 2023 | -1 | 0.4    | 2030 |       | 0.20125535865133842  | -1.6614292971074682  | limited_progress     |
| odd 3-b-1 pneu  | 80.3   | 2015 | 85.1            | 2021 | 1  |        |      | 100   | 0.009723201903344858 | 2.810019550190604    | substantial_progress |
| odd 4-2-2       | 98     | 2016 | 93              | 2020 | 1  | 100    | 2030 |       | -9.006813262549052   | -5                   | deterioration        |
| odd 4-5-1 place | 1.0641742673454 | 2015 | 1.0479315221139 | 2017 | -1 | 1 | 2030 |      | 1.851357417411653    | 5                    | substantial_progress |
| odd 4-6-1 youth | 46.4   | 2012 | 45.9            | 2022 | 1  | 100    | 2030 |       | -0.024845936871192662 | -2.6035255651611986 | deterioration        |
| odd 4-a-1 net   | 98.07066 | 2015 | 98.68681      | 2022 | 1  |        |      | 100   | 0.0008951233777452217 | 1.4505697730651663  | moderate_progress    |
| odd 4-a-1 first | 78.09993 | 2015 | 86.80811      | 2023 | 1  |        |      | 100   | 0.01330155011534262  | 4.981798173986059    | substantial_progress |
| odd 6-4-2       | 3.679711638 | 2015 | 3.733573635 | 2021 | -1 | 25    | 2030 |       | -0.017796629054321018 | 5                   | target_achieved      |
| odd 8-6-1       | 11     | 2015 | 10              | 2025 | -1 |        |      |       | 0.00948574178547823  | 1.1214354463695573   | moderate_progress    |
| odd 8-10-2      | 98.4   | 2016 | 98.8            | 2019 | 1  | 100    | 2030 |       | 1.1738597249322216   | 4.0990626292183645   | substantial_progress |
| odd 9-c-1 lte   | 98.55  | 2016 | 99.47           | 2022 | 1  |        |      | 100   | 0.0015498760793095645 | 5                   | substantial_progress |
"""
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PUBLISHED.strip().splitlines()[1:]
]


def number(text):
    return float(text) if text else None


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_published_figures_come_out_to_the_digit(row):
    _, base, since, current, now, direction, target, by, limit, value, score, status = row
    found = assess_progress(
        *map(number, (base, since, current, now)),
        target=number(target), target_year=number(by), direction=int(direction), limit=number(limit),
    )  # fmt: skip
    assert found.value == (None if not value else pytest.approx(float(value), rel=1e-12, abs=1e-15))
    assert found.score == (None if not score else pytest.approx(float(score), rel=1e-10))
    assert found.status == (status or None)


@pytest.mark.parametrize(
    ("case", "arguments", "options", "outcome"),
    [
        ("base missing", (None, 2020, 5, 2023), {}, (None, None)),
        ("current not a number", (5, 2020, float("nan"), 2023), {}, (None, None)),
        ("same year", (5, 2020, 6, 2020), {}, (None, None)),
        ("half a year", (5, 2020, 6, 2020.5), {}, (None, None)),
        ("base after current", (5, 2024, 6, 2020), {}, (None, None)),
        ("signs differ", (-5, 2020, 6, 2023), {}, (None, None)),
        ("target of the other sign", (5, 2020, 6, 2023), {"target": -3, "target_year": 2030, "direction": -1}, (None, None)),
        ("target year not after base year", (5, 2020, 6, 2023), {"target": 9, "target_year": 2020}, (None, None)),
        ("base is the target and it was lost", (60, 2020, 58, 2023), {"target": 60, "target_year": 2025}, ("deterioration", -5)),
        ("met without a base", (None, 2020, 61, 2023), {"target": 60, "target_year": 2025}, ("target_achieved", 5)),
        ("base past the target, still met", (60, 2020, 58, 2023), {"target": 55, "target_year": 2025}, ("target_achieved", 5)),
        ("base past the target, lost", (60, 2020, 54, 2023), {"target": 55, "target_year": 2025}, ("deterioration", -5)),
        ("at the limit and kept", (100, 2020, 100, 2023), {"limit": 100}, ("substantial_progress", 5)),
        ("at a limit of zero and kept", (0, 2020, 0, 2023), {"limit": 0, "direction": -1}, ("substantial_progress", 5)),
        ("at a limit of zero and left", (0, 2020, 2, 2023), {"limit": 0, "direction": -1}, ("deterioration", -5)),
        ("at the limit and left", (100, 2020, 99, 2023), {"limit": 100}, ("deterioration", pytest.approx(125 * (0.99 ** (1 / 3) - 1) - 2.5))),
        ("zero that stays zero", (0, 2020, 0, 2023), {}, ("limited_progress", -2.5)),
        ("fallen to zero", (5, 2020, 0, 2023), {"direction": -1}, ("substantial_progress", 5)),
    ],
)  # fmt: skip
def test_edges_have_a_written_outcome(case, arguments, options, outcome):
    found = assess_progress(*arguments, **options)
    assert (found.status, found.score) == outcome, case


def test_a_zero_base_counts_as_a_thousandth_as_published():
    assert assess_progress(0, 2015, 2, 2020).value == pytest.approx((2 / 0.001) ** (1 / 5) - 1)
    assert assess_progress(0, 2015, 2, 2020).note == "zero base"


def test_a_negative_base_turns_the_direction_round():
    falling_deficit = assess_progress(-10, 2015, -8, 2020, direction=1)
    assert falling_deficit.value == pytest.approx(1 - 0.8 ** (1 / 5))
    assert falling_deficit.status == "substantial_progress"


def test_a_limit_that_does_not_lie_ahead_is_not_considered():
    plain = assess_progress(50, 2015, 49.8, 2020, direction=-1)
    assert assess_progress(50, 2015, 49.8, 2020, direction=-1, limit=100) == plain
    assert assess_progress(50, 2015, 49.8, 2020, direction=-1, limit=40).score > plain.score


def test_a_base_twice_as_far_as_the_limit_or_farther_is_not_scaled():
    plain = assess_progress(25, 2015, 24.9, 2020, direction=-1)
    assert assess_progress(25, 2015, 24.9, 2020, direction=-1, limit=10) == plain
    assert (
        assess_progress(19, 2015, 18.9, 2020, direction=-1, limit=10).score
        > assess_progress(19, 2015, 18.9, 2020, direction=-1).score
    )


def test_a_target_without_a_year_means_2030():
    assert assess_progress(10, 2015, 12, 2020, target=20) == assess_progress(
        10, 2015, 12, 2020, target=20, target_year=2030
    )


def test_another_direction_is_a_wrong_call():
    with pytest.raises(WrongCall):
        assess_progress(1, 2015, 2, 2020, direction=0)


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(1, 1e6), st.sampled_from([1, -1]))
def test_status_and_score_tell_the_same_story(base, current, target, direction):
    for options in ({}, {"target": target, "target_year": 2025}):
        found = assess_progress(base, 2020, current, 2023, direction=direction, **options)
        assert -5 <= found.score <= 5
        if (
            found.value is not None
            and found.status != "target_achieved"
            and abs(found.score) < 5
            and not options
        ):
            assert combine_scores([found.score]).status == found.status


@given(st.floats(0.01, 99.99), st.floats(0.01, 99.99))
def test_a_limit_never_makes_the_verdict_worse(base, current):
    assert (
        assess_progress(base, 2020, current, 2023, limit=100).score
        >= assess_progress(base, 2020, current, 2023).score
    )


def test_scores_combine_as_published():
    assert combine_scores([-3.842343121245121, -3.7120450615348832]).score == pytest.approx(
        -3.777194091390002
    )
    assert combine_scores([1.7703341529044656, 5.0]).score == pytest.approx(3.385167076452233)
    assert combine_scores(
        [5.0, 4.020539502255787, 0.8067135207058551, 0.809617856850382, 1.5190057000750445]
    ).score == pytest.approx(2.4311753159774137)
    even = combine_scores([-5.0, 5.0])
    assert (even.score, even.status) == (0.0, "moderate_progress"), (
        "8-a-1: commitments and disbursements"
    )
    mixed = combine_scores([2.815386645395768, -2.7348688404414103, None, None, -2.84926753467944])
    assert (mixed.score, mixed.status) == (pytest.approx(-0.9229165765750275), "limited_progress")


def test_groups_combine_as_published():
    computers_and_internet = combine_scores(
        [4.981798173986059, 5.0, 1.4505697730651663], ["computers", "computers", None]
    )
    assert (computers_and_internet.score, computers_and_internet.status) == (
        pytest.approx(3.220734430029098),
        "substantial_progress",
    )
    basic_services = combine_scores(
        [-0.8276760630043856, None, -2.5, 0.5456262610658811, None, None, -1.7744464710858785, 5.0],
        [None, "education", "education", None, "mobility", "mobility", None, None],
    )
    assert (basic_services.score, basic_services.status) == (
        pytest.approx(0.0887007453951234),
        "moderate_progress",
    )


def test_a_group_counts_once():
    assert combine_scores([0, 2, 4, -3], ["a", "a", "a", None]).score == pytest.approx((2 - 3) / 2)
    assert combine_scores(
        [0, 2, 4, -3], [("a", "x"), ("a", "x"), ("a", "y"), "b"]
    ).score == pytest.approx((2.5 - 3) / 2)


@pytest.mark.parametrize(
    ("score", "status"),
    [(2.5, "substantial_progress"), (2.49, "moderate_progress"), (0, "moderate_progress"), (-0.01, "limited_progress"),
     (-2.5, "limited_progress"), (-2.51, "deterioration"), (5, "substantial_progress"), (-5, "deterioration")],
)  # fmt: skip
def test_the_limits_of_combined_scores(score, status):
    assert combine_scores([score]).status == status


def test_all_series_must_meet_their_target():
    met, near = (
        Assessment(1.0, 5.0, "target_achieved"),
        Assessment(1.4, 5.0, "substantial_progress"),
    )
    assert combine_scores([met, met]).status == "target_achieved"
    assert combine_scores([met, near]).status == "substantial_progress"


def test_nothing_judged_gives_nothing():
    assert (combine_scores([None]).score, combine_scores([]).status) == (None, None)


@pytest.mark.parametrize(("scores", "groups"), [([6], None), ([1, 2], ["a"])])
def test_scores_out_of_range_or_without_their_group_are_refused(scores, groups):
    with pytest.raises(WrongCall):
        combine_scores(scores, groups)
