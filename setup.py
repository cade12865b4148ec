"""What pyproject.toml cannot say: a wheel carries the contracts and models, which lie beside the packages in a checkout."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithData(build_py):
    """Put `contracts/` and `sql/` into `minzheng/shipped/` of a built wheel; an editable install reads them in place."""

    def run(self):
        """Build, then copy."""
        super().run()
        if not self.editable_mode:
            shipped = Path(self.build_lib) / "minzheng" / "shipped"
            shutil.rmtree(shipped, ignore_errors=True)
            for folder in ("contracts", "sql"):
                shutil.copytree(folder, shipped / folder)


setup(cmdclass={"build_py": BuildWithData})
