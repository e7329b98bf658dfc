"""Secret keys: which ones are easy to guess."""

import zlib
from typing import Final

_FEWEST_CHARACTERS: Final = 8
"""The least number of different characters in a key."""

_FEWEST_BYTES: Final = 12
"""The least size of a key once it is compressed: a shorter one holds too little information."""

# What people write where a secret belongs; text that repeats these compresses to almost nothing.
_GUESSABLE: Final = (
    b"development example insecure default replace before deploying please enter generate"
    b" random flask django token admin letmein welcome test placeholder super my-app your-key-here"
    b" destiny_web password secret_key-changeme change-this change_me change-me changeit change me"
    b" abcdefghijklmnopqrstuvwxyz zyxwvutsrqponmlkjihgfedcba qwertyuiopasdfghjklzxcvbnm"
    b" 98765432109876543210 12345678901234567890 0123456789abcdef0123456789abcdef"
)


def is_guessable(key: str) -> bool:
    """Tell whether a key surely holds little information.

    A compressor that knows common words finds repetitions, sequences and words. No compressor
    can make random keys shorter than the information in them, so a key that was made as
    documented (32 random bytes) is never refused.
    """
    text = key.lower().encode()
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS, zdict=_GUESSABLE)
    size = len(compressor.compress(text) + compressor.flush())
    return len(set(text)) < _FEWEST_CHARACTERS or size < _FEWEST_BYTES
