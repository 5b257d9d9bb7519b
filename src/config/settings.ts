/** The settings of one place, resolved: the nearest wins, key by key, and what nobody said is the default. */
import type {
  AnswerCompressionConfig,
  CorsConfig,
  Duration,
  JsonConfig,
  LimitsConfig,
  MetadataRulesConfig,
  SettingsConfig,
  SseConfig,
  StreamConfig,
} from './define.ts';
import { DEFAULTS, defaultBytes, defaultMs } from './defaults.ts';
import { parseDuration, parseSize } from './units.ts';

interface MetadataRules {
  /** Lower-case names; null lets all pass. */
  readonly allow: readonly string[] | null;
  /** Lower-case names. */
  readonly deny: readonly string[];
  /** From the name received to the name sent, both in lower case. */
  readonly rename: Readonly<Record<string, string>>;
}

interface Cors {
  readonly origins: '*' | readonly string[];
  /** Lower-case names; null allows those that the preflight asks for. */
  readonly headers: readonly string[] | null;
  readonly expose: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeMs: number;
}

interface Limits {
  readonly bodyBytes: number;
  readonly messageBytes: number;
  readonly depth: number;
}

export interface StreamSettings extends Required<Omit<StreamConfig, 'sse'>> {
  readonly sse: SseSettings;
}

/** Paths of fields; null where nothing was said. */
export interface SseSettings {
  readonly id: string | null;
  readonly event: string | null;
  readonly retry: string | null;
  readonly lastEventId: string | null;
  /** Infinity for none. */
  readonly heartbeatMs: number;
}

interface AnswerCompressionSettings {
  readonly minBytes: number;
  readonly codings: readonly CodingName[];
}

type CodingName = NonNullable<AnswerCompressionConfig['codings']>[number];

/** In the order of the default, as docs/limits.md shows it. */
const CODINGS = DEFAULTS['answerCompression.codings'].value.split(', ') as readonly CodingName[];

export interface Settings {
  readonly strictness: NonNullable<SettingsConfig['strictness']>;
  readonly stream: StreamSettings;
  readonly json: Required<JsonConfig>;
  /** The overall bound of unary and client-streaming calls; Infinity for none. */
  readonly timeoutMs: number;
  /** The overall bound of server-streaming and bidi calls; Infinity where only `idleMs` bounds them. */
  readonly streamTimeoutMs: number;
  readonly idleMs: number;
  readonly metadata: { readonly in: MetadataRules; readonly out: MetadataRules };
  readonly cors: Cors | null;
  readonly limits: Limits;
  readonly unaryJson: NonNullable<SettingsConfig['unaryJson']>;
  /** Null where answers are never compressed. */
  readonly answerCompression: AnswerCompressionSettings | null;
}

/** `places` from the farthest to the nearest: top, upstream, route. */
export function resolveSettings(places: readonly SettingsConfig[]): Settings {
  const timeout = last(places, (place) => place.timeout);
  const timeoutMs = timeout === false ? Infinity : milliseconds(timeout);
  return {
    strictness: last(places, (place) => place.strictness) ?? DEFAULTS.strictness.value,
    stream: {
      format: last(places, (place) => place.stream?.format) ?? DEFAULTS['stream.format'].value,
      wrap: last(places, (place) => place.stream?.wrap) ?? DEFAULTS['stream.wrap'].value,
      sse: resolveSse(places.map((place) => place.stream?.sse ?? {})),
    },
    json: resolveJson(places.map((place) => place.json ?? {})),
    timeoutMs: timeoutMs ?? defaultMs('timeout'),
    streamTimeoutMs: timeoutMs ?? Infinity,
    idleMs: milliseconds(last(places, (place) => place.idle)) ?? defaultMs('idle'),
    metadata: {
      in: metadataRules(places.map((place) => place.metadata?.in ?? {})),
      out: metadataRules(places.map((place) => place.metadata?.out ?? {})),
    },
    cors: resolveCors(last(places, (place) => place.cors) ?? DEFAULTS.cors.value),
    limits: resolveLimits(places.map((place) => place.limits ?? {})),
    unaryJson: last(places, (place) => place.unaryJson) ?? DEFAULTS.unaryJson.value,
    answerCompression: resolveCompression(
      last(places, (place) => place.answerCompression) ?? DEFAULTS.answerCompression.value,
    ),
  };
}

function resolveSse(places: readonly SseConfig[]): SseSettings {
  const heartbeat = last(places, (place) => place.heartbeat);
  return {
    id: last(places, (place) => place.id) ?? null,
    event: last(places, (place) => place.event) ?? null,
    retry: last(places, (place) => place.retry) ?? null,
    lastEventId: last(places, (place) => place.lastEventId) ?? null,
    heartbeatMs:
      heartbeat === false
        ? Infinity
        : (milliseconds(heartbeat) ?? defaultMs('stream.sse.heartbeat')),
  };
}

function resolveJson(options: readonly JsonConfig[]): Required<JsonConfig> {
  return {
    emitDefaults:
      last(options, (option) => option.emitDefaults) ?? DEFAULTS['json.emitDefaults'].value,
    enumsAsNumbers:
      last(options, (option) => option.enumsAsNumbers) ?? DEFAULTS['json.enumsAsNumbers'].value,
    protoNames: last(options, (option) => option.protoNames) ?? DEFAULTS['json.protoNames'].value,
    int64: last(options, (option) => option.int64) ?? DEFAULTS['json.int64'].value,
    pretty: last(options, (option) => option.pretty) ?? DEFAULTS['json.pretty'].value,
    caseInsensitiveEnums:
      last(options, (option) => option.caseInsensitiveEnums) ??
      DEFAULTS['json.caseInsensitiveEnums'].value,
  };
}

function metadataRules(rules: readonly MetadataRulesConfig[]): MetadataRules {
  const rename = Object.entries(last(rules, (rule) => rule.rename) ?? {});
  return {
    allow: lower(last(rules, (rule) => rule.allow)) ?? DEFAULTS['metadata.in'].value,
    deny: lower(last(rules, (rule) => rule.deny)) ?? [],
    rename: Object.fromEntries(rename.map(([from, to]) => [from.toLowerCase(), to.toLowerCase()])),
  };
}

function resolveCors(config: CorsConfig | false): Cors | null {
  if (config === false) return null;
  return {
    origins: config.origins,
    headers: lower(config.headers) ?? DEFAULTS['cors.headers'].value,
    expose: config.expose ?? [],
    credentials: config.credentials ?? DEFAULTS['cors.credentials'].value,
    maxAgeMs: milliseconds(config.maxAge) ?? defaultMs('cors.maxAge'),
  };
}

function resolveLimits(limits: readonly LimitsConfig[]): Limits {
  return {
    bodyBytes: parseSize(last(limits, (limit) => limit.body)) ?? defaultBytes('limits.body'),
    messageBytes:
      parseSize(last(limits, (limit) => limit.message)) ?? defaultBytes('limits.message'),
    depth: last(limits, (limit) => limit.depth) ?? DEFAULTS['limits.depth'].value,
  };
}

function resolveCompression(
  config: AnswerCompressionConfig | boolean,
): AnswerCompressionSettings | null {
  if (config === false) return null;
  const { minSize, codings = CODINGS } = config === true ? {} : config;
  return {
    minBytes: parseSize(minSize) ?? defaultBytes('answerCompression.minSize'),
    codings,
  };
}

/** What the last place that says anything says. */
function last<Place, Value>(
  places: readonly Place[],
  read: (place: Place) => Value | undefined,
): Value | undefined {
  for (let i = places.length - 1; i >= 0; i--) {
    const place = places[i];
    const value = place === undefined ? undefined : read(place);
    if (value !== undefined) return value;
  }
  return undefined;
}

function lower(names: readonly string[] | undefined): readonly string[] | undefined {
  return names?.map((name) => name.toLowerCase());
}

function milliseconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
