"""The caller's bookmarks of a recording."""

from __future__ import annotations

from typing import Any

from routes.caller import caller, login_required
from routes.endpoints import Blueprint
from schemas.accounts import MessageOut
from schemas.bookmarks import BookmarkIn, BookmarkOut, BookmarkPatch, BookmarksOut
from services.library import bookmarks as use_case

bookmarks = Blueprint("bookmarks", __name__, scope="content", tag="Recordings")


@bookmarks.get("/<recording_id>/bookmarks")
@login_required
@bookmarks.output(BookmarksOut)
@bookmarks.doc(responses={404: "Not found"})
def list_bookmarks(recording_id: str) -> Any:
    """List the caller's bookmarks of a recording in the order of time. The zip file of all documents has them too, as Markdown."""
    return BookmarksOut(bookmarks=[BookmarkOut.of(row) for row in use_case.list_own(caller(), recording_id)])


@bookmarks.post("/<recording_id>/bookmarks")
@login_required
@bookmarks.input(BookmarkIn)
@bookmarks.output(BookmarkOut, status_code=201)
@bookmarks.doc(responses={404: "Not found", 409: "Too many bookmarks"})
def add_bookmark(recording_id: str, json_data: BookmarkIn) -> Any:
    """Mark a moment of a recording, with or without a note. Others do not see it."""
    return BookmarkOut.of(use_case.add(caller(), recording_id, json_data.time_s, json_data.text))


@bookmarks.patch("/<recording_id>/bookmarks/<bookmark_id>")
@login_required
@bookmarks.input(BookmarkPatch)
@bookmarks.output(BookmarkOut)
@bookmarks.doc(responses={404: "Not found"})
def change_bookmark(recording_id: str, bookmark_id: str, json_data: BookmarkPatch) -> Any:
    """Change the time or the note of a bookmark."""
    values = json_data.model_dump(include=json_data.model_fields_set)
    return BookmarkOut.of(use_case.change(caller(), recording_id, bookmark_id, time_s=values.get("time_s"), text=values.get("text")))


@bookmarks.delete("/<recording_id>/bookmarks/<bookmark_id>")
@login_required
@bookmarks.output(MessageOut)
@bookmarks.doc(responses={404: "Not found"})
def delete_bookmark(recording_id: str, bookmark_id: str) -> Any:
    """Delete a bookmark."""
    use_case.remove(caller(), recording_id, bookmark_id)
    return MessageOut(message="Deleted.")
