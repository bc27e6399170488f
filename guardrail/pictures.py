"""The pictures and files of a conversation: bytes pinned, read in workers, pictures painted over.

What is pinned is what is scanned and what is sent: a ``data:`` URL is decoded once, a remote
picture is fetched once and forwarded inline as the very bytes that were looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import ParamSpec, TypeVar

from guardrail.addresses import RemoteRules
from guardrail.decode import Decoder
from guardrail.detector import Page, Pixels
from guardrail.documents import Documents
from guardrail.embedded import with_embedded
from guardrail.errors import ImageError, first_of
from guardrail.fetch import fetch
from guardrail.files import FileLimits, pin_files
from guardrail.images import ImageLimits, check_claim, check_count, from_data_url, probe
from guardrail.normalise import normalised
from guardrail.paint import paint_over
from guardrail.types import Box, Conversation, Edit, File, Image, Part, ReplaceImage

P = ParamSpec("P")
R = TypeVar("R")

Fetch = Callable[[str, RemoteRules, int, str], Awaitable[bytes]]

_INLINE_BYTES = 64 * 1024
"""Pictures and texts up to this size are looked at on the event loop; larger ones in a thread."""

_AT_ONCE = 4  # remote pictures fetched at the same time for one request


async def _fetch(url: str, rules: RemoteRules, max_bytes: int, ref: str) -> bytes:
    return await fetch(url, rules, max_bytes, ref=ref)


class Pictures:
    """Decode workers and the guarded fetch; one for all guards of a process."""

    def __init__(self, decoder: Decoder | None = None, fetcher: Fetch = _fetch) -> None:
        self._decoder = decoder or Decoder()
        self._fetch = fetcher
        self._documents = Documents()

    async def load(self) -> None:
        """Starts a decode worker."""
        await self._decoder.load()

    async def close(self) -> None:
        """Ends the workers."""
        await self._decoder.close()
        await self._documents.close()

    async def decode(self, image: Image, *, anew: bool = False) -> Sequence[Pixels]:
        """The frames of ``image``; ``anew`` when they are to take its place.

        Raises:
            ImageError: The bytes do not decode.
            OverloadError: Too many pictures are waiting.
        """
        return await self._decoder.frames(image, anew=anew)

    async def pages(self, file: File, limits: FileLimits | None) -> Sequence[Page]:
        """The pages of ``file``.

        Raises:
            ImageError: It cannot be read, or is more than ``limits`` let be read.
            OverloadError: Too many documents are waiting.
        """
        return await self._documents.pages(file, limits or FileLimits())

    async def paint(self, image: Image, boxes: Sequence[Box]) -> tuple[ReplaceImage, Image]:
        """``image`` with ``boxes`` painted over: the edit, and the new picture."""
        frames = await self.decode(image)
        edit = await asyncio.to_thread(paint_over, image, frames, boxes)
        return edit, probe(edit.data, _limits_of(edit, image))

    async def pin(
        self,
        conversation: Conversation,
        limits: ImageLimits,
        rules: RemoteRules,
        given: Mapping[str, bytes] | None = None,
        files: FileLimits | None = None,
    ) -> tuple[Conversation, Mapping[str, Edit]]:
        """``conversation`` with its pictures' bytes, and the edits that put these into the body.

        A fetched picture is put inline, and so is one that ``limits`` say is to be made anew.

        Pictures that stand in texts as ``data:`` URLs become parts, see ``with_embedded``.

        Args:
            conversation: As parsed.
            limits: What pictures may be.
            rules: What is done with remote ones.
            given: Ref to bytes, for pictures that are not in the body.
            files: What files may be; None where no stage reads any, and they are left alone.

        Raises:
            ImageError: A picture or file is refused; the message has its ref.
        """
        if files is not None and any(part.url for part in conversation.parts):
            conversation = await asyncio.to_thread(pin_files, conversation, files)
        said = sum(len(part.text) for part in conversation.parts)
        conversation = await _in_thread(said, with_embedded, conversation, limits)
        images = [part for part in conversation.parts if part.kind == "image"]
        if not images:
            return conversation, {}
        check_count(len(images), limits, images[: limits.max_count + 1][-1].ref)
        data = await self._bytes(images, limits, rules, given or {})
        _check_total(data, images, limits)
        pinned = {
            part.ref: replace(part, image=await _probed(data[part.ref], limits, part))
            for part in images
            if part.ref in data
        }
        if limits.normalise:
            anew = await asyncio.gather(*map(self._normalised, pinned.values()))
            pinned = {part.ref: part for part in anew}
        parts = tuple(pinned.get(part.ref, part) for part in conversation.parts)
        return replace(conversation, parts=parts), _inlined(pinned, given or {}, limits)

    async def _normalised(self, part: Part) -> Part:
        if part.image is None:
            return part
        try:
            frames = await self.decode(part.image, anew=True)
        except ImageError as error:
            raise ImageError(str(error), ref=part.ref, status=error.status) from None
        edit = await asyncio.to_thread(normalised, part.image, frames)
        return replace(part, image=probe(edit.data, _limits_of(edit, part.image), part.ref))

    async def _bytes(
        self,
        images: Sequence[Part],
        limits: ImageLimits,
        rules: RemoteRules,
        given: Mapping[str, bytes],
    ) -> dict[str, bytes]:
        data = dict(given)
        remote: dict[str, list[str]] = {}
        for part in images:
            if part.ref in given:
                continue
            if _is_data(part.url):
                data[part.ref] = await _in_thread(
                    len(part.url), from_data_url, part.url, limits, part.ref
                )
            elif _may_be_data(part.url):
                raise ImageError("the data: URL has white space in its scheme", ref=part.ref)
            elif rules.mode == "reject":
                raise ImageError("pictures by URL are not accepted; send them inline", ref=part.ref)
            elif rules.mode == "inline":
                remote.setdefault(part.url, []).append(part.ref)
        if remote:
            await self._fetch_all(remote, data, images, limits, rules)
        return data

    async def _fetch_all(
        self,
        remote: Mapping[str, Sequence[str]],
        data: dict[str, bytes],
        images: Sequence[Part],
        limits: ImageLimits,
        rules: RemoteRules,
    ) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(url: str, refs: Sequence[str]) -> None:
            async with gate:
                body = await self._fetch(url, rules, limits.max_bytes, refs[0])
            data.update(dict.fromkeys(refs, body))
            _check_total(data, images, limits)  # at once: what is over is not fetched for nothing

        try:
            async with asyncio.TaskGroup() as group:
                for url, refs in remote.items():
                    group.create_task(one(url, refs))
        except ExceptionGroup as errors:
            raise first_of(errors, ImageError) from None


def _limits_of(edit: ReplaceImage, image: Image) -> ImageLimits:
    """What our own picture may be: as large as the one it replaces, in however many bytes."""
    return ImageLimits(
        max_bytes=len(edit.data),
        max_pixels=image.width * image.height * image.frames,
        max_side=max(image.width, image.height),
        max_frames=image.frames,
    )


def _check_total(data: Mapping[str, bytes], images: Sequence[Part], limits: ImageLimits) -> None:
    total = sum(map(len, data.values()))
    if total > limits.max_total_bytes:
        raise ImageError(
            f"the pictures have {total} bytes together; at most {limits.max_total_bytes}",
            ref=images[-1].ref,
            status=413,
        )


def _is_data(url: str) -> bool:
    return url[:5].lower() == "data:"


def _may_be_data(url: str) -> bool:
    """Whether a lenient reader (the WHATWG's URL parser) takes ``url`` for a picture inline.

    Left unread as if it were remote, it would reach the model unscanned.
    """
    return "".join(char for char in url[:1024] if char > " ")[:5].lower() == "data:"


async def _probed(data: bytes, limits: ImageLimits, part: Part) -> Image:
    image = await _in_thread(len(data), probe, data, limits, part.ref)
    if part.url[:5].lower() == "data:":
        check_claim(part.url, image, part.ref)
    return image


async def _in_thread(size: int, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if size <= _INLINE_BYTES:
        return function(*args, **kwargs)
    return await asyncio.to_thread(function, *args, **kwargs)


def _inlined(
    pinned: Mapping[str, Part], given: Mapping[str, bytes], limits: ImageLimits
) -> dict[str, Edit]:
    return {
        ref: ReplaceImage(part.image.data, part.image.media_type)
        for ref, part in pinned.items()
        if ref not in given
        and part.image is not None
        and (limits.normalise or not _is_data(part.url))
    }
