"""Projects: assets, members and the video that is made of them."""
