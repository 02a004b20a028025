"""Parts of the requests of the admin API."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.spec_hints import at_least_one

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Query = Annotated[str, Field(max_length=200)]


class Patch(BaseModel):
    """A partial update: omitted fields keep their values; at least one field is required."""

    model_config = ConfigDict(json_schema_extra=at_least_one)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"at least one of these fields is required: {', '.join(type(self).model_fields)}")
        return self

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}
