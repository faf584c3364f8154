"""Hold the sentences of the consent notice in Portuguese, as it is written in Portugal.

English -> Portuguese, all or none: a notice is never half in another language. Once shown, these
are the bytes of evidence; a change gives every later notice another digest.
"""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {}
