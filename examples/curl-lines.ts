/** What `npm run demo` prints to be pasted. A test runs every line, also through `polygate grpc://HOST:PORT`. */

export interface CurlLine {
  /** What the line shows, in a few words. */
  readonly caption: string;
  readonly command: string;
  /** The HTTP status of its answer. */
  readonly status: number;
}

export interface CurlGroup {
  readonly title: string;
  readonly lines: readonly CurlLine[];
}

/** The lines for a gateway at `origin`, as `http://127.0.0.1:8080`. In their order they work any number of times. */
export function curlLines(origin: string): readonly CurlGroup[] {
  const v1 = `${origin}/v1`;
  return [
    { title: 'Read', lines: readLines(v1) },
    { title: 'Change', lines: changeLines(v1) },
    { title: 'Stream', lines: streamLines(v1) },
    { title: 'Files', lines: fileLines(v1) },
    { title: 'Errors', lines: errorLines(v1) },
    {
      title: 'Without any http rule: every method, by its name',
      lines: [
        line(
          'POST /package.Service/Method',
          `curl --json '{"name":"shelves/1/books/1"}' ${origin}/bookstore.v1.Bookstore/GetBook`,
        ),
      ],
    },
    { title: 'The same methods by other protocols', lines: protocolLines(origin) },
  ];
}

function readLines(v1: string): readonly CurlLine[] {
  return [
    line('one book, by its resource name', `curl ${v1}/shelves/1/books/1`),
    line('the same book by another rule', `curl ${v1}/books/isbn/9780142437247`),
    line(
      'a page of the books of every shelf: nested messages, enums and maps in the query',
      `curl -g '${v1}/shelves/-/books?page.size=2&filter.genres=NOVEL&filter.labels[language]=en&order.field=TITLE'`,
    ),
    line('response_body: the bare array of the reviews', `curl ${v1}/shelves/1/books/1/reviews`),
  ];
}

function changeLines(v1: string): readonly CurlLine[] {
  return [
    line(
      'a new book: its message is the body, its id a query parameter',
      `curl --json '{"title":"Walden","genre":"ESSAY","pageCount":352}' '${v1}/shelves/1/books?book_id=walden'`,
    ),
    line(
      'PATCH: the update mask is computed from the body',
      `curl -X PATCH --json '{"tags":["pond"],"print":{"binding":"cloth"}}' ${v1}/shelves/1/books/walden`,
    ),
    line(
      'a custom verb',
      `curl --json '{"reason":"too wet"}' ${v1}/shelves/1/books/walden:archive`,
    ),
    line('and gone', `curl -X DELETE ${v1}/shelves/1/books/walden`),
    line(
      'a client stream: many messages in, one answer',
      `curl --json '[{"book":{"title":"Emma"}},{"book":{"title":"Persuasion"}}]' ${v1}/shelves/2/books:import`,
    ),
  ];
}

function streamLines(v1: string): readonly CurlLine[] {
  const books = `${v1}/shelves/1/books:stream`;
  return [
    line('a line for each book as it comes: NDJSON', `curl -N '${books}?interval=0.3s'`),
    line('the same as server-sent events', `curl -N -H 'Accept: text/event-stream' ${books}`),
    line('the same as one JSON array', `curl -N -H 'Accept: application/json' ${books}`),
    line(
      'a talk with the librarian: messages both ways',
      `curl -N --json '[{"text":"Moby-Dick?"},{"text":"Walden?"}]' ${v1}/shelves/1:chat`,
    ),
    line(
      'a shelf that fails at its second book says so in its last line',
      `curl -N ${v1}/shelves/3/books:stream`,
    ),
  ];
}

function fileLines(v1: string): readonly CurlLine[] {
  const cover = `${v1}/shelves/1/books/2/cover`;
  return [
    line('google.api.HttpBody: a cover as it is', `curl ${cover}`),
    line(
      'and a new one, of any content type',
      `curl -X PUT -H 'Content-Type: image/svg+xml' -d '<svg xmlns="http://www.w3.org/2000/svg"/>' ${cover}`,
    ),
  ];
}

function errorLines(v1: string): readonly CurlLine[] {
  return [
    line('the service says NOT_FOUND', `curl -i ${v1}/shelves/1/books/99`, 404),
    line(
      'a misspelt field is named, and not dropped',
      `curl -i --json '{"titel":"Walden"}' ${v1}/shelves/1/books`,
      400,
    ),
    line('a verb that the path does not have', `curl -i -X PUT ${v1}/shelves/1/books/1`, 405),
    line(
      'the same errors as RFC 9457 problem details',
      `curl -i -H 'Accept: application/problem+json' ${v1}/shelves/1/books/99`,
      404,
    ),
  ];
}

function protocolLines(origin: string): readonly CurlLine[] {
  const method = `${origin}/bookstore.v1.Bookstore/GetBook`;
  const book = encodeURIComponent('{"name":"shelves/1/books/1"}');
  return [
    line(
      'Connect',
      `curl --json '{"name":"shelves/1/books/1"}' -H 'Connect-Protocol-Version: 1' ${method}`,
    ),
    line(
      'its GET, which caches can keep',
      `curl '${method}?connect=v1&encoding=json&message=${book}'`,
    ),
    line(
      'and how it tells an error',
      `curl -i --json '{"name":"shelves/1/books/99"}' -H 'Connect-Protocol-Version: 1' ${method}`,
      404,
    ),
    line(
      'gRPC-Web as text: the message and the status behind it, in base64',
      `curl -i -H 'Content-Type: application/grpc-web-text' -d AAAAABMKEXNoZWx2ZXMvMS9ib29rcy8x ${method}`,
    ),
  ];
}

function line(caption: string, command: string, status = 200): CurlLine {
  return { caption, command, status };
}
