/**
 * `npm run profile [-- --workload NAME --seconds N]`: a CPU profile of the gateway, from the sources, under one of the workloads of
 * `npm run bench`: self time by folder and the functions that take most of it. The profile itself is kept for other viewers.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { inspectedGateway } from './contestants/polygate.ts';
import { openField } from './lib/field.ts';
import { folder, ROOT } from './lib/paths.ts';
import { freePort } from './lib/ports.ts';
import { OTHER_CORE, pinSelf } from './lib/processes.ts';
import { rounded } from './lib/table.ts';
import { Unavailable } from './lib/unavailable.ts';
import { connectInspector, profileOf } from './profile/inspector.ts';
import { selfTimes, type Share } from './profile/self-time.ts';
import { WORKLOADS } from './workloads/all.ts';
import { COMPARISONS } from './workloads/comparisons.ts';

const INTERVAL_US = 200;
const WARM_UP_SECONDS = 3;
const FUNCTIONS = 25;

const { values } = parseArgs({
  options: {
    workload: { type: 'string', default: 'small' },
    seconds: { type: 'string', default: '5' },
  },
});
const seconds = Number(values.seconds);
const workloads = [...WORKLOADS, ...COMPARISONS.flatMap((each) => each.workloads)];
const workload = workloads.find(({ name }) => name === values.workload);
if (workload === undefined || !Number.isInteger(seconds) || seconds < 1) {
  const names = [...new Set(workloads.map(({ name }) => name))].join('|');
  throw new Error(`npm run profile -- --workload ${names} --seconds N`);
}

pinSelf(OTHER_CORE);
const inspectorPort = await freePort();
const field = await openField(`profile-${workload.name}`, workload.upstream);
try {
  const entrant = await field.enter(inspectedGateway(inspectorPort));
  const bodyBytes = await workload.check(entrant.port);
  const target = { port: entrant.port, bodyBytes, folder: entrant.folder };
  await workload.load({ ...target, seconds: WARM_UP_SECONDS });
  const inspector = await connectInspector(inspectorPort);
  let answers = 0;
  const profile = await profileOf(inspector, INTERVAL_US, async () => {
    ({ answers } = await workload.load({ ...target, seconds }));
  });
  inspector.close();
  const file = join(folder('profiles'), `${workload.name}.cpuprofile`);
  writeFileSync(file, JSON.stringify(profile));

  const { busyUs, groups, functions } = selfTimes(profile, `${pathToFileURL(ROOT).href}/`);
  const perAnswer = `${rounded(busyUs / answers)} us per ${workload.per}`;
  console.log(`${workload.name}: ${workload.title}; ${answers} ${workload.per}s, ${perAnswer}`);
  console.log(`\n    self   us/${workload.per}`);
  const print = ({ name, selfUs }: Share): void => {
    const share = `${((selfUs * 100) / busyUs).toFixed(1)} %`.padStart(8);
    console.log(`${share}${(selfUs / answers).toFixed(2).padStart(13)}   ${name}`);
  };
  groups.forEach(print);
  console.log(`\nthe ${FUNCTIONS} functions with most self time`);
  functions.slice(0, FUNCTIONS).forEach(print);
  console.log(`\n${file}`);
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.error(`${workload.name}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await field.end();
}
