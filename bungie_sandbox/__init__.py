"""A Bungie.net of our own, over HTTP. It shares no code with the rest.

::

    server      a sandbox in a thread, with handles for tests      (python -m: __main__)
    http/       the wire, the paths, the consent page, the control page
    bungie      the state of one sandbox and its switches: options, clock, oauth, faults,
                journal, pacing, lag
    answers/    the state of the world in Bungie's shapes
    world/      players, what is theirs, and the rules by which it changes
    manifest/   the definitions in Bungie's shapes, and the files that hold them
    pictures/   icons, emblems and signs, drawn as SVG
    lore/       what the game is made of: facts, what we made up, every item
"""
