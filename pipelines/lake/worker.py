"""How a process of a worker begins a task: for one county, whose contracts must be named before they are loaded.

Nothing else of ours is imported here. Spark gives each task a process of its own (`pipelines.lake.cluster`).
"""

import os
from collections.abc import Iterator
from typing import Any

from pipelines.lake.task import Done, Task


def compute(task: Task) -> Done:
    """Compute a county's months and put them in the place of the old ones."""
    return _outcome(task, "county")


def persons(task: Task) -> Iterator[Any]:
    """Whom the county names, as Arrow batches: person_key, county."""
    _serve(task)
    from pipelines.lake.across import persons as found

    return found(task)


def guests(task: Task, crossing: dict[str, list[str]]) -> list[tuple[str, tuple[str, bytes]]]:
    """The rows that other counties need of this one, by county: table and Arrow bytes. `crossing`: persons to their counties."""
    _serve(task)
    from pipelines.lake.across import guests as found

    return list(found(task, crossing))


def judge(task: Task, rows: list[tuple[str, bytes]]) -> Done:
    """Judge the county's crossing persons with their rows elsewhere."""
    return _outcome(task, "across", rows)


def _serve(task: Task) -> None:
    os.environ["MINZHENG_HOME"] = f"{task.lake}/register/county={task.county}"


def _outcome(task: Task, module: str, *more: object) -> Done:
    """What the module's `run` says; a foreseeable fault is no failure of the worker, and is not tried again.

    Of any other only kind and place are told: libraries put rows into their messages.
    """
    _serve(task)
    import importlib

    from minzheng.errors import MinzhengError, places

    try:
        return importlib.import_module(f"pipelines.lake.{module}").run(task, *more)
    except MinzhengError as error:
        return Done(task.county, fault=(str(error), error.zh))
    except ImportError:  # what a worker's Python lacks, which the driver tells
        raise
    except Exception as error:
        text = f"task of county {task.county} failed: {type(error).__name__} at {places(error)}"
    raise RuntimeError(text)
