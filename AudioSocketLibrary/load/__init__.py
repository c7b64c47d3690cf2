"""A load: the profile that describes it, its shape, and the schedule of calls that follows from both."""

from .capacity import Capacity, Plateau, PlateauSearch, Search
from .course import Phase
from .levels import Rate
from .limits import Cost, Limits, target_refused
from .profile import Profile, ScenarioChoice
from .schedule import Arrival, Schedule, Seat
from .shapes import Shape
from .shipped import find_profile, load_profile, profiles_here
from .threshold_files import Known, read_nfr

__all__ = [
    "Arrival",
    "Capacity",
    "Cost",
    "Known",
    "Limits",
    "Phase",
    "Plateau",
    "PlateauSearch",
    "Profile",
    "Rate",
    "ScenarioChoice",
    "Schedule",
    "Search",
    "Seat",
    "Shape",
    "find_profile",
    "load_profile",
    "profiles_here",
    "read_nfr",
    "target_refused",
]
