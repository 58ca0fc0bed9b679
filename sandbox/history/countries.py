"""Country names of the file → ISO codes, as Shopify's CountryCode has them."""

from __future__ import annotations

UNKNOWN = "ZZ"
"""Shopify's own code for an unknown region."""

CODES = {
    "Australia": "AU",
    "Austria": "AT",
    "Bahrain": "BH",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Channel Islands": "JE",  # Jersey or Guernsey: the file does not say; the larger one
    "Cyprus": "CY",
    "Czech Republic": "CZ",
    "Denmark": "DK",
    "EIRE": "IE",
    "European Community": UNKNOWN,  # no country
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Greece": "GR",
    "Hong Kong": "HK",
    "Iceland": "IS",
    "Israel": "IL",
    "Italy": "IT",
    "Japan": "JP",
    "Lebanon": "LB",
    "Lithuania": "LT",
    "Malta": "MT",
    "Netherlands": "NL",
    "Norway": "NO",
    "Poland": "PL",
    "Portugal": "PT",
    "RSA": "ZA",
    "Saudi Arabia": "SA",
    "Singapore": "SG",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "USA": "US",
    "United Arab Emirates": "AE",
    "United Kingdom": "GB",
    "Unspecified": UNKNOWN,
}

NAMES = {code: name for name, code in CODES.items()} | {
    "IE": "Ireland",
    "JE": "Jersey",
    "ZA": "South Africa",
    "US": "United States",
    "CZ": "Czechia",
    UNKNOWN: "Unknown region",
}


def code_of(name: str) -> str:
    """The ISO code, ZZ for a place that is none we know."""
    return CODES.get(name, UNKNOWN)
