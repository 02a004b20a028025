"""Predict the seconds that a run still needs from those of its stages."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def predict_run_seconds(
    needs_by_stage: Mapping[str, Collection[str]], running: Mapping[str, float | None], expected_s: Mapping[str, float], slots: int
) -> float | None:
    """Return the wall seconds until all stages have ended, with at most `slots` of them side by side.

    `needs_by_stage` maps each stage that has not started to the stages that it needs; `running` maps each running stage to its
    predicted seconds. Returns None if a running stage has no prediction, another one was never measured, or the needs form a cycle.
    """
    if any(seconds is None for seconds in running.values()) or any(name not in expected_s for name in needs_by_stage):
        return None
    ends = {name: seconds or 0.0 for name, seconds in running.items()}
    waiting_stages, now = list(needs_by_stage), 0.0
    while waiting_stages or ends:
        remaining_stages = {*waiting_stages, *ends}
        ready = [name for name in waiting_stages if remaining_stages.isdisjoint(needs_by_stage[name])]
        for name in ready[: max(0, slots - len(ends))]:
            waiting_stages.remove(name)
            ends[name] = now + expected_s[name]
        if not ends:
            return None  # a cycle; the run itself raises the error
        now = ends.pop(min(ends, key=lambda name: ends[name]))
    return now
