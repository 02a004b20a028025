"""Assets of projects in the API."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lib.clock import iso
from schemas.cleaning import check_json_size
from schemas.spec_hints import exactly_one
from services.projects.assets import Asset, AssetRef

_IDS = ("recording_id", "script_id", "file_id")


class AssetIn(BaseModel):
    """Exactly one of `recording_id`, `script_id` and `file_id`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=exactly_one(*_IDS))

    recording_id: str | None = Field(None, min_length=1, max_length=64)
    script_id: str | None = Field(None, min_length=1, max_length=64, description="A script of another member is copied.")
    file_id: str | None = Field(None, min_length=1, max_length=64, description="A file of POST /api/v1/upload.")
    is_main: bool = Field(False, description="Whether the project's video is made of this script.")
    metadata: dict[str, Any] | None = None

    @field_validator("metadata")
    @classmethod
    def _check_size(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if value is None else check_json_size(value)

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(getattr(self, name) is not None for name in _IDS) != 1:
            raise ValueError("send exactly one of recording_id, script_id and file_id")
        return self

    def to_ref(self) -> AssetRef:
        return AssetRef(self.recording_id or "", self.script_id or "", self.file_id or "", self.is_main, self.metadata)


class AssetOut(BaseModel):
    id: str
    project_id: str
    type: Literal["recording", "lesson", "script", "image", "document"]
    title: str
    recording_id: str | None
    script_id: str | None
    file_id: str | None
    is_main: bool
    s3_key: str = Field(description="The key of the stored file; empty for a script.")
    url: str = Field(description="Opens without a header until it expires; empty for a script.")
    metadata: dict[str, Any]
    added_by: str | None
    created_at: str | None

    @classmethod
    def of(cls, asset: Asset, url: str) -> AssetOut:
        row = asset.row
        kind: Any = row.kind
        return cls(
            id=row.id,
            project_id=row.project_id,
            type=kind,
            title=asset.title,
            recording_id=row.recording_id,
            script_id=row.script_id,
            file_id=row.file_id,
            is_main=row.is_main,
            s3_key=asset.storage_key,
            url=url,
            metadata=row.details,
            added_by=row.added_by,
            created_at=iso(row.created_at),
        )


class AssetsOut(BaseModel):
    assets: list[AssetOut]
