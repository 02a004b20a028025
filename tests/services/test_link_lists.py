"""Lists of the recordings in feeds, folders and pages, from local servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import errors
from services import downloaders
from services.downloaders import Collection, LinkItem, LinkOptions
from services.downloaders.port import limit_collection
from tests.link_server import CATALOG_ID, DRIVE_ID, FOLDER_ID, FOLDER_TOKEN, LECTURE_IDS, MEDIA, PASSWORD, TOKEN, LinkServer, link_server


@pytest.fixture(scope="module")
def site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


def options_of(site: LinkServer) -> LinkOptions:
    return LinkOptions(allowed_hosts=(site.host,), drive_url=site.url, drive_pages_url=site.url, unseal=lambda token: token)


def list_items(site: LinkServer, url: str, max_items: int = 10, password: str = "") -> Collection:
    return downloaders.list_items(url, options_of(site), max_items=max_items, timeout_s=60, sealed_password=password)


def test_the_enclosures_of_a_feed_are_listed_once_each(site: LinkServer) -> None:
    assert list_items(site, f"{site.url}/feed") == Collection(
        "Lectures on the air",
        (
            LinkItem(f"{site.url}/files/one.m4a?token=1", "One", source_id="feed ep-1", duration_s=3723.0, size_bytes=74109),
            LinkItem(f"{site.url}/files/two%202.m4a", "Two & more", source_id="feed ep-2", duration_s=90.0),
        ),
    )
    atom = list_items(site, f"{site.url}/atom")
    assert (atom.title, [(each.title, each.url) for each in atom.items]) == ("Talks", [("First", f"{site.url}/files/first.m4a")])


def test_a_long_list_is_cut(site: LinkServer) -> None:
    collection = list_items(site, f"{site.url}/feed", max_items=1)
    assert (len(collection.items), collection.is_truncated) == (1, True)


def test_long_titles_are_cut() -> None:
    collection = limit_collection("t" * 10**6, [LinkItem("https://example.org/a.mp4", "i" * 10**6)], 1)
    assert (len(collection.title), len(collection.items[0].title)) == (5000, 5000)


def test_a_folder_of_google_drive_is_listed_with_its_subfolders(site: LinkServer) -> None:
    collection = list_items(site, f"https://drive.google.com/drive/folders/{FOLDER_ID}?usp=sharing")
    assert [(each.url, each.filename, each.source_id) for each in collection.items] == [
        (f"https://drive.google.com/file/d/{DRIVE_ID}/view", "Lecture \u00e4.m4a", f"drive {DRIVE_ID}"),
        ("https://drive.google.com/file/d/1AnOtHerFiLe/view", "Second & last.mp4", "drive 1AnOtHerFiLe"),
    ]
    assert collection.title == "Course"
    with pytest.raises(errors.LinkNotFound):
        list_items(site, "https://drive.google.com/drive/folders/1NoSuchFolder00")


@pytest.mark.parametrize("version", ["new", "old"])
def test_a_folder_of_nextcloud_is_listed_and_each_file_can_be_downloaded(site: LinkServer, tmp_path: Path, version: str) -> None:
    collection = list_items(site, f"{site.url}/{version}/s/{FOLDER_TOKEN}")
    assert [(each.filename, each.size_bytes) for each in collection.items] == [("intro \u00e4.m4a", len(MEDIA)), ("talk.m4a", len(MEDIA))]
    last = collection.items[-1].url
    assert last == f"{site.url}/{version}/s/{FOLDER_TOKEN}/download?path=%2FWeek+1&files=talk.m4a"
    download = downloaders.fetch(last, tmp_path, options_of(site), max_bytes=2**24)
    assert ((tmp_path / download.files[0]).read_bytes(), download.filename) == (MEDIA, "talk.m4a")


def test_a_locked_folder_needs_its_password(site: LinkServer) -> None:
    url = f"{site.url}/locked/s/{FOLDER_TOKEN}"
    with pytest.raises(errors.LinkPasswordNeeded):
        list_items(site, url)
    assert len(list_items(site, url, password=PASSWORD).items) == 2


def test_players_of_a_page_and_single_recordings_are_lists_too(site: LinkServer) -> None:
    page = list_items(site, f"{site.url}/two-players")
    assert [each.url for each in page.items] == [f"{site.url}/files/one.m4a", f"{site.url}/files/two.m4a"]
    single = list_items(site, f"{site.url}/player")
    assert single.items == (LinkItem(f"{site.url}/player", "Gradient descent"),)
    assert [each.url for each in list_items(site, f"{site.url}/files/a.m4a").items] == [f"{site.url}/files/a.m4a"]
    share = list_items(site, f"{site.url}/new/s/{TOKEN}")
    assert [each.url for each in share.items] == [f"{site.url}/new/s/{TOKEN}"]


def test_a_playlist_of_a_site_that_yt_dlp_knows(site: LinkServer, tmp_path: Path) -> None:
    catalog = list_items(site, f"{site.url}/Mediasite/Catalog/Full/{CATALOG_ID}")
    assert (catalog.title, catalog.is_truncated) == ("Lectures of the term", False)
    assert [each.url for each in catalog.items] == [f"{site.url}/Mediasite/Play/{each}" for each in LECTURE_IDS]
    assert [each.source_id for each in catalog.items] == [f"mediasite {each}" for each in LECTURE_IDS]
    download = downloaders.fetch(catalog.items[1].url, tmp_path, options_of(site), max_bytes=2**24)
    assert (download.title, download.source_id) == ("Lecture 2", catalog.items[1].source_id)


@pytest.mark.parametrize(("path", "kind"), [("/status/404", errors.LinkNotFound), ("/status/503", errors.ProviderDown)])
def test_a_failed_list_says_why(site: LinkServer, path: str, kind: type[errors.LecternError]) -> None:
    with pytest.raises(kind):
        list_items(site, f"{site.url}{path}")


def test_lists_reach_allowed_hosts_only(site: LinkServer) -> None:
    with pytest.raises(errors.UrlRefused):
        downloaders.list_items(f"{site.url}/feed", LinkOptions(), max_items=5, timeout_s=60)
