"""TOML files that people write into the home, read into a model that refuses unknown keys; a fault names the place, no value."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from minzheng.contracts.datasets import Strict
from minzheng.errors import MinzhengError

Model = TypeVar("Model", bound=Strict)


def read_toml(path: Path, model: type[Model]) -> Model:
    """The file as a model; its defaults where there is no file."""
    if not path.is_file():
        return model()
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MinzhengError(
            f"{path} is not TOML: {error}", f"{path} 不是正确的 TOML：{error}"
        ) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "?"
        raise MinzhengError(
            f"{path}, {where}: {first['msg']}", f"{path}，“{where}”一项不对：{first['msg']}"
        ) from None
