"""The two kinds of schema: commands come in and refuse what they don't know, views go out and don't change."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """What a door asks a service for. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """Plain data that a service answers with: loaded, detached, unchanging."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
