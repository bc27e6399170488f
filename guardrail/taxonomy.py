"""The category names that everything here speaks, and what other taxonomies call them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import model_validator

from guardrail.errors import PolicyError
from guardrail.nearest import did_you_mean
from guardrail.policy import builtin_folder, read_document
from guardrail.policy_fields import Name, Words
from guardrail.policy_parts import PolicyModel
from guardrail.policy_problems import validated


class Category(PolicyModel):
    """One hazard or attack."""

    code: str = ""
    """MLCommons / Llama Guard code, S1 to S14, where there is one."""
    description: Words
    """What belongs to it, in one line."""
    attack: bool = False
    """Whether it is done to the model or the guard, where a hazard is harm that content does."""


class Taxonomy(PolicyModel):
    """``taxonomy.yaml``."""

    categories: dict[Name, Category]
    """Our names."""
    external: dict[Name, dict[str, str]]
    """For each other taxonomy, its names and ours for them."""

    @model_validator(mode="after")
    def _maps_to_known_names(self) -> Taxonomy:
        for owner, names in self.external.items():
            for name, category in names.items():
                if category not in self.categories:
                    near = did_you_mean(category, self.categories)
                    raise ValueError(f"external.{owner}[{name!r}]: no category {category!r}{near}")
        return self


@cache
def taxonomy() -> Taxonomy:
    """The table that comes with the package, read once a process."""
    return validated(read_document(builtin_folder() / "taxonomy.yaml"), Taxonomy)


def categories() -> Mapping[str, Category]:
    """Every category name and what it means."""
    return taxonomy().categories


def attacks() -> frozenset[str]:
    """The categories that are attacks; all others are hazards."""
    return frozenset(name for name, one in categories().items() if one.attack)


def from_external(owner: str, name: str) -> str:
    """Our name for ``name`` of another taxonomy.

    Args:
        owner: ``llama_guard_3``, ``openai_moderation``, ``vlguard``, ``llavaguard`` or
            ``mm_safetybench``.
        name: As that taxonomy writes it; case and surrounding blanks do not matter.

    Raises:
        PolicyError: There is no such taxonomy or name; the message has the nearest one.
    """
    tables = taxonomy().external
    if owner not in tables:
        raise PolicyError(f"no taxonomy {owner!r}{did_you_mean(owner, tables)}")
    folded = {one.casefold(): ours for one, ours in tables[owner].items()}
    wanted = name.strip().casefold()
    if wanted not in folded:
        raise PolicyError(f"{owner} has no name {name!r}{did_you_mean(name, tables[owner])}")
    return folded[wanted]
