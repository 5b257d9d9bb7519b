/** The checks of what may stand at the top, at an upstream and at a route. */
import { isBinaryName, isLegalName } from '../call/metadata.ts';
import {
  choice,
  isRecord,
  keys,
  list,
  optional,
  orFalse,
  satisfying,
  text,
  type Check,
  type Fields,
} from './check.ts';
import type {
  AnswerCompressionConfig,
  CorsConfig,
  JsonConfig,
  LimitsConfig,
  MetadataRulesConfig,
  SettingsConfig,
  SseConfig,
  StreamConfig,
  TopLimitsConfig,
} from './define.ts';
import { REFUSED_AT_LIMITS } from './not-yet.ts';
import { below, describe } from './problem.ts';
import { parseDuration, parseSize } from './units.ts';

export const duration: Check = satisfying(
  'a duration from 1 ms to 24 h, as "250ms", "5s", "2m", "1h" or a number of milliseconds',
  (value) => parseDuration(value) !== undefined,
);
export const size: Check = satisfying(
  'a size from 1 byte to 2 gb, as "512b", "64kb", "4mb" or a number of bytes',
  (value) => parseSize(value) !== undefined,
);

export const flag: Check = satisfying('true or false', (value) => typeof value === 'boolean');

/** No schema nests deeper on purpose, and the stack of recursive readers holds for it. */
const MAX_DEPTH = 10_000;
const depth = satisfying(
  `a whole number from 1 to ${MAX_DEPTH}`,
  (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_DEPTH,
);

const limitFields: Fields<LimitsConfig> = {
  body: optional(size),
  message: optional(size),
  depth: optional(depth),
};
const limits = keys<LimitsConfig>('limits', limitFields, REFUSED_AT_LIMITS);

const fieldPath = text('the path of a field, as "id" or "meta.event_id"', (value) =>
  /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(value),
);
const heartbeat: Check = (value, path, report) => {
  if (value !== false) duration(value, path, report);
};
const sse = keys<SseConfig>('server-sent events', {
  id: optional(fieldPath),
  event: optional(fieldPath),
  retry: optional(fieldPath),
  lastEventId: optional(fieldPath),
  heartbeat: optional(heartbeat),
});

const stream = keys<StreamConfig>('stream', {
  format: optional(choice(['ndjson', 'sse', 'json-array'])),
  wrap: optional(satisfying('"result" or false', (value) => value === 'result' || value === false)),
  sse: optional(sse),
});

const json = keys<JsonConfig>('json', {
  emitDefaults: optional(flag),
  enumsAsNumbers: optional(flag),
  protoNames: optional(flag),
  int64: optional(choice(['string', 'number'])),
  pretty: optional(flag),
  caseInsensitiveEnums: optional(flag),
});

/** RFC 9110 section 7.6.1, and what frames a message: these belong to one connection. */
const TRANSPORT_NAMES = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const metadataName = text(
  'the name of metadata (letters, digits, "-", "_" and "."; none of the transport\'s and no grpc-*)',
  (value) => {
    const name = value.toLowerCase();
    return isLegalName(name) && !name.startsWith('grpc-') && !TRANSPORT_NAMES.has(name);
  },
);

const rename: Check = (value, path, report) => {
  if (!isRecord(value)) {
    report({ path, expected: 'an object from name to name', found: describe(value) });
    return;
  }
  for (const [from, to] of Object.entries(value)) {
    metadataName(from, below(path, from), report);
    metadataName(to, below(path, from), report);
    if (typeof to !== 'string') continue;
    if (isBinaryName(from.toLowerCase()) === isBinaryName(to.toLowerCase())) continue;
    // A -bin name holds bytes, in base64 on the HTTP side; any other holds text.
    const expected = 'both names or none to end in "-bin"';
    report({ path: below(path, from), expected, found: describe(to) });
  }
};

const metadataRules = keys<MetadataRulesConfig>('metadata rules', {
  allow: optional(list('name', metadataName)),
  deny: optional(list('name', metadataName)),
  rename: optional(rename),
});

const metadata = keys<NonNullable<SettingsConfig['metadata']>>('metadata', {
  in: optional(metadataRules),
  out: optional(metadataRules),
});

const origin = text('an origin as browsers send it, as "https://app.example.com"', isOrigin);
const headerName = text('the name of a header', (value) => /^[!#$%&'*+.^_`|~\w-]+$/.test(value));
const corsKeys = keys<CorsConfig>(
  'cors',
  {
    origins: (value, path, report) => {
      if (value !== '*') list('origin', origin)(value, path, report);
    },
    headers: optional(list('header', headerName)),
    expose: optional(list('header', headerName)),
    credentials: optional(flag),
    maxAge: optional(duration),
  },
  { methods: 'the verbs are those of the routes' },
  ' or false',
);
const cors: Check = (value, path, report) => {
  if (value === false) return;
  corsKeys(value, path, report);
  if (!isRecord(value) || value['credentials'] !== true || value['origins'] !== '*') return;
  // Fetch standard, "CORS protocol and credentials": a browser refuses the pair.
  const expected = 'origins by name, since "credentials" is true';
  report({ path: below(path, 'origins'), expected, found: describe('*') });
};

const compressionKeys = keys<AnswerCompressionConfig>(
  'the compression of answers',
  {
    minSize: optional(size),
    codings: optional(list('coding', choice(['zstd', 'br', 'gzip', 'deflate']))),
  },
  {},
  ', true or false',
);
const answerCompression: Check = (value, path, report) => {
  if (typeof value !== 'boolean') compressionKeys(value, path, report);
};

/** The settings that each of the three places has. */
export const settings: Fields<SettingsConfig> = {
  strictness: optional(choice(['reject', 'warn', 'ignore'])),
  stream: optional(stream),
  json: optional(json),
  timeout: optional(orFalse(duration)),
  idle: optional(duration),
  metadata: optional(metadata),
  cors: optional(cors),
  limits: optional(limits),
  unaryJson: optional(choice(['rest', 'connect'])),
  answerCompression: optional(answerCompression),
};

/** At the top, `limits` has what holds before a route is known, too. */
export const topLimits: Check = keys<TopLimitsConfig>('limits', {
  ...limitFields,
  headers: optional(size),
});

/** Whether `text` is the serialization of a tuple origin (HTML standard, "origin"), which `null` is not. */
function isOrigin(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && url.origin === value && /^https?:$/.test(url.protocol);
}
