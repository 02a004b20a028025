"""Values in requests: true and false are not numbers, and times exist in UTC."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from types import ModuleType

import pytest
from pydantic import BaseModel, ValidationError

import routes
import schemas
from schemas.sharing import ShareLinkIn

RESPONSES = ("Out", "Query", "Form", "ListedVideo", "LectureRow")  # queries and forms are text


def request_models() -> Iterator[type[BaseModel]]:
    packages: tuple[ModuleType, ...] = (schemas, routes)
    for package in packages:
        for package_module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(package_module.name)
            models = (each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == package_module.name)
            yield from (each for each in models if issubclass(each, BaseModel) and not each.__name__.endswith(RESPONSES))


def is_numeric(annotation: object) -> bool:
    return annotation in (int, float) or any(map(is_numeric, typing.get_args(annotation)))


def test_true_is_not_a_number() -> None:
    problems = []
    for model in request_models():
        for name, field in model.model_fields.items():
            if is_numeric(field.annotation) and field.annotation is not bool and bool not in typing.get_args(field.annotation):
                try:
                    model.__pydantic_validator__.validate_assignment(model.model_construct(), name, True)
                except ValidationError:
                    continue
                problems.append(f"{model.__module__}.{model.__name__}.{name}")
    assert problems == []


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_times_that_utc_does_not_have_are_refused(moment: str) -> None:
    with pytest.raises(ValidationError, match="outside the years"):
        ShareLinkIn.model_validate({"expires_at": moment})
