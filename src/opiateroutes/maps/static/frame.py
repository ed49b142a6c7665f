"""The frame of a printed map: which part of the Earth, in which projection.

The projection is Lambert's azimuthal equal-area one about the middle of what is drawn. It has no
seam at 180 degrees: what crosses the antimeridian stays in one piece.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Transformer

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["EARTH_M", "Frame", "Window", "fit_frame", "near_the_middle", "unit_vectors"]

EARTH_M = 6_371_007.0
# The disc of the whole Earth ends at twice its radius; the rim is one point stretched to a circle.
_RIM_M = 1.99 * EARTH_M
_MARGIN = 0.06
_SMALLEST_M = 150_000.0
_ROUNDS = 4
_HALF_TURN = 180.0
# Beyond this angle from the middle an equal-area map squeezes land to slivers.
_FAR_DEGREES = 75.0


@dataclass(frozen=True)
class Frame:
    """A rectangle about the centre of a projection.

    Attributes
    ----------
    lon, lat
        Centre of the projection, in degrees.
    half_width, half_height
        In metres on the map.
    """

    lon: float
    lat: float
    half_width: float
    half_height: float
    _transformer: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        centred = f"+proj=laea +lat_0={self.lat} +lon_0={self.lon} +datum=WGS84 +units=m"
        transformer = Transformer.from_crs("EPSG:4326", centred, always_xy=True)
        object.__setattr__(self, "_transformer", transformer)

    def to_map(self, coordinates: Floats) -> Floats:
        """Project rows of longitude and latitude to metres on the map.

        Examples
        --------
        >>> Frame(60.0, 35.0, 1.0, 1.0).to_map(np.array([[60.0, 35.0]])).round(6).tolist()
        [[0.0, 0.0]]
        """
        lon, lat = np.asarray(coordinates, dtype=np.float64).T
        return np.column_stack(self._transformer.transform(lon, lat))

    def to_degrees(self, metres: Floats) -> Floats:
        """Bring rows of metres on the map back to longitude and latitude."""
        x, y = np.asarray(metres, dtype=np.float64).T
        return np.column_stack(self._transformer.transform(x, y, direction="INVERSE"))

    def angles(self, coordinates: Floats) -> Floats:
        """Angular distance from the centre, in degrees."""
        there = unit_vectors(coordinates)
        here = unit_vectors(np.array([[self.lon, self.lat]]))[0]
        return np.asarray(np.degrees(np.arccos(np.clip(there @ here, -1, 1))), dtype=np.float64)

    @property
    def reach(self) -> float:
        """Angle from the centre to a corner, in degrees; 180 where the whole Earth is inside."""
        corner = math.hypot(self.half_width, self.half_height)
        return math.degrees(2 * math.asin(min(1.0, corner / (2 * EARTH_M))))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top, in metres on the map."""
        return (-self.half_width, -self.half_height, self.half_width, self.half_height)


@dataclass(frozen=True)
class Window:
    """A frame on paper: the same places in metres on the map and in points on the sheet.

    Attributes
    ----------
    frame
        What is seen.
    per_metre
        Points of paper for a metre of map.

    Examples
    --------
    >>> window = Window(Frame(60.0, 35.0, 1000.0, 500.0), 0.1)
    >>> window.to_points(0.0, 0.0), window.to_metres(200.0, 100.0)
    ((100.0, 50.0), (1000.0, 500.0))
    """

    frame: Frame
    per_metre: float

    @property
    def width(self) -> float:
        """In points."""
        return 2 * self.frame.half_width * self.per_metre

    @property
    def height(self) -> float:
        """In points."""
        return 2 * self.frame.half_height * self.per_metre

    def to_points(self, x: float, y: float) -> tuple[float, float]:
        """From metres about the centre to points from the lower left corner."""
        return (
            (x + self.frame.half_width) * self.per_metre,
            (y + self.frame.half_height) * self.per_metre,
        )

    def to_metres(self, x: float, y: float) -> tuple[float, float]:
        """From points from the lower left corner to metres about the centre."""
        return (
            x / self.per_metre - self.frame.half_width,
            y / self.per_metre - self.frame.half_height,
        )


def unit_vectors(coordinates: Floats) -> Floats:
    """Points on the unit sphere of rows of longitude and latitude.

    Examples
    --------
    >>> unit_vectors(np.array([[90.0, 0.0]])).round(6).tolist()
    [[0.0, 1.0, 0.0]]
    """
    lon, lat = np.radians(np.asarray(coordinates, dtype=np.float64)).T
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def near_the_middle(coordinates: Floats) -> Floats:
    """Places of one part of the Earth: what lies very far from the middle of all is left out.

    Examples
    --------
    >>> near_the_middle(np.array([[60.0, 30.0], [70.0, 40.0], [-100.0, -40.0]])).tolist()
    [[60.0, 30.0], [70.0, 40.0]]
    """
    kept = np.asarray(coordinates, dtype=np.float64)
    while True:
        vectors = unit_vectors(kept)
        middle = vectors.sum(axis=0)
        middle /= np.linalg.norm(middle) or 1.0
        angles = np.degrees(np.arccos(np.clip(vectors @ middle, -1, 1)))
        # One at a time: the farthest place pulls the middle towards itself.
        if angles.max() <= _FAR_DEGREES:
            return kept
        kept = np.delete(kept, angles.argmax(), axis=0)


def fit_frame(
    coordinates: Floats, *, aspect: float, middle: tuple[float, float] | None = None
) -> Frame:
    """Find the frame that holds some places, with a margin.

    Parameters
    ----------
    coordinates : array
        Rows of longitude and latitude, at least one.
    aspect : float
        Width of the frame divided by its height.
    middle : (float, float), optional
        Longitude and latitude to begin with, where the places reach around the Earth.

    Returns
    -------
    Frame
        Centred on the middle of the places as they lie on the map, to a tenth of a degree.

    Examples
    --------
    >>> fit_frame(np.array([[170.0, 10.0], [-170.0, 10.0]]), aspect=2.0).lon
    180.0
    """
    x, y, z = unit_vectors(coordinates if middle is None else np.array([middle])).sum(axis=0)
    lon, lat = math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))
    for _ in range(_ROUNDS):
        metres = _on_the_disc(_small(lon, lat), coordinates)
        centre = (metres.min(axis=0) + metres.max(axis=0)) / 2
        lon, lat = _small(lon, lat).to_degrees(centre[None, :])[0].tolist()
    centred = _small(lon, lat)
    reach = np.abs(_on_the_disc(centred, coordinates)).max(axis=0) * (1 + _MARGIN)
    height = float(max(reach[1], reach[0] / aspect, _SMALLEST_M / 2))
    return Frame(centred.lon, centred.lat, height * aspect, height)


def _small(lon: float, lat: float) -> Frame:
    # Adding zero turns -0.0 into 0.0; 180 degrees west is 180 degrees east.
    rounded = round(lon, 1) + 0.0
    return Frame(180.0 if rounded == -_HALF_TURN else rounded, round(lat, 1) + 0.0, 1.0, 1.0)


def _on_the_disc(frame: Frame, coordinates: Floats) -> Floats:
    """Project; the place opposite to the centre has no position and does not count."""
    metres = frame.to_map(coordinates)
    inside = np.isfinite(metres).all(axis=1) & (np.hypot(*metres.T) < _RIM_M)
    return metres[inside] if inside.any() else np.zeros((1, 2))
