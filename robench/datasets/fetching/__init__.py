"""Getting data sets: resumable downloads, safe unpacking, nothing half-written.

Whatever comes from outside is not trusted: an archive is known by its SHA-256, unpacked in a place
of its own, recognised there as the set that was asked for, and only then renamed into the data
folder. Nothing is downloaded that was not asked for.
"""

from robench.datasets.fetching.advice import describe
from robench.datasets.fetching.getting import DOWNLOADS, get_set
from robench.datasets.fetching.job import Request

__all__ = ["DOWNLOADS", "Request", "describe", "get_set"]
