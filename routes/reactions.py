"""Likes and comments of recordings that the caller may watch."""

from __future__ import annotations

from typing import Any

from flask import Response

from routes.caller import caller, login_required, viewer, viewer_required
from routes.endpoints import Blueprint, endpoint
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.reactions import CommentIn, CommentOut, CommentsOut, LikesOut
from services.reactions import comments, likes

reactions = Blueprint("reactions", __name__, scope="content", tag="Videos")


@reactions.get("/<recording_id>/like")
@login_required
@reactions.output(LikesOut)
@reactions.doc(responses={404: "Not found"})
def show_likes(recording_id: str) -> Any:
    """Show the number of likes, and whether the caller likes the recording."""
    number, is_liked = likes.get(caller(), recording_id)
    return LikesOut(likes=number, liked=is_liked)


@reactions.put("/<recording_id>/like")
@login_required
@reactions.output(LikesOut)
@reactions.doc(responses={404: "Not found"})
def like(recording_id: str) -> Any:
    """Like a recording."""
    return LikesOut(likes=likes.set_liked(caller(), recording_id, is_liked=True), liked=True)


@reactions.delete("/<recording_id>/like")
@login_required
@reactions.output(LikesOut)
@reactions.doc(responses={404: "Not found"})
def unlike(recording_id: str) -> Any:
    """Take back a like."""
    return LikesOut(likes=likes.set_liked(caller(), recording_id, is_liked=False), liked=False)


@reactions.get("/<recording_id>/comments")
@viewer_required
@reactions.input(PageQuery, location="query")
@reactions.output(CommentsOut)
@reactions.doc(responses={404: "Not found"})
def list_comments(recording_id: str, query_data: PageQuery) -> Response:
    """List the comments of a recording, oldest first."""
    page, is_allowed = comments.list_page(viewer(), recording_id, query_data.paging)
    body = CommentsOut(comments=[CommentOut.of(each) for each in page.rows], total=page.total, allowed=is_allowed)
    return page_response(body, query_data, page.total)


@reactions.post("/<recording_id>/comments")
@endpoint(rate_limits=("comment",))
@login_required
@reactions.input(CommentIn)
@reactions.output(CommentOut, status_code=201)
@reactions.doc(responses={404: "Not found", 409: "Comments are turned off, or there are too many", 429: "Too many comments"})
def add_comment(recording_id: str, json_data: CommentIn) -> Any:
    """Comment on a recording, or on a moment of it."""
    return CommentOut.of(comments.add(caller(), recording_id, json_data.text, json_data.time_s))


@reactions.delete("/<recording_id>/comments/<comment_id>")
@login_required
@reactions.output(MessageOut)
@reactions.doc(responses={403: "It is a comment of others", 404: "Not found"})
def delete_comment(recording_id: str, comment_id: str) -> Any:
    """Delete a comment: its author, the owner of the recording and admins."""
    comments.delete(caller(), recording_id, comment_id)
    return MessageOut(message="Deleted.")
