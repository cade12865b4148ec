"""TOML files that people write into the home, read into a model that refuses unknown keys; a fault names the place, no value."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from minzheng.contracts.datasets import Strict
from minzheng.contracts.faults import first_fault
from minzheng.errors import MinzhengError

Model = TypeVar("Model", bound=Strict)


def read_toml(path: Path, model: type[Model]) -> Model:
    """The file as a model; its defaults where there is no file."""
    if not path.is_file():
        return model()
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        raise MinzhengError(f"{path} is not UTF-8", f"{path} 不是 UTF-8 编码") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"第{line[1]}行" if line else "末尾"
        raise MinzhengError(
            f"{path} is not TOML: {error}", f"{path} {where}写法不对（文字要加引号）"
        ) from None
    except ValidationError as error:
        fault = first_fault(error)
        raise MinzhengError(f"{path}, {fault}", f"{path}：{fault.zh}") from None
