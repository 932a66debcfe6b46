"""The decision table: what the law gives, by the code that the person applies under.

Northern Ireland and Wales are answered as England is. In Scotland, as this supplier reads the little that the sources
say, planning and following journeys takes 12 points.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from .rules import DISCRETIONARY, day, inside, years_after
from .settings import Body

WITHOUT, FURTHER, NOT = "eligible_without_further_assessment", "further_assessment", "not_eligible"


def outcome(body: Body, today: date) -> str:
    """The outcome for a request that has nothing wrong with it."""
    code = inside(body, "eligibility.typeCode")
    if code is None or code in DISCRETIONARY:
        born = day(inside(body, "party.person.dob"))
        if code == "CHILDBULK" and born is not None and years_after(born, 3) <= today:
            return NOT
        return FURTHER
    if code == "WPMS":
        return WITHOUT
    met = _met(str(code), inside(body, "eligibility.award") or {}, str(body.get("nationCode")))
    return FURTHER if met is None else WITHOUT if met else NOT


def _met(code: str, award: Any, nation: str) -> bool | None:
    """Whether an award reaches what the law asks; None when the request does not say."""
    if code == "PIP":
        moving, planning = award.get("movingAroundPoints"), award.get("planningAndFollowingPoints")
        descriptor = award.get("planningAndFollowingDescriptor")
        if moving is None and planning is None and descriptor is None:
            return None
        if nation == "SCO":
            return (moving or 0) >= 8 or (planning or 0) >= 12
        return (moving or 0) >= 8 or (descriptor == "E" and planning == 10)
    if code == "AFRFCS":
        tariff, disability = award.get("tariff"), award.get("permanentSubstantialDisability")
        return None if tariff is None or disability is None else 1 <= tariff <= 8 and disability is True
    stated = award.get({"DLA": "higherRateMobility", "BLIND": "severelySightImpaired"}.get(code))
    return None if stated is None else stated is True
