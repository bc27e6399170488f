"""Constitutions: the principles that answers are judged by, told to moderators and to revisions.

One YAML file each, checked as strictly as a policy; the same files label training data. Source: Bai
et al. 2022, "Constitutional AI", arXiv:2212.08073.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from guardrail.errors import PolicyError
from guardrail.nearest import did_you_mean
from guardrail.policy import builtin_folder, read_document
from guardrail.policy_fields import Name, Words
from guardrail.policy_parts import PolicyModel
from guardrail.policy_problems import validated
from guardrail.policy_yaml import Problem
from guardrail.taxonomy import categories

PrincipleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

NONE = "none"
"""What a moderator says instead of a principle's id when none is broken."""


class Example(PolicyModel):
    """An answer that shows where the line runs."""

    answer: Words
    """What a model might say."""
    breaks: bool = Field(strict=True)
    """Whether it breaks the principle."""


class Principle(PolicyModel):
    """One rule that answers keep."""

    id: PrincipleId
    """Unique in its file; moderators say it back."""
    text: Words
    """What is asked of an answer."""
    categories: tuple[Name, ...] = Field(min_length=1)
    """What a breach is reported as."""
    examples: tuple[Example, ...] = ()
    """For people, tests and training; moderators do not see them."""


class Constitution(PolicyModel):
    """A file of principles."""

    version: Literal[1]
    """Version of this format."""
    name: Name
    """For people and records."""
    description: str = ""
    """For people."""
    principles: tuple[Principle, ...] = Field(min_length=1, max_length=64)
    """In the order in which they are told."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex of what it says, whatever the file looks like."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    def chosen(self, ids: tuple[str, ...]) -> tuple[Principle, ...]:
        """The principles with these ids in the constitution's order; all for none.

        Raises:
            PolicyError: It has no such principle.
        """
        known = {principle.id: principle for principle in self.principles}
        for one in ids:
            if one not in known:
                near = did_you_mean(one, known, "it has")
                raise PolicyError(f"the constitution {self.name!r} has no principle {one!r}{near}")
        return tuple(p for p in self.principles if not ids or p.id in ids)

    @model_validator(mode="after")
    def _names_no_principle_none(self) -> Constitution:
        if any(principle.id == NONE for principle in self.principles):
            raise ValueError(f"no principle can be called {NONE!r}: it means that none is broken")
        return self


def load_constitution(source: str | Path) -> Constitution:
    """A constitution that comes with the package, by its name, or a file.

    Raises:
        PolicyError: There is none, or it is wrong; one line for each problem, with file, line,
            column and the remedy.
    """
    document = read_document(constitution_file(source))
    found = validated(document, Constitution)
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for index, principle in enumerate(found.principles):
        if seen.setdefault(principle.id, index) != index:
            message = f"{principle.id!r} is the id of principle {seen[principle.id]} already"
            problems.append(Problem(("principles", index, "id"), message))
        problems += [
            Problem(
                ("principles", index, "categories", n),
                f"no category {name!r}{did_you_mean(name, categories())}",
            )
            for n, name in enumerate(principle.categories)
            if name not in categories()
        ]
    if problems:
        raise document.error(problems)
    return found


def constitution_file(source: str | Path) -> Path:
    """The file of a shipped constitution's name, or of a path.

    Raises:
        PolicyError: There is no such file.
    """
    shipped = constitutions()
    if isinstance(source, str) and source in shipped:
        return shipped[source]
    path = Path(source)
    if not path.is_file():
        near = did_you_mean(str(source), shipped, "shipped ones")
        raise PolicyError(f"no constitution {str(source)!r}: not a file{near}")
    return path


def constitutions() -> Mapping[str, Path]:
    """Name to file of the constitutions that come with the package."""
    folder = builtin_folder() / "constitutions"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
