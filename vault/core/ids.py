"""Give each kind of identifier a type of its own, so that they cannot be mixed up.

A customer's id never leaves the vault: apps see a pairwise id, pages see nothing.
"""

from typing import NewType
from uuid import UUID

CustomerId = NewType("CustomerId", UUID)  # UUIDv7, made by the app
AppId = NewType("AppId", str)  # an OAuth client id
PairwiseId = NewType("PairwiseId", str)  # 26 lower-case base32 characters
DeploymentId = NewType("DeploymentId", bytes)  # 16 random bytes, fixed at `ownship init`
LogId = NewType("LogId", int)  # u16

NOBODY = CustomerId(UUID(int=0))  # stands for a customer that the vault does not know
