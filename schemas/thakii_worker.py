"""Requests and responses of Thakii's worker API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from lib.clock import iso
from models import Recording
from schemas.worker import Name, Percent


class PickupIn(BaseModel):
    worker_id: str = Name


class TaskOut(BaseModel):
    video_id: str
    filename: str
    user_id: str
    s3_key: str
    status: str
    created_at: str | None

    @classmethod
    def of(cls, recording: Recording, status: str) -> TaskOut:
        return cls(
            video_id=recording.id,
            filename=recording.filename,
            user_id=recording.user_id,
            s3_key=recording.storage_key,
            status=status,
            created_at=iso(recording.created_at),
        )


class PickupOut(BaseModel):
    success: bool = True
    task: dict[str, Any] = Field(description="The fields of a task, and those of a claim with the addresses for its results.")


class TasksOut(BaseModel):
    tasks: list[TaskOut]
    count: int


class TaskUpdateIn(BaseModel):
    """A report of the worker that holds the task. `completed` takes the results that it has uploaded."""

    video_id: str = Field(max_length=36)
    worker_id: str = Name
    status: Literal["processing", "completed", "failed"]
    progress: Percent | None = None
    error_message: str = Field("", max_length=2000)


class TaskHeartbeatIn(BaseModel):
    worker_id: str = Name
    active_task_ids: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=100)] = []


class TaskChangedOut(BaseModel):
    success: bool = True
    message: str


class TaskHeartbeatOut(TaskChangedOut):
    lost_task_ids: list[str] = Field(description="Tasks that the worker no longer holds, or that were cancelled: stop them.")


class RecoveredOut(TaskChangedOut):
    recovered_count: int
