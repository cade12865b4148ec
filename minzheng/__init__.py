"""The front door for analysts and the library functions that others call; everything is loaded when first used."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minzheng.disclosure.auditing import audit as audit
    from minzheng.disclosure.protecting import protect as protect
    from minzheng.id_number import check_id_number as check_id_number
    from minzheng.id_number import id_number_parts as id_number_parts
    from minzheng.indicators.outliers import outliers as outliers
    from minzheng.progress.cagr import assess_progress as assess_progress
    from minzheng.progress.cagr import combine_scores as combine_scores
    from minzheng.publish.analyst.handle import open as open
    from minzheng.publish.analyst.microdata import microdata as microdata

_HOME_OF = {
    "assess_progress": "minzheng.progress.cagr",
    "audit": "minzheng.disclosure.auditing",
    "check_id_number": "minzheng.id_number",
    "combine_scores": "minzheng.progress.cagr",
    "id_number_parts": "minzheng.id_number",
    "microdata": "minzheng.publish.analyst.microdata",
    "open": "minzheng.publish.analyst.handle",
    "outliers": "minzheng.indicators.outliers",
    "protect": "minzheng.disclosure.protecting",
}
__all__ = ["assess_progress", "audit", "check_id_number", "combine_scores", "id_number_parts"]
__all__ += ["microdata", "open", "outliers", "protect"]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'minzheng' has no attribute {name!r}")
    module = importlib.import_module(_HOME_OF[name])
    globals()[name] = getattr(module, name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
