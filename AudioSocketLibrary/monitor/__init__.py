"""What processes use: samples a second, what gives first, and the performance of a piece of work."""

from .bottlenecks import Bottleneck, ResourceLimits, bottlenecks
from .finding import NotFound, Watched
from .process import Note, Sample, Sampler

__all__ = [
    "Bottleneck",
    "NotFound",
    "Note",
    "ResourceLimits",
    "Sample",
    "Sampler",
    "Watched",
    "bottlenecks",
]
