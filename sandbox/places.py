"""Towns that addresses stand in: the file of the history knows countries only, the rest is chosen by the number.

Coordinates are the towns' own; every address lies a little beside them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """`province` is Shopify's code; None in countries that it writes without."""

    province: str | None
    city: str
    postcode: str
    latitude: float
    longitude: float


_NOWHERE = Town(None, "", "", 0.0, 0.0)
TOWNS: dict[str, tuple[Town, ...]] = {
    "GB": (
        Town("ENG", "London", "SW1A 1AA", 51.5014, -0.1419),
        Town("ENG", "London", "N1 9GU", 51.5308, -0.1238),
        Town("ENG", "Manchester", "M1 1AE", 53.4794, -2.2453),
        Town("ENG", "Birmingham", "B1 1BB", 52.4796, -1.9026),
        Town("ENG", "Brighton", "BN1 1AA", 50.8229, -0.1363),
        Town("SCT", "Edinburgh", "EH1 1YZ", 55.9505, -3.1883),
        Town("SCT", "Glasgow", "G1 1XQ", 55.8609, -4.2514),
        Town("WLS", "Cardiff", "CF10 1EP", 51.4816, -3.1791),
        Town("NIR", "Belfast", "BT1 5GS", 54.5970, -5.9300),
    ),
    "IE": (Town("D", "Dublin", "D02 AF30", 53.3438, -6.2546), Town("CO", "Cork", "T12 W8KP", 51.8985, -8.4756)),
    "FR": (Town(None, "Paris", "75001", 48.8640, 2.3310), Town(None, "Lyon", "69001", 45.7676, 4.8343)),
    "DE": (
        Town(None, "Berlin", "10115", 52.5320, 13.3849),
        Town(None, "München", "80331", 48.1372, 11.5755),
        Town(None, "Hamburg", "20095", 53.5503, 10.0014),
    ),
    "ES": (Town("M", "Madrid", "28001", 40.4255, -3.6836), Town("B", "Barcelona", "08001", 41.3800, 2.1686)),
    "IT": (Town("RM", "Roma", "00184", 41.8955, 12.4923), Town("MI", "Milano", "20121", 45.4720, 9.1900)),
    "US": (
        Town("NY", "New York City", "10001", 40.7506, -73.9971),
        Town("CA", "San Francisco", "94103", 37.7726, -122.4099),
    ),
    "CA": (Town("ON", "Toronto", "M5V 2T6", 43.6426, -79.3871), Town("BC", "Vancouver", "V6B 1A1", 49.2820, -123.1088)),
    "AU": (Town("NSW", "Sydney", "2000", -33.8688, 151.2093), Town("VIC", "Melbourne", "3000", -37.8136, 144.9631)),
    "JP": (Town("JP-13", "Tokyo", "100-0001", 35.6840, 139.7530),),
    "PT": (Town("PT-11", "Lisboa", "1100-148", 38.7092, -9.1355),),
    "BR": (Town("SP", "São Paulo", "01310-100", -23.5614, -46.6559),),
    "NL": (Town(None, "Amsterdam", "1012 JS", 52.3730, 4.8925),),
    "BE": (Town(None, "Bruxelles", "1000", 50.8466, 4.3528),),
    "CH": (Town(None, "Zürich", "8001", 47.3717, 8.5423),),
    "AT": (Town(None, "Wien", "1010", 48.2082, 16.3738),),
    "SE": (Town(None, "Stockholm", "111 29", 59.3251, 18.0711),),
    "NO": (Town(None, "Oslo", "0150", 59.9127, 10.7461),),
    "DK": (Town(None, "København", "1050", 55.6807, 12.5874),),
    "FI": (Town(None, "Helsinki", "00100", 60.1719, 24.9414),),
    "PL": (Town(None, "Warszawa", "00-001", 52.2297, 21.0122),),
}


def town(country: str, number: int) -> Town:
    """The one that this number's address in the country stands in; without a name where we know none."""
    known = TOWNS.get(country)
    if known is None:
        return _NOWHERE
    chosen, beside = known[number % len(known)], number * 37 % 100
    return Town(
        chosen.province,
        chosen.city,
        chosen.postcode,
        round(chosen.latitude + beside / 10_000, 4),
        round(chosen.longitude + beside / 8_000, 4),
    )
