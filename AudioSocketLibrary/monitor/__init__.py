"""What processes use: samples a second, what gives first, and the performance of a piece of work."""

from .bottlenecks import Bottleneck, ResourceLimits, bottlenecks
from .finding import NotFound, Watched
from .performance import Performance, PerformanceMonitor
from .process import Note, Sample, Sampler
from .stress import StressFigures, StressThresholds

__all__ = [
    "Bottleneck",
    "NotFound",
    "Note",
    "Performance",
    "PerformanceMonitor",
    "ResourceLimits",
    "Sample",
    "Sampler",
    "StressFigures",
    "StressThresholds",
    "Watched",
    "bottlenecks",
]
