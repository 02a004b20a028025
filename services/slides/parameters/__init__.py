"""All tunable numbers of the slide engine, grouped by step; `describe_parameters` lists them with unit, meaning and case.

Units: `px` counts pixels of a frame scaled to 480 pixels in width, so that a value holds at every resolution; `grey levels` are 0 to 255;
`share` is 0 to 1; `blocks` are cells of the grid.

The case tells what goes wrong with another value. Half and double of a value were tried, of a share near 1 also half and double of its
distance to 1, of a small count its neighbours; where nothing noticed, a tenth and ten times the value (at most 1 for a share) as well:
- "photo_back fails at 12": the lecture of this name is scored worse: of `bench/slides/generate.py`, or of docs/benchmarks.md (h_room, obj).
- "test_boxes (a clock in the menu bar) fails at 0.02": a test of `tests/slides` fails.
- "the tests hold from 2 to 8": no test fails at 2 or at 8, so that only the parameter's role speaks for its value; "tests and lectures
  hold": none of the lectures that were tried is scored worse either.
- "not traced": nothing was measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from services.slides.parameters.classification import ClassificationParameters, MovedObjectParameters
from services.slides.parameters.comparison import ComparisonParameters, LayoutParameters, PaneParameters
from services.slides.parameters.decoding import DecodingParameters, SamplingParameters
from services.slides.parameters.motion import (
    AlignmentParameters,
    CameraParameters,
    DriftParameters,
    GridParameters,
    MotionParameters,
    Sensitivity,
    SidePanelParameters,
    SlideAreaParameters,
    StabilizationParameters,
    StableFrameParameters,
    SubtitleParameters,
)
from services.slides.parameters.results import (
    CameraShotParameters,
    LimitParameters,
    QualityParameters,
    RegionParameters,
    TitleParameters,
    WordParameters,
)
from services.slides.parameters.segmentation import (
    InsertionParameters,
    OccurrenceParameters,
    RevisitParameters,
    SegmentationParameters,
    WritingParameters,
)

__all__ = [
    "DEFAULTS",
    "AlignmentParameters",
    "CameraParameters",
    "CameraShotParameters",
    "ClassificationParameters",
    "ComparisonParameters",
    "DecodingParameters",
    "DriftParameters",
    "GridParameters",
    "InsertionParameters",
    "LayoutParameters",
    "LimitParameters",
    "MotionParameters",
    "MovedObjectParameters",
    "OccurrenceParameters",
    "PaneParameters",
    "ParameterDescription",
    "Parameters",
    "QualityParameters",
    "RegionParameters",
    "RevisitParameters",
    "SamplingParameters",
    "SegmentationParameters",
    "Sensitivity",
    "SidePanelParameters",
    "SlideAreaParameters",
    "StabilizationParameters",
    "StableFrameParameters",
    "SubtitleParameters",
    "TitleParameters",
    "WordParameters",
    "WritingParameters",
    "describe_parameters",
]


@dataclass(frozen=True)
class Parameters:
    """Every parameter of the engine."""

    sampling: SamplingParameters = SamplingParameters()
    decoding: DecodingParameters = DecodingParameters()
    grid: GridParameters = GridParameters()
    camera: CameraParameters = CameraParameters()
    motion: MotionParameters = MotionParameters()
    stable_frames: StableFrameParameters = StableFrameParameters()
    slide_area: SlideAreaParameters = SlideAreaParameters()
    alignment: AlignmentParameters = AlignmentParameters()
    stabilization: StabilizationParameters = StabilizationParameters()
    drift: DriftParameters = DriftParameters()
    subtitles: SubtitleParameters = SubtitleParameters()
    side_panels: SidePanelParameters = SidePanelParameters()
    comparison: ComparisonParameters = ComparisonParameters()
    classification: ClassificationParameters = ClassificationParameters()
    moved_objects: MovedObjectParameters = MovedObjectParameters()
    occurrences: OccurrenceParameters = OccurrenceParameters()
    segmentation: SegmentationParameters = SegmentationParameters()
    insertions: InsertionParameters = InsertionParameters()
    writing: WritingParameters = WritingParameters()
    panes: PaneParameters = PaneParameters()
    revisits: RevisitParameters = RevisitParameters()
    layout: LayoutParameters = LayoutParameters()
    region: RegionParameters = RegionParameters()
    limits: LimitParameters = LimitParameters()
    camera_shots: CameraShotParameters = CameraShotParameters()
    titles: TitleParameters = TitleParameters()
    words: WordParameters = WordParameters()
    quality: QualityParameters = QualityParameters()

    def with_value(self, name: str, value: Any) -> Parameters:
        """Return a copy in which the parameter `group.field` has another value."""
        group, _, key = name.partition(".")
        return replace(self, **{group: replace(getattr(self, group), **{key: value})})


DEFAULTS = Parameters()


@dataclass(frozen=True)
class ParameterDescription:
    """A parameter with its value, unit, meaning and case (the recording, test or commit that fixed the value)."""

    name: str
    value: Any
    unit: str
    meaning: str
    case: str


def describe_parameters(parameters: Parameters = DEFAULTS) -> Iterator[ParameterDescription]:
    """Describe every parameter, named `group.field`, in the order of the steps."""
    for group in fields(parameters):
        values = getattr(parameters, group.name)
        for each in fields(values):
            yield ParameterDescription(f"{group.name}.{each.name}", getattr(values, each.name), **each.metadata)
