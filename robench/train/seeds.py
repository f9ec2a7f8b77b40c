"""Seeds for what has no generator argument: initial weights and dropout of torch's own layers."""

import hashlib


def seed_of(*key: object) -> int:
    """A 63-bit seed that depends on the key alone; unlike keys share no stream."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
