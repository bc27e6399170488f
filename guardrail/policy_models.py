"""A whole policy as an immutable value, and what the core asks of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path as File
from typing import Literal

from pydantic import PrivateAttr, model_validator

from guardrail.errors import PolicyError
from guardrail.opaque import OpaqueActions
from guardrail.policy_fields import Count, Name, PathGlob
from guardrail.policy_parts import (
    MIB,
    Block,
    DocumentRules,
    ImageRules,
    Opaque,
    OpaqueKinds,
    Parallel,
    PolicyModel,
    PolicyStage,
    PolicyStep,
    Route,
    StreamRules,
    UpstreamRules,
)
from guardrail.policy_system import SystemPrompt
from guardrail.policy_yaml import Document, Path
from guardrail.types import Action, Side

SIDES: tuple[Side, ...] = ("input", "output")


class Policy(PolicyModel):
    """A whole policy: ordered stages over requests and replies, and what surrounds them."""

    version: Literal[1]
    """Version of this format."""
    name: Name
    """Shown in reply headers and audit records."""
    description: str = ""
    """For people."""
    opaque: Opaque = "block"
    """What is done with parts that nothing can read."""
    block: Block = Block()
    """What a blocked client is told."""
    stream: StreamRules = StreamRules()
    """How much of a streamed reply waits for its verdict."""
    system_prompt: SystemPrompt | None = None
    """Rules stated to the model."""
    input_mode: Literal["wait", "race"] = "wait"
    """wait: the upstream is called once the input stages allow; race: while they still run."""
    images: ImageRules = ImageRules()
    """Limits on pictures."""
    documents: DocumentRules = DocumentRules()
    """Limits on documents and texts that are sent as files."""
    max_body_bytes: Count = 64 * MIB
    """Bytes of a request or a whole reply."""
    max_parts: Count = 4096
    """Parts of one request."""
    input: tuple[PolicyStep, ...] = ()
    """Stages over the request, in order."""
    output: tuple[PolicyStep, ...] = ()
    """Stages over the reply, in order."""
    upstream: UpstreamRules | None = None
    """Where requests are forwarded; the command line's --upstream wins."""
    routes: tuple[Route, ...] = ()
    """Requests that another policy judges; first match wins."""
    unguarded_paths: tuple[PathGlob, ...] = ()
    """Paths without an adapter that are forwarded unread; any other is answered with 501."""

    _document: Document = PrivateAttr(default_factory=lambda: Document("policy"))
    _files: tuple[File, ...] = PrivateAttr(default=())
    _routed: Mapping[str, Policy] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _guards_something(self) -> Policy:
        if not self.input and not self.output:
            raise ValueError("guards nothing: give input or output at least one stage")
        return self

    @property
    def document(self) -> Document:
        """What the file says and where; without values for a policy made in Python."""
        return self._document

    @property
    def source(self) -> str:
        """The file it was loaded from, as messages show it."""
        return self._document.source

    @property
    def files(self) -> tuple[File, ...]:
        """The files whose edit changes this policy: its own and those that its routes name."""
        return self._files

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex of the file's bytes, of the canonical JSON for a policy made in Python."""
        values = self.model_dump(mode="json", by_alias=True)
        return sha256(
            self._document.data or json.dumps(values, sort_keys=True).encode()
        ).hexdigest()

    @property
    def opaque_actions(self) -> OpaqueActions:
        """``opaque`` as the core compares it."""
        kinds = self.opaque
        if not isinstance(kinds, OpaqueKinds):
            kinds = OpaqueKinds(audio=kinds, file=kinds, unknown=kinds)
        words = (kinds.audio, kinds.file, kinds.unknown)
        return OpaqueActions(*(Action[word.upper()] for word in words))

    def stages(self, side: Side) -> tuple[tuple[Path, PolicyStage], ...]:
        """The stages of ``side`` in order, each with its place in the policy."""
        steps = self.input if side == "input" else self.output
        return tuple(
            pair for index, step in enumerate(steps) for pair in members((side, index), step)
        )

    def lines(self, side: Side) -> Mapping[str, int]:
        """Stage names of ``side`` and the lines of the file where they start; empty without one."""
        if self._document.value is None:
            return {}
        return {stage.label: self._document.place(path).line for path, stage in self.stages(side)}

    def loaded(
        self, document: Document, files: tuple[File, ...], routed: Mapping[str, Policy]
    ) -> Policy:
        """This policy, told where it comes from; for the loader.

        Args:
            document: The file it was read from.
            files: That file and those of the routes.
            routed: The policies that the routes name.
        """
        copy = self.model_copy()
        # The same class: pydantic's private attributes are not constructor arguments.
        copy._document, copy._files, copy._routed = document, files, routed  # noqa: SLF001
        return copy

    def routed(self) -> tuple[tuple[Route, Policy], ...]:
        """The routes, each with the policy that judges what it matches.

        Raises:
            PolicyError: A route names a policy, but this one was made in Python.
        """
        missing = {route.policy for route in self.routes if route.policy} - set(self._routed)
        if missing:
            raise PolicyError(
                f"policy {self.name!r}: its routes name {', '.join(sorted(missing))}, which only "
                "load_policy reads; load this policy from a file"
            )
        return tuple(
            (route, self._routed[route.policy] if route.policy else self) for route in self.routes
        )


def members(path: Path, step: PolicyStep) -> list[tuple[Path, PolicyStage]]:
    """The stages of one step, each with its place: one, or a group's."""
    if isinstance(step, Parallel):
        return [((*path, "parallel", n), stage) for n, stage in enumerate(step.parallel)]
    return [(path, step)]
