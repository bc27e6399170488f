"""How an upstream says the same things in each wire format, and how a client reads them."""

from __future__ import annotations

import json
from typing import ClassVar

WORDS = ["The ", "tide ", "turns ", "twice ", "a ", "day."]
BAD_WORDS = ["The ", "tide ", "is ", "forbidden ", "today ", "and more."]
CALL = {"name": "weather", "arguments": '{"city": "Oslo"}'}

REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello \u00e9 \U0001f600", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
    "x_unknown": {"kept": [1.0, 1e3]},
}


def with_content(content: str | None, **message: object) -> bytes:
    reply = json.loads(json.dumps(REPLY))
    reply["choices"][0]["message"] |= {"content": content, **message}
    return json.dumps(reply, indent=1).encode()


def data_of(stream: bytes) -> list[dict]:
    """The JSON of each event of a stream."""
    lines = stream.decode().split("\n")
    values = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [json.loads(value) for value in values if value != "[DONE]"]


class Voice:
    """What the formats share: one path, and a body that says model and streaming."""

    path = ""
    streams_as = "text/event-stream; charset=utf-8"

    def address(self, model, *, stream):
        """Path and query of a request."""
        return self.path

    def speaks_at(self, path):
        """Whether this is the format of a path."""
        return path == self.path

    def asked(self, path, request):
        """Model and streaming that a request asks for."""
        return request.get("model", ""), bool(request.get("stream"))

    def body(self, text, model, *, stream, **more):
        """A request as JSON."""
        return {**self.request(text, model, **more), **({"stream": True} if stream else {})}


class Chat(Voice):
    """OpenAI chat completions."""

    path = "/v1/chat/completions"
    first, last = 1, 2

    def request(self, text, model, **more):
        return {"model": model, "messages": [{"role": "user", "content": text}], **more}

    def reply(self, text):
        return with_content(text)

    def piece(self, text):
        return self._chunk({"content": text})

    def events(self, words):
        head = self._chunk({"role": "assistant", "content": ""})
        return [head, *map(self.piece, words), self._chunk({}, "stop"), b"data: [DONE]\n\n"]

    def call(self):
        calls = [{"id": "call_1", "type": "function", "function": CALL}]
        return with_content(None, tool_calls=calls)

    def call_events(self):
        first = {"index": 0, "id": "call_1", "type": "function"}
        given = CALL["arguments"]
        deltas = [
            {**first, "function": {**CALL, "arguments": ""}},
            {"index": 0, "function": {"arguments": given[:6]}},
            {"index": 0, "function": {"arguments": given[6:]}},
        ]
        chunks = [self._chunk({"tool_calls": [one]}) for one in deltas]
        return [*chunks, self._chunk({}, "tool_calls"), b"data: [DONE]\n\n"]

    def error(self, message):
        error = {"message": message, "type": "server_error", "code": None}
        return json.dumps({"error": error}).encode()

    def read(self, body):
        return json.loads(body)["choices"][0]["message"]["content"]

    def read_stream(self, body):
        deltas = [c["delta"] for one in data_of(body) for c in one.get("choices", ())]
        return "".join(delta.get("content") or "" for delta in deltas)

    def refused(self, body):
        (choice,) = json.loads(body)["choices"]
        return choice["finish_reason"] == "content_filter"

    def refused_stream(self, body):
        ended = data_of(body)[-1]["choices"][0]["finish_reason"] == "content_filter"
        return ended and body.endswith(b"data: [DONE]\n\n")

    def failed_stream(self, body):
        return "error" in data_of(body)[-1]

    def _chunk(self, delta, finish=None):
        value = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return f"data: {json.dumps(value)}\n\n".encode()


class Messages(Voice):
    """Anthropic Messages."""

    path = "/v1/messages"
    first, last = 2, 2

    def request(self, text, model, **more):
        messages = [{"role": "user", "content": text}]
        return {"model": model, "max_tokens": 99, "messages": messages, **more}

    def reply(self, text):
        return self._message([{"type": "text", "text": text}], "end_turn")

    def piece(self, text):
        return self._delta({"type": "text_delta", "text": text})

    def events(self, words):
        return self._block({"type": "text", "text": ""}, map(self.piece, words), "end_turn")

    def call(self):
        given = json.loads(CALL["arguments"])
        block = {"type": "tool_use", "id": "toolu_1", "name": CALL["name"], "input": given}
        return self._message([block], "tool_use")

    def call_events(self):
        given = CALL["arguments"]
        pieces = [
            self._delta({"type": "input_json_delta", "partial_json": piece})
            for piece in ("", given[:6], given[6:])
        ]
        block = {"type": "tool_use", "id": "toolu_1", "name": CALL["name"], "input": {}}
        return self._block(block, pieces, "tool_use")

    def error(self, message):
        error = {"type": "api_error", "message": message}
        return json.dumps({"type": "error", "error": error}).encode()

    def read(self, body):
        return json.loads(body)["content"][0]["text"]

    def read_stream(self, body):
        deltas = [one["delta"] for one in data_of(body) if one["type"] == "content_block_delta"]
        return "".join(delta.get("text", "") for delta in deltas)

    def refused(self, body):
        return json.loads(body)["stop_reason"] == "refusal"

    def refused_stream(self, body):
        told = data_of(body)
        reason = told[-2]["delta"]["stop_reason"]
        return (reason, told[-1]["type"]) == ("refusal", "message_stop")

    def failed_stream(self, body):
        return data_of(body)[-1]["type"] == "error"

    def _message(self, content, reason):
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 5, "output_tokens": 3},
            "x_unknown": {"kept": [1.0, 1e3]},
        }
        return json.dumps(message, indent=1).encode()

    def _block(self, block, deltas, reason):
        message = {**json.loads(self._message([], None)), "usage": {"input_tokens": 5}}
        return [
            self._event("message_start", message=message),
            self._event("content_block_start", index=0, content_block=block),
            *deltas,
            self._event("content_block_stop", index=0),
            self._event(
                "message_delta",
                delta={"stop_reason": reason, "stop_sequence": None},
                usage={"output_tokens": 3},
            ),
            self._event("message_stop"),
        ]

    def _delta(self, delta):
        return self._event("content_block_delta", index=0, delta=delta)

    def _event(self, kind, **members):
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n".encode()


class Responses(Voice):
    """OpenAI Responses."""

    path = "/v1/responses"
    first, last = 3, 1

    def request(self, text, model, **more):
        return {"model": model, "input": [{"role": "user", "content": text}], **more}

    def reply(self, text):
        return self._response([self._message(text)])

    def piece(self, text, number=3):
        return self._event("response.output_text.delta", number, **self._at, delta=text)

    def events(self, words):
        begun = {**json.loads(self._response([])), "status": "in_progress"}
        empty, part = self._message(""), self._message("".join(words))["content"][0]
        added = {"output_index": 0, "item": {**empty, "content": []}}
        number = 3 + len(words)
        whole = self._message(part["text"])
        return [
            self._event("response.created", 0, response=begun),
            self._event("response.output_item.added", 1, **added),
            self._event("response.content_part.added", 2, **self._at, part=empty["content"][0]),
            *(self.piece(word, 3 + at) for at, word in enumerate(words)),
            self._event("response.output_text.done", number, **self._at, text=part["text"]),
            self._event("response.content_part.done", number + 1, **self._at, part=part),
            self._event("response.output_item.done", number + 2, output_index=0, item=whole),
            self._ended(number + 3, whole),
        ]

    def call(self):
        return self._response([self._call(CALL["arguments"])])

    def call_events(self):
        given, at = CALL["arguments"], {"item_id": "fc_1", "output_index": 0}
        kind = "response.function_call_arguments"
        begun = {**json.loads(self._response([])), "status": "in_progress"}
        return [
            self._event("response.created", 0, response=begun),
            self._event("response.output_item.added", 1, output_index=0, item=self._call("")),
            self._event(f"{kind}.delta", 2, **at, delta=given[:6]),
            self._event(f"{kind}.delta", 3, **at, delta=given[6:]),
            self._event(f"{kind}.done", 4, **at, arguments=given),
            self._event("response.output_item.done", 5, output_index=0, item=self._call(given)),
            self._ended(6, self._call(given)),
        ]

    def error(self, message):
        return Chat().error(message)

    def read(self, body):
        part = json.loads(body)["output"][0]["content"][0]
        return part.get("text") or part["refusal"]

    def read_stream(self, body):
        told = [one for one in data_of(body) if one["type"].endswith(("text.delta", "al.delta"))]
        return "".join(one["delta"] for one in told)

    def refused(self, body):
        return (json.loads(body)["incomplete_details"] or {}).get("reason") == "content_filter"

    def refused_stream(self, body):
        last = data_of(body)[-1]
        reason = (last.get("response", {}).get("incomplete_details") or {}).get("reason")
        return (last["type"], reason) == ("response.incomplete", "content_filter")

    def failed_stream(self, body):
        return data_of(body)[-1]["type"] == "error"

    _at: ClassVar = {"item_id": "msg_1", "output_index": 0, "content_index": 0}

    def _message(self, text):
        part = {"type": "output_text", "text": text, "annotations": []}
        head = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant"}
        return {**head, "content": [part]}

    def _call(self, given):
        head = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed"}
        return {**head, "name": CALL["name"], "arguments": given}

    def _response(self, output):
        response = {
            "id": "resp_1",
            "object": "response",
            "created_at": 1700000000,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "model": "m",
            "output": output,
            "usage": {"input_tokens": 5, "output_tokens": 3, "total_tokens": 8},
            "x_unknown": {"kept": [1.0, 1e3]},
        }
        return json.dumps(response, indent=1).encode()

    def _ended(self, number, item):
        return self._event(
            "response.completed", number, response=json.loads(self._response([item]))
        )

    def _event(self, kind, number, **members):
        document = {"type": kind, "sequence_number": number, **members}
        return f"event: {kind}\ndata: {json.dumps(document)}\n\n".encode()


class Gemini(Voice):
    """Gemini: model and method stand in the path."""

    path = "/v1beta/models/"
    first, last = 0, 1

    def address(self, model, *, stream):
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"{self.path}{model}:{method}"

    def speaks_at(self, path):
        return "/models/" in path and ":" in path

    def asked(self, path, request):
        model, _, method = path.rpartition("/")[2].partition(":")
        return model, method.startswith("stream")

    def body(self, text, model, *, stream, **more):
        return self.request(text, model, **more)

    def request(self, text, model, **more):
        return {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}

    def reply(self, text):
        return json.dumps(self._response([{"text": text}], "STOP"), indent=1).encode()

    def piece(self, text):
        return self._event(self._response([{"text": text}], None))

    def events(self, words):
        return [*map(self.piece, words), self._event(self._response([{"text": ""}], "STOP"))]

    def call(self):
        return json.dumps(self._response([self._call()], "STOP"), indent=1).encode()

    def call_events(self):
        return [self._event(self._response([self._call()], "STOP"))]

    def error(self, message):
        error = {"code": 500, "message": message, "status": "INTERNAL"}
        return json.dumps({"error": error}).encode()

    def read(self, body):
        return json.loads(body)["candidates"][0]["content"]["parts"][0]["text"]

    def read_stream(self, body):
        told = [one["candidates"][0] for one in data_of(body) if "candidates" in one]
        return "".join(part["text"] for one in told for part in one["content"]["parts"])

    def refused(self, body):
        return json.loads(body)["candidates"][0]["finishReason"] == "SAFETY"

    def refused_stream(self, body):
        return data_of(body)[-1]["candidates"][0]["finishReason"] == "SAFETY"

    def failed_stream(self, body):
        return "error" in data_of(body)[-1]

    def _call(self):
        return {"functionCall": {"name": CALL["name"], "args": json.loads(CALL["arguments"])}}

    def _response(self, parts, reason):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        if reason:
            candidate["finishReason"] = reason
        return {
            "candidates": [candidate],
            "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 8},
            "x_unknown": {"kept": [1.0, 1e3]},
        }

    def _event(self, response):
        return f"data: {json.dumps(response)}\n\n".encode()


class Ollama(Voice):
    """Ollama's chat: a stream, of lines, unless the request says otherwise."""

    path = "/api/chat"
    streams_as = "application/x-ndjson"
    first, last = 0, 1

    def asked(self, path, request):
        return request.get("model", ""), request.get("stream") is not False

    def body(self, text, model, *, stream, **more):
        return {**self.request(text, model, **more), "stream": stream}

    def request(self, text, model, **more):
        return {"model": model, "messages": [{"role": "user", "content": text}], **more}

    def reply(self, text):
        return json.dumps(self._said(text, done=True), indent=1).encode()

    def piece(self, text):
        return json.dumps(self._said(text)).encode() + b"\n"

    def events(self, words):
        return [*map(self.piece, words), json.dumps(self._said("", done=True)).encode() + b"\n"]

    def call(self):
        return json.dumps(self._said("", done=True, tool_calls=[self._call()]), indent=1).encode()

    def call_events(self):
        called = json.dumps(self._said("", tool_calls=[self._call()])).encode() + b"\n"
        return [called, *self.events([])]

    def error(self, message):
        return json.dumps({"error": message}).encode()

    def read(self, body):
        return json.loads(body)["message"]["content"]

    def read_stream(self, body):
        told = [json.loads(line) for line in body.splitlines()]
        return "".join(one.get("message", {}).get("content", "") for one in told)

    def refused(self, body):
        return json.loads(body)["done_reason"] == "content_filter"

    def refused_stream(self, body):
        return json.loads(body.splitlines()[-1])["done_reason"] == "content_filter"

    def failed_stream(self, body):
        return "error" in json.loads(body.splitlines()[-1])

    def _call(self):
        return {"function": {"name": CALL["name"], "arguments": json.loads(CALL["arguments"])}}

    def _said(self, text, *, done=False, **more):
        message = {"role": "assistant", "content": text, **more}
        said = {"model": "m", "created_at": "2025-01-01T00:00:00Z", "message": message}
        if not done:
            return {**said, "done": False}
        used = {"eval_count": 3, "prompt_eval_count": 5}
        return {
            **said,
            "done": True,
            "done_reason": "stop",
            **used,
            "x_unknown": {"kept": [1.0, 1e3]},
        }


VOICES = (Chat(), Messages(), Responses(), Gemini(), Ollama())


def voice_of(path: str) -> Voice | None:
    """The format that is spoken at a path."""
    return next((voice for voice in VOICES if voice.speaks_at(path)), None)
