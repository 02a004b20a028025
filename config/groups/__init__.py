"""Groups of settings, one file each. A field's description says what it sets and in which unit."""
