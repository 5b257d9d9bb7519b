"""http.client, told by lines of JSON what to do; remote-speaker.ts says which. One command after the other."""
import http.client
import json
import ssl
import sys

target = json.loads(sys.argv[1])
streams = {}
kept = None


def connect():
    if not target["tls"]:
        return http.client.HTTPConnection("127.0.0.1", target["port"], timeout=20)
    context = ssl.create_default_context(cafile=target["caFile"])
    # From 3.13 on it asks for extensions that the certificates of the tests don't have.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return http.client.HTTPSConnection("127.0.0.1", target["port"], timeout=20, context=context)


def ask(command):
    global kept
    kept = kept or connect()
    body = command.get("body")
    headers = {} if body is None else {"content-type": "application/json"}
    content = None if body is None else body.encode()
    if command.get("noLength"):
        # An iterable, which it sends in chunks.
        size = 16 * 1024
        whole = content
        content = (whole[at : at + size] for at in range(0, len(whole), size))
    kept.request("GET" if body is None else "POST", command["path"], content, headers)
    connection = str(kept.sock.getsockname()[1])
    response = kept.getresponse()
    return {
        "answer": {
            "status": response.status,
            "protocol": {10: "HTTP/1.0", 11: "HTTP/1.1"}[response.version],
            "body": response.read().decode(),
            "connection": connection,
            "continued": False,
        }
    }


def open_stream(command):
    # While its answer is being read the connection takes no other request.
    connection = connect()
    connection.request("GET", command["path"])
    streams[command["id"]] = (connection, connection.getresponse())
    return {}


def next_line(command):
    connection, response = streams[command["of"]]
    line = response.readline()
    if line == b"":
        connection.close()
        return {"line": None}
    return {"line": line.decode().rstrip("\n")}


def cancel(command):
    connection, response = streams[command["of"]]
    response.close()
    connection.close()
    return {}


VERBS = {"ask": ask, "open": open_stream, "next": next_line, "cancel": cancel}

for text in sys.stdin:
    received = json.loads(text)
    try:
        reply = VERBS[received["verb"]](received)
    except Exception as error:  # Told to who has asked.
        reply = {"error": repr(error)}
    print(json.dumps({"id": received["id"], **reply}), flush=True)
if kept is not None:
    kept.close()
