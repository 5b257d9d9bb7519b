/** The attackers of one attack as a process of their own: `attacker-process.ts PORT NAME`. Ends by itself. */
import { ATTACKS } from './all.ts';

const ATTACKERS = 20;
/** Who has been stopped comes again, for so long. */
const DURATION_MS = 2_000;

const [port = '', name = ''] = process.argv.slice(2);
const attack = ATTACKS.find((one) => one.name === name);
if (attack === undefined) throw new Error(`there is no attack ${name}`);

const endMs = performance.now() + DURATION_MS;
await Promise.all(
  Array.from({ length: attack.attackers ?? ATTACKERS }, async () => {
    while (performance.now() < endMs) {
      const closes: (() => void)[] = [];
      await attack.run({ after: (close) => void closes.push(close) }, Number(port));
      for (const close of closes) close();
    }
  }),
);
process.exit(0);
