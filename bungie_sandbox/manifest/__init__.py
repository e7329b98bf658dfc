"""The definitions in Bungie's shape: tables, and the files that contain them."""
