"""Form fields and their validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

import errors
from lib.validation_messages import readable

Model = TypeVar("Model", bound=BaseModel)


def form_fields(model: type[BaseModel]) -> dict[str, str]:
    """Return the form's non-empty values for the fields of a model."""
    return {key: value for key, value in request.form.items() if key in model.model_fields and value}


def validate(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Return the values as a model. Raises ValidationFailed, which names each wrong field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [": ".join([*map(str, problem["loc"][:1]), readable(problem["msg"])]) for problem in error.errors()]
        raise errors.ValidationFailed("; ".join(problems)) from None
