/** The page of `--help`, and the version. */
import { readFileSync } from 'node:fs';

export const HELP = `polygate: a multi-protocol API gateway

Usage
  polygate [serve]             run the gateway of gateway.config.ts in this folder
  polygate check               validate the configuration, load the schemas, print the plan
  polygate routes              print every route
  polygate explain VERB URL    which route answers a request, what is bound, why others don't
  polygate grpc://HOST:PORT    run without a configuration: everything that the server's reflection lists
                               (grpcs:// for TLS; check, routes and explain take an address too)

Options
  -c, --config FILE            another configuration file
      --host HOST              listen on this address       (serve)
  -p, --port PORT              listen on this port, 0: any  (serve)
      --admin-port PORT        health and metrics, 0: any   (serve)
  -d, --data JSON              the body of the request      (explain)
      --json                   print data                   (check, routes, explain)
  -h, --help
  -v, --version

With an address
      --proto FILE             read the schema from .proto files instead of asking the server; may be repeated
      --import-path FOLDER     where their imports are; may be repeated
      --descriptor-set FILE    read the schema from a FileDescriptorSet
      --rules FILE             http rules from a google.api.Service YAML file

Output
  Standard output has the result, for serve the log as JSON lines. Everything for people goes to standard error.

Signals
  SIGTERM and SIGINT (Ctrl-C) finish the calls in flight within \`drain\`, then cut the rest. A second one ends at once.

Exit codes
  0  done; stopped with nothing lost
  1  a mistake in the configuration or a schema, a port that is taken; explain: no route
  2  a wrong command line, or Node older than 22.19
  3  ended by force: calls were cut, a second signal, an error inside
`;

/** The version of the package that this file belongs to, run from sources or from dist/. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
