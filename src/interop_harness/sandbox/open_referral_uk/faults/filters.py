"""Faults of the query parameters: ignored, turned round, compared with something else, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from interop_harness.sandbox.open_referral_uk.endpoints import problem
from interop_harness.sandbox.open_referral_uk.query import DAYS, PREDICATES, Predicate, metres
from interop_harness.sandbox.open_referral_uk.settings import PageContext
from interop_harness.sandbox.open_referral_uk.store import Facts

from .edits import SupplierFault, answers, catalogue, switch

S, L = "services", "service_at_locations"


def _filter(name: str, collection: str, parameter: str, predicate: Predicate | None) -> SupplierFault:
    return switch(name, lambda settings: settings.predicates[collection].update({parameter: predicate}))


def _total_of_everything(collection: str) -> Callable[[dict[str, Any], PageContext], None]:
    """The count is made before the filter is applied."""

    def change(members: dict[str, Any], context: PageContext) -> None:
        if context.collection == collection:
            members["total_items"] = context.everything

    return change


def _not(parameter: str) -> Predicate:
    return lambda facts, value: not PREDICATES[parameter](facts, value)


def _search_elsewhere(facts: Facts, words: Any) -> bool:
    """Only the description is looked into, although people search by name."""
    _, _, description = facts.text.partition("\n")
    return all(word in description for word in words)


def _search_any_word_start(facts: Facts, words: Any) -> bool:
    """Words are cut to three letters, so a word that nobody wrote still finds something."""
    return not words or any(word[:1] in facts.text for word in words)


def _same_first_character(facts: Facts, term: Any) -> bool:
    return any(each[:1] == term[:1] for each in facts.terms)


def _minimum_at_most(facts: Facts, age: Any) -> bool:
    return facts.minimum_age is not None and facts.minimum_age <= age


def _minimum_above(facts: Facts, age: Any) -> bool:
    return facts.minimum_age is not None and facts.minimum_age > age


def _maximum_for_minimum(facts: Facts, age: Any) -> bool:
    return facts.maximum_age is not None and facts.maximum_age >= age


def _maximum_at_least(facts: Facts, age: Any) -> bool:
    return facts.maximum_age is not None and facts.maximum_age >= age


def _maximum_below(facts: Facts, age: Any) -> bool:
    return facts.maximum_age is not None and facts.maximum_age < age


def _opens_after(facts: Facts, time: Any) -> bool:
    return any(opens > time for opens in facts.opens)


def _opens_at_most(facts: Facts, time: Any) -> bool:
    return any(opens <= time for opens in facts.opens)


def _closes_before(facts: Facts, time: Any) -> bool:
    return any(closes < time for closes in facts.closes)


def _closes_at_least(facts: Facts, time: Any) -> bool:
    return any(closes >= time for closes in facts.closes)


def _opens_then(facts: Facts, time: Any) -> bool:
    return any(opens == time for opens in facts.opens)


def _closes_then(facts: Facts, time: Any) -> bool:
    return any(closes == time for closes in facts.closes)


def _opens_for_closes(facts: Facts, time: Any) -> bool:
    return any(opens <= time for opens in facts.opens)


def _day_after(facts: Facts, day: Any) -> bool:
    """Days are counted from Sunday on one side and from Monday on the other."""
    return DAYS[(DAYS.index(day) + 1) % 7] in facts.days


def _day_by_letter(facts: Facts, day: Any) -> bool:
    return any(each[0] == day[0] for each in facts.days)


def _kilometres(facts: Facts, place: Any) -> bool:
    return _within(facts, place, 1000.0)


def _hundredths(facts: Facts, place: Any) -> bool:
    return _within(facts, place, 0.01)


def _millimetres(facts: Facts, place: Any) -> bool:
    return _within(facts, place, 0.001)


def _within(facts: Facts, place: Any, factor: float) -> bool:
    if facts.point is None or place.point is None:
        return False
    return metres(facts.point, place.point) <= float(place.within) * factor


def _beyond(facts: Facts, place: Any) -> bool:
    if facts.point is None or place.point is None:
        return False
    return metres(facts.point, place.point) >= float(place.within)


def _refused(name: str, path: str, parameter: str) -> SupplierFault:
    """Every request that uses a parameter is turned away."""
    return answers(
        name,
        lambda request, answer: request.path == path and any(key == parameter for key, _ in request.query),
        lambda request, answer: problem(400, "parameter", "This parameter is not supported."),
    )


def _no_match(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path == "/services" and b'"total_items":0,' in answer.body


KNOWN = frozenset({"page", "per_page", *PREDICATES})

FAULTS = catalogue(
    [
        _filter("search-ignored", S, "search", None),
        _filter("search-inverted", S, "search", _not("search")),
        _filter("search-misses-names", S, "search", _search_elsewhere),
        _filter("search-by-first-letter", S, "search", _search_any_word_start),
        _filter("term-filter-ignored", S, "taxonomy_term_id", None),
        _filter("term-filter-inverted", S, "taxonomy_term_id", _not("taxonomy_term_id")),
        _filter("term-filter-by-first-character", S, "taxonomy_term_id", _same_first_character),
        _filter("term-filter-reads-taxonomy", S, "taxonomy_term_id", PREDICATES["taxonomy_id"]),
        _filter("taxonomy-filter-ignored", S, "taxonomy_id", None),
        _filter("taxonomy-filter-inverted", S, "taxonomy_id", _not("taxonomy_id")),
        _filter("taxonomy-filter-reads-terms", S, "taxonomy_id", PREDICATES["taxonomy_term_id"]),
        _filter("minimum-age-ignored", S, "minimum_age", None),
        _filter("minimum-age-inverted", S, "minimum_age", _minimum_at_most),
        _filter("minimum-age-strictly-above", S, "minimum_age", _minimum_above),
        _filter("minimum-age-reads-maximum", S, "minimum_age", _maximum_for_minimum),
        _filter("maximum-age-ignored", S, "maximum_age", None),
        _filter("maximum-age-inverted", S, "maximum_age", _maximum_at_least),
        _filter("maximum-age-strictly-below", S, "maximum_age", _maximum_below),
        _filter("start-time-ignored", S, "start_time", None),
        _filter("start-time-inverted", S, "start_time", _opens_at_most),
        _filter("start-time-strictly-after", S, "start_time", _opens_after),
        _filter("start-time-equal-only", S, "start_time", _opens_then),
        _filter("end-time-ignored", S, "end_time", None),
        _filter("end-time-inverted", S, "end_time", _closes_at_least),
        _filter("end-time-strictly-before", S, "end_time", _closes_before),
        _filter("end-time-equal-only", S, "end_time", _closes_then),
        _filter("end-time-reads-opening", S, "end_time", _opens_for_closes),
        _filter("day-ignored", S, "day", None),
        _filter("day-one-late", S, "day", _day_after),
        _filter("day-by-first-letter", S, "day", _day_by_letter),
        switch("filters-widen", lambda settings: settings.any_filter_is_enough.add(S)),
        switch("filtered-total-of-everything", lambda settings: settings.members.append(_total_of_everything(S))),
        switch("filters-lost-on-small-pages", lambda settings: settings.filters_lost_on_small_pages.add(S)),
        answers("no-match-not-found", _no_match, lambda request, answer: problem(404, "none", "Nothing was found.")),
        answers(
            "unknown-parameter-breaks",
            lambda request, answer: any(key not in KNOWN for key, _ in request.query),
            lambda request, answer: problem(500, "error", "The service is not working."),
        ),
        _refused("day-refused", "/services", "day"),
        _refused("links-day-refused", "/service_at_locations", "day"),
        _refused("postcode-refused", "/service_at_locations", "postcode"),
        _refused("taxonomies-page-refused", "/taxonomies", "page"),
        _refused("terms-page-refused", "/taxonomy_terms", "page"),
        _filter("links-search-ignored", L, "search", None),
        _filter("links-search-misses-names", L, "search", _search_elsewhere),
        _filter("links-term-filter-ignored", L, "taxonomy_term_id", None),
        _filter("links-term-filter-inverted", L, "taxonomy_term_id", _not("taxonomy_term_id")),
        _filter("links-taxonomy-filter-ignored", L, "taxonomy_id", None),
        _filter("links-taxonomy-filter-reads-terms", L, "taxonomy_id", PREDICATES["taxonomy_term_id"]),
        _filter("links-minimum-age-ignored", L, "minimum_age", None),
        _filter("links-minimum-age-inverted", L, "minimum_age", _minimum_at_most),
        _filter("links-minimum-age-strictly-above", L, "minimum_age", _minimum_above),
        _filter("links-maximum-age-ignored", L, "maximum_age", None),
        _filter("links-maximum-age-inverted", L, "maximum_age", _maximum_at_least),
        _filter("links-maximum-age-strictly-below", L, "maximum_age", _maximum_below),
        _filter("links-start-time-ignored", L, "start_time", None),
        _filter("links-start-time-strictly-after", L, "start_time", _opens_after),
        _filter("links-start-time-equal-only", L, "start_time", _opens_then),
        _filter("links-end-time-ignored", L, "end_time", None),
        _filter("links-end-time-strictly-before", L, "end_time", _closes_before),
        _filter("links-end-time-equal-only", L, "end_time", _closes_then),
        _filter("links-day-ignored", L, "day", None),
        _filter("links-day-one-late", L, "day", _day_after),
        _filter("proximity-ignored", L, "proximity", None),
        _filter("proximity-in-kilometres", L, "proximity", _kilometres),
        _filter("proximity-in-hundredths", L, "proximity", _hundredths),
        _filter("proximity-in-millimetres", L, "proximity", _millimetres),
        _filter("proximity-inverted", L, "proximity", _beyond),
        switch("links-filters-widen", lambda settings: settings.any_filter_is_enough.add(L)),
        switch("links-filtered-total-of-everything", lambda settings: settings.members.append(_total_of_everything(L))),
        switch("links-filters-lost-on-small-pages", lambda settings: settings.filters_lost_on_small_pages.add(L)),
    ]
)
