"""Secret keys: which keys are easy to guess."""

import zlib
from typing import Final

_MIN_DISTINCT_CHARACTERS: Final = 8
"""The least number of different characters in a key."""

_MIN_COMPRESSED_BYTES: Final = 12
"""The least size of a compressed key: a smaller one holds too little information."""

# Words that people write where a secret belongs. A key that repeats them compresses to a few bytes.
_COMMON_WORDS: Final = (
    b"development example insecure default replace before deploying please enter generate"
    b" random flask django token admin letmein welcome test placeholder super my-app your-key-here"
    b" destiny_web password secret_key-changeme change-this change_me change-me changeit change me"
    b" abcdefghijklmnopqrstuvwxyz zyxwvutsrqponmlkjihgfedcba qwertyuiopasdfghjklzxcvbnm"
    b" 98765432109876543210 12345678901234567890 0123456789abcdef0123456789abcdef"
)


def is_guessable(key: str) -> bool:
    """Tell whether a key is certain to hold little information.

    A compressor that knows common words finds repetitions, sequences and words. No compressor
    can make a random key shorter than the information in it, so a key that was made as
    documented (32 random bytes) is never refused.
    """
    text = key.lower().encode()
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS, zdict=_COMMON_WORDS)
    size = len(compressor.compress(text) + compressor.flush())
    return len(set(text)) < _MIN_DISTINCT_CHARACTERS or size < _MIN_COMPRESSED_BYTES
