"""`make bench ONLY=slides_real [MEDIA=folder]`: the slide engine on recordings of real lectures, meetings and screens with truth files."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.context import Context, markdown_table
from bench.slides.goals import goal_line
from bench.slides.measure import Measurement, measure
from bench.slides.report import peer_cells, peer_means, percent

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "media" / "real"  # beside the project
_RUNS = 3
_MIN_F1, _MIN_TITLES = 0.95, 0.9
_START_S = 0.3  # CPU seconds allowed for starting, beside one decode


def run(context: Context) -> str:
    folder = context.media or RECORDINGS
    truth_files = sorted(folder.glob("**/*.truth.json"))
    if not truth_files:
        return "There is no folder of labelled real recordings; name one with MEDIA=folder."
    rows = []
    for truth_file in truth_files:
        rows.append(measure(truth_file, truth_file.name.removesuffix(".truth.json"), _RUNS))
        print(rows[-1], flush=True)
    return render(rows)


def render(rows: Sequence[Measurement]) -> str:
    headers = ["recording", "seconds", "F1 / page F1", "titles", "duplicates", "start error, s", "decode, CPU s"]
    headers += [
        "slides / decode",
        "slides and images / decode",
        "more than a decode, CPU s",
        "in a job",
        "peak MB",
        "PySceneDetect, content",
    ]
    return "\n".join(
        [
            markdown_table(headers, [*map(_cells, rows), _summary(rows)]),
            "",
            "| goal | | result | why |",
            "|---|---|---|---|",
            *_check_goals(rows),
            "",
            "Recordings labelled by eye, parts of which may be shown or left out. F1 is of slide starts (within 2 s), page F1 of pages",
            "that show a slide in its final state; titles are compared by letters and digits. CPU is of all processes of",
            "`python -m commands.slides VIDEO --json OUT [--images FOLDER]`, decoding that of `ffmpeg -i VIDEO -f null -`; medians of",
            f"{_RUNS} runs, alternately; in a job of a running server, Python is not started again. PySceneDetect ran in the same bench.",
        ]
    )


def _cells(row: Measurement) -> list[str]:
    result = row.score
    return [
        row.name,
        f"{row.duration_s:.0f}",
        f"{result.f1:.2f} / {result.page_f1:.2f}",
        percent([result.titles]),
        str(result.duplicates + result.duplicate_revisits),
        "" if result.start_error_s is None else f"{result.start_error_s:.2f}",
        f"{row.decode_s:.2f}",
        f"{row.ratio:.2f}",
        "" if row.full_s is None else f"{row.full_s / row.decode_s:.2f}",
        "" if row.full_s is None else f"{row.full_s - row.decode_s:+.2f}",
        "" if row.job_s is None else f"{row.job_s - row.decode_s:+.2f}",
        f"{row.peak_mb:.0f}",
        *peer_cells(row),
    ]


def _summary(rows: Sequence[Measurement]) -> list[str]:
    errors = [row.score.start_error_s for row in rows if row.score.start_error_s is not None]
    full = [row.full_s / row.decode_s for row in rows if row.full_s is not None]
    return [
        "mean; CPU median; memory maximum",
        "",
        f"{statistics.mean(row.score.f1 for row in rows):.3f} / {statistics.mean(row.score.page_f1 for row in rows):.3f}",
        percent([_title_share(rows)]),
        str(sum(row.score.duplicates + row.score.duplicate_revisits for row in rows)),
        f"{statistics.mean(errors):.2f}" if errors else "",
        "",
        f"{statistics.median(row.ratio for row in rows):.2f}",
        f"{statistics.median(full):.2f}" if full else "",
        "",
        "",
        f"{max(row.peak_mb for row in rows):.0f}",
        *peer_means(rows),
    ]


def _title_share(rows: Sequence[Measurement]) -> float | None:
    """Return the share of right titles among those of all recordings."""
    title_counts = [(row.score.titles, row.score.titled_pages) for row in rows if row.score.titles is not None]
    return sum(share * count for share, count in title_counts) / sum(count for _, count in title_counts) if title_counts else None


def _check_goals(rows: Sequence[Measurement]) -> Iterator[str]:
    low = [row.name for row in rows if min(row.score.f1, row.score.page_f1) < _MIN_F1]
    yield goal_line(f"each recording at least {_MIN_F1} / {_MIN_F1}", not low, ", ".join(low) or "all")
    share = _title_share(rows)
    if share is not None:
        yield goal_line(f"titles at least {100 * _MIN_TITLES:.0f} % right", share >= _MIN_TITLES, percent([share]))
    overlaps = sum(row.score.overlaps for row in rows)
    yield goal_line("visits never overlap", overlaps == 0, str(overlaps))
    excess = {row.name: row.job_s - row.decode_s for row in rows if row.job_s is not None}
    if excess:
        name, most_s = max(excess.items(), key=lambda item: item[1])
        why = "An image is decoded from the key frame before it, which may be half a minute away."
        goal = f"in a job, with images, at most one decode and {_START_S} s of CPU"
        yield goal_line(goal, most_s <= _START_S, f"at most {most_s:+.2f} s ({name})", why)
