"""The place of the tests: the area that the contracts name, and what it lies in."""

from minzheng.contracts.regions import county, names_above, region_names

AREA = county()
"""The code of the county; six digits, as many characters as `{AREA}` takes in a drawn table."""
AREA_NAME = region_names()[AREA]
AREA_SHORT = AREA_NAME.removesuffix("县")
PREFECTURE, PREFECTURE_SPELT = names_above()[-1]
