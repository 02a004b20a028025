"""Recordings with truth files as other programs would have coded, framed or shown them."""
