"""A local Bungie.net for tests, over HTTP. It shares no code with the site.

::

    server      runs a sandbox in a thread, with methods for tests (command line: __main__)
    http/       HTTP server, operations of the API, consent page, control page
    bungie      state and switches of one sandbox: options, clock, oauth, faults, journal,
                pacing, read_lag
    responses/  responses of the API, built from the state of the players
    world/      players, their items, and the rules by which items change
    manifest/   definitions in Bungie's shapes, and the files that contain them
    pictures/   icons and emblems, drawn as SVG
    game_data/  facts of the game, invented data, and the definitions of all items
"""
