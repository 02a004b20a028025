"""The engines that stages use, with the options that were chosen at start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar


class EngineOptions(Protocol):
    """The options of one feature's engine, such as `SpeechOptions`."""

    @property
    def fingerprint(self) -> str:
        """A text that differs whenever the engine's results may differ; part of the fingerprint of every stage that uses it."""


Options = TypeVar("Options", bound=EngineOptions)


@dataclass(frozen=True)
class Engines:
    """`cores` bounds how many stages run side by side. `options` holds one value for each feature."""

    cores: int
    options: tuple[EngineOptions, ...] = ()

    def get(self, kind: type[Options]) -> Options:
        """Return the options of this type. Raises LookupError where no feature has brought any."""
        for each in self.options:
            if isinstance(each, kind):
                return each
        raise LookupError(f"no {kind.__name__} among the engines")

    def fingerprint(self, kind: type[EngineOptions] | None) -> str:
        """Return the fingerprint of these options; "" for a stage without an engine."""
        return "" if kind is None else self.get(kind).fingerprint
