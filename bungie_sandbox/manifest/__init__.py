"""The static definitions in Bungie's shape: tables, and the files that hold them."""
