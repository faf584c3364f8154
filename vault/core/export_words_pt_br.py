"""Hold the words of a package in Portuguese, as it is written in Brazil: English -> Portuguese."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {}
