"""Progress of a run on standard error: a bar in a terminal, lines elsewhere. Ctrl-C and SIGTERM cancel the run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Mapping, Sequence

import click

import errors
from pipelines.stage import Stage

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LINE_EVERY_PERCENT = 10.0


def stage_labels(stages: Iterable[Stage]) -> dict[str, str]:
    """Return the label of each stage by its name."""
    return {stage.name: stage.label or stage.name.replace("_", " ") for stage in stages}


class Progress:
    """Shows which stages run and how much is done. Raises errors.Cancelled from `check` after a signal."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._is_cancelled = False
        self._is_terminal = sys.stderr.isatty()
        self._bar = click.progressbar(length=1000, file=sys.stderr, item_show_func=lambda text: text or "", show_pos=False)
        self._position = 0
        self._last_line = ("", -_LINE_EVERY_PERCENT)

    def __enter__(self) -> Progress:
        if self._is_terminal:
            self._bar.__enter__()
        self._earlier_handlers = {number: signal.signal(number, self._cancel) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_terminal:
            self._bar.render_finish()
        for number, handler in self._earlier_handlers.items():
            signal.signal(number, handler)

    def _cancel(self, *_: object) -> None:
        self._is_cancelled = True

    def check(self) -> None:
        if self._is_cancelled:
            raise errors.Cancelled

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        text = ", ".join(dict.fromkeys(self._labels.get(name, name) for name in stages))
        if self._is_terminal:
            step = max(0, int(percent * 10) - self._position)
            self._position += step
            self._bar.update(step, text)
        else:
            self._print_line(text, percent)

    def _print_line(self, text: str, percent: float) -> None:
        """Print a line if other stages run, or if a tenth more is done."""
        last_text, last_percent = self._last_line
        if text and (text != last_text or percent >= last_percent + _LINE_EVERY_PERCENT):
            self._last_line = (text, percent)
            click.echo(f"{percent:3.0f} %  {text}", err=True)
