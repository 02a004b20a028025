"""Bars and controls that a desktop or a player shows on a recorded screen."""

from __future__ import annotations

import cv2

from bench.slides.drawing import Canvas, Image, Overlay, put_text, shrink

_WHITE, _RED, _GREY = (255, 255, 255), (0, 0, 230), (120, 120, 120)


def make_clock(canvas: Canvas, step_s: float = 7.0) -> Overlay:
    """Make a bar at the upper edge of the screen with a clock that changes every `step_s`."""
    height = canvas.height // 32

    def draw(image: Image, t: float) -> None:
        image[:height] = 0
        minutes, seconds = divmod(int(t / step_s), 60)
        time = f"10:{41 + minutes}:{seconds:02d}" if step_s == 1 else f"10:{41 + int(t / step_s)}"
        put_text(image, time, (canvas.width - 80, height - 6), 0.5, _WHITE)

    return draw


def make_bar_above(height_px: int, colour: int) -> Overlay:
    """Make an empty bar at the upper edge, below which the frame is drawn less high."""

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        shrink(image, (0, height_px, width, height - height_px), colour)

    return draw


def make_bar_below(height_px: int, colour: int) -> Overlay:
    """Make an empty bar at the lower edge, above which the frame is drawn less high."""

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        shrink(image, (0, 0, width, height - height_px), colour)

    return draw


def make_taskbar(canvas: Canvas) -> Overlay:
    """Make a bar with icons and a clock at the lower edge; a minute begins after 22 seconds."""
    bar_px = max(22, canvas.height // 20)
    draw_bar = make_bar_below(bar_px, 40)

    def draw(image: Image, t: float) -> None:
        draw_bar(image, t)
        height, width = image.shape[:2]
        for icon in range(6):
            colour = (70 * icon % 255, (40 * icon + 90) % 255, 200 - 30 * icon)
            cv2.rectangle(image, (8 + 30 * icon, height - bar_px + 4), (26 + 30 * icon, height - 4), colour, -1)
        put_text(image, f"14:{7 + int((t + 38) // 60):02d}", (width - 54, height - 8), 0.45, _WHITE)

    return draw


def make_menu_bar(canvas: Canvas) -> Overlay:
    """Make a menu bar with a clock that shows seconds, at the upper edge."""
    bar_px = max(20, canvas.height // 24)
    draw_bar = make_bar_above(bar_px, 235)

    def draw(image: Image, t: float) -> None:
        draw_bar(image, t)
        put_text(image, "File Edit View Window", (8, bar_px - 6), 0.42, (20, 20, 20))
        put_text(image, f"Mon 14:07:{int(t) % 60:02d}", (image.shape[1] - 130, bar_px - 6), 0.42, (20, 20, 20))

    return draw


def make_player_bar(duration_s: float) -> Overlay:
    """Make the bar of a player below the frame, with its position and time."""
    draw_bar = make_bar_below(28, 25)

    def draw(image: Image, t: float) -> None:
        draw_bar(image, t)
        height, width = image.shape[:2]
        middle = height - 14
        position = _draw_progress(image, (60, middle), width - 120, t / duration_s)
        cv2.circle(image, (position, middle), 6, (240, 240, 240), -1)
        put_text(image, _player_time(t, duration_s), (width - 105, height - 9), 0.42, _WHITE)

    return draw


def make_player_controls(duration_s: float, period_s: float, shown_s: float) -> Overlay:
    """Make the controls of a player, on a darker strip of the frame, for `shown_s` every `period_s`."""

    def draw(image: Image, t: float) -> None:
        if t % period_s >= shown_s:
            return
        height, width = image.shape[:2]
        image[height - 50 :] = (image[height - 50 :] * 0.35).astype(image.dtype)
        _draw_progress(image, (20, height - 36), width - 20, t / duration_s)
        put_text(image, _player_time(t, duration_s), (60, height - 12), 0.5, _WHITE)
        for left in (22, 32):
            cv2.rectangle(image, (left, height - 26), (left + 6, height - 8), _WHITE, -1)

    return draw


def _draw_progress(image: Image, start: tuple[int, int], end_x: int, share: float) -> int:
    """Draw a line of which a share is red; return where that ends."""
    x, y = start
    position = x + int((end_x - x) * share)
    cv2.line(image, start, (end_x, y), _GREY, 3)
    cv2.line(image, start, (position, y), _RED, 3)
    return position


def _player_time(t: float, duration_s: float) -> str:
    return " / ".join(f"{int(seconds) // 60}:{int(seconds) % 60:02d}" for seconds in (t, duration_s))
