"""Settings of Redis, which holds state that several processes share."""

from __future__ import annotations

from pydantic import BaseModel, Field


class RedisSettings(BaseModel):
    """Redis"""

    redis_url: str = Field("", description="Redis URL (redis://...); empty: Redis is not used.")
    redis_host: str = Field("", description="Redis server; used with REDIS_PORT if no URL is set.")
    redis_port: int = Field(6379, ge=1, le=65535, description="Port of the Redis server.")

    @property
    def redis(self) -> str:
        """URL of Redis; "" if it is not used."""
        return self.redis_url or (f"redis://{self.redis_host}:{self.redis_port}/0" if self.redis_host else "")
