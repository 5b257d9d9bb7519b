"""httpx, told by lines of JSON what to do; remote-speaker.ts says which."""
import asyncio
import json
import ssl
import sys

import httpx

target = json.loads(sys.argv[1])
streams = {}


async def chunks(content):
    size = 16 * 1024
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def ask(client, command):
    body = command.get("body")
    content = None if body is None else body.encode()
    if command.get("noLength"):
        content = chunks(content)
    headers = {} if body is None else {"content-type": "application/json"}
    method = "GET" if body is None else "POST"
    response = await client.request(method, command["path"], content=content, headers=headers)
    stream = response.extensions["network_stream"]
    return {
        "answer": {
            "status": response.status_code,
            "protocol": response.http_version,
            "body": response.text,
            "connection": str(stream.get_extra_info("client_addr")[1]),
            "continued": False,
        }
    }


async def open_stream(client, command):
    response = await client.send(client.build_request("GET", command["path"]), stream=True)
    streams[command["id"]] = (response, response.aiter_lines())
    return {}


async def next_line(_, command):
    response, lines = streams[command["of"]]
    try:
        return {"line": await anext(lines)}
    except StopAsyncIteration:
        await response.aclose()
        return {"line": None}


async def cancel(_, command):
    response, lines = streams[command["of"]]
    await lines.aclose()
    await response.aclose()
    return {}


VERBS = {"ask": ask, "open": open_stream, "next": next_line, "cancel": cancel}


async def run(client, command):
    try:
        reply = await VERBS[command["verb"]](client, command)
    except Exception as error:  # Told to who has asked.
        reply = {"error": repr(error)}
    print(json.dumps({"id": command["id"], **reply}), flush=True)


async def main():
    context = ssl.create_default_context(cafile=target["caFile"])
    # From 3.13 on it asks for extensions that the certificates of the tests don't have.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    scheme = "https" if target["tls"] else "http"
    async with httpx.AsyncClient(
        base_url=f"{scheme}://127.0.0.1:{target['port']}",
        http1=not target["http2"],
        http2=target["http2"],
        verify=context,
        timeout=20,
        trust_env=False,
    ) as client:
        running = set()
        while text := await asyncio.to_thread(sys.stdin.readline):
            task = asyncio.create_task(run(client, json.loads(text)))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)


asyncio.run(main())
