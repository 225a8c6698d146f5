"""Azure's regions and what people call them: fabrics are called so, not by their own names."""

from __future__ import annotations

# Location -> display name. Those of fabrics are recorded for East US, East US 2 and West Central
# US [CLI][PS-RP]; the others are what `GET /subscriptions/{id}/locations` tells (MEMORY).
PUBLIC = {
    "australiacentral": "Australia Central",
    "australiacentral2": "Australia Central 2",
    "australiaeast": "Australia East",
    "australiasoutheast": "Australia Southeast",
    "austriaeast": "Austria East",
    "belgiumcentral": "Belgium Central",
    "brazilsouth": "Brazil South",
    "brazilsoutheast": "Brazil Southeast",
    "canadacentral": "Canada Central",
    "canadaeast": "Canada East",
    "centralindia": "Central India",
    "centralus": "Central US",
    "chilecentral": "Chile Central",
    "denmarkeast": "Denmark East",
    "eastasia": "East Asia",
    "eastus": "East US",
    "eastus2": "East US 2",
    "francecentral": "France Central",
    "francesouth": "France South",
    "germanynorth": "Germany North",
    "germanywestcentral": "Germany West Central",
    "indonesiacentral": "Indonesia Central",
    "israelcentral": "Israel Central",
    "israelnorthwest": "Israel Northwest",
    "italynorth": "Italy North",
    "japaneast": "Japan East",
    "japanwest": "Japan West",
    "jioindiacentral": "Jio India Central",
    "jioindiawest": "Jio India West",
    "koreacentral": "Korea Central",
    "koreasouth": "Korea South",
    "malaysiawest": "Malaysia West",
    "mexicocentral": "Mexico Central",
    "newzealandnorth": "New Zealand North",
    "northcentralus": "North Central US",
    "northeurope": "North Europe",
    "norwayeast": "Norway East",
    "norwaywest": "Norway West",
    "polandcentral": "Poland Central",
    "qatarcentral": "Qatar Central",
    "southafricanorth": "South Africa North",
    "southafricawest": "South Africa West",
    "southcentralus": "South Central US",
    "southeastasia": "Southeast Asia",
    "southindia": "South India",
    "spaincentral": "Spain Central",
    "swedencentral": "Sweden Central",
    "swedensouth": "Sweden South",
    "switzerlandnorth": "Switzerland North",
    "switzerlandwest": "Switzerland West",
    "uaecentral": "UAE Central",
    "uaenorth": "UAE North",
    "uksouth": "UK South",
    "ukwest": "UK West",
    "westcentralus": "West Central US",
    "westeurope": "West Europe",
    "westindia": "West India",
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
}
"""Azure's public regions, also those of restricted access [DOC:regions-list]."""

OTHERS = {
    "centraluseuap": "Central US EUAP",
    "chinaeast": "China East",
    "chinaeast2": "China East 2",
    "chinaeast3": "China East 3",
    "chinanorth": "China North",
    "chinanorth2": "China North 2",
    "chinanorth3": "China North 3",
    "eastus2euap": "East US 2 EUAP",
    "usdodcentral": "US DoD Central",
    "usdodeast": "US DoD East",
    "usgovarizona": "US Gov Arizona",
    "usgovtexas": "US Gov Texas",
    "usgovvirginia": "US Gov Virginia",
}
"""Of the clouds of governments and of China, and those for trying Azure out: no subscription of
the public cloud lists them."""

KNOWN = PUBLIC | OTHERS

ZONAL = frozenset(
    {
        *("australiaeast", "brazilsouth", "canadacentral", "centralindia", "centralus"),
        *("chinanorth3", "eastasia", "eastus", "eastus2", "francecentral"),
        *("germanywestcentral", "israelcentral", "italynorth", "japaneast", "japanwest"),
        *("koreacentral", "mexicocentral", "newzealandnorth", "northeurope", "norwayeast"),
        *("polandcentral", "qatarcentral", "southafricanorth", "southcentralus"),
        *("southeastasia", "spaincentral", "swedencentral", "switzerlandnorth", "uaenorth"),
        *("uksouth", "usgovvirginia", "westeurope", "westus2", "westus3"),
    }
)
"""Regions with availability zones, three each [DOC:regions-list]. Which zone is which data centre
differs by subscription, and which sizes stand in each is not told anywhere: here all do."""
ZONES = ("1", "2", "3")


def display(location: str) -> str:
    """A region's name for people; one that is not known is told as it is."""
    return KNOWN.get(as_location(location), location)


def as_location(text: str) -> str:
    """`East US 2` or `eastus2`, as ids of regions are written: small letters, no spaces."""
    return text.lower().replace(" ", "")
