"""The frameworks that have a module of their own here, each loaded when it is first used."""

from __future__ import annotations

from ._errors import ParamoError

FRAMEWORKS = ("huggingface", "jax", "keras", "lightgbm", "lightning", "sklearn", "torch", "xgboost")
"""The modules: `paramo.NAME` imports the framework."""


class MissingFramework(ParamoError, ImportError):
    """A framework was asked for and is not installed; an `ImportError` too, for code that tries imports."""


def missing_framework(user: str, package: str, error: ImportError) -> MissingFramework:
    """What is raised where `paramo.USER` is used and the import of what it needs failed."""
    return MissingFramework("PLUGIN_NOT_INSTALLED", f"paramo.{user} needs the package {package}, and it cannot be imported ({error})", f"Install it with `pip install {package}`.")
