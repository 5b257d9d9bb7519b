/** What a configuration says in two places that don't fit together. Works on a configuration of any shape, and leaves shape to shape.ts. */
import { isRecord, type Report } from './check.ts';
import { DEFAULTS } from './defaults.ts';
import { below, describe } from './problem.ts';
import { nearest } from '../lib/nearest.ts';

/** Reports routes to unknown upstreams, services of two routes, and two listeners on one port. */
export function checkReferences(config: unknown, report: Report): void {
  if (!isRecord(config)) return;
  checkPorts(config, report);
  const routes: readonly unknown[] = Array.isArray(config['routes']) ? config['routes'] : [];
  checkUpstreamNames(routes, config['upstreams'], report);
  checkServices(routes, report);
}

function checkPorts(config: Record<string, unknown>, report: Report): void {
  if (config['admin'] === false) return;
  const listen = portOf(config['listen'], DEFAULTS['listen.port'].value);
  const admin = portOf(config['admin'], DEFAULTS['admin.port'].value);
  if (listen !== admin || listen === 0 || !overlap(config['listen'], config['admin'])) return;
  report({ path: 'admin.port', expected: 'another port than "listen"', found: describe(admin) });
}

/** Two ports are two if their addresses are, unless one of them is every address. */
function overlap(listen: unknown, admin: unknown): boolean {
  const hosts = [hostOf(listen), hostOf(admin)];
  return hosts[0] === hosts[1] || hosts.some((host) => host === '0.0.0.0' || host === '::');
}

function hostOf(value: unknown): unknown {
  return isRecord(value) && value['host'] !== undefined
    ? value['host']
    : DEFAULTS['listen.host'].value;
}

function portOf(value: unknown, preset: number): unknown {
  return isRecord(value) && value['port'] !== undefined ? value['port'] : preset;
}

function checkUpstreamNames(routes: readonly unknown[], upstreams: unknown, report: Report): void {
  if (!isRecord(upstreams)) return;
  const names = Object.keys(upstreams);
  routes.forEach((route, index) => {
    if (!isRecord(route)) return;
    const name = route['upstream'];
    if (typeof name !== 'string' || name === '' || names.includes(name)) return;
    const near = nearest(name, names);
    const hint =
      near === undefined ? names.join(', ') || 'there are none' : `did you mean "${near}"?`;
    const path = below(below('routes', index), 'upstream');
    report({ path, expected: `the name of an upstream (${hint})`, found: describe(name) });
  });
}

/** Which of two routes a call of the service would take is nothing that an order of lines should decide. */
function checkServices(routes: readonly unknown[], report: Report): void {
  const taken = new Map<string, string>();
  routes.forEach((route, index) => {
    if (!isRecord(route)) return;
    const path = below(below('routes', index), 'services');
    const named: readonly unknown[] =
      route['services'] === '*' ? ['*'] : Array.isArray(route['services']) ? route['services'] : [];
    for (const service of new Set(named)) {
      if (typeof service !== 'string') continue;
      // `*` is the rest of one upstream, so two upstreams may each have one.
      const key = service === '*' ? `* of ${describe(route['upstream'])}` : service;
      const other = taken.get(key);
      if (other === undefined) taken.set(key, path);
      else
        report({
          path,
          expected: `services that no other route has`,
          found: `${describe(service)}, as in ${other}`,
        });
    }
  });
}
