/** What a client of others does with the gateway, whatever the client, its protocol and its version of HTTP. */
import { test } from 'node:test';
import { endCases } from './end-cases.ts';
import { errorCases } from './error-cases.ts';
import { messageCases } from './message-cases.ts';
import type { Feature, Subject } from './types.ts';
import { assertOver, makeSecurity, openWorld, type World } from './world.ts';

export interface Case {
  readonly name: string;
  readonly needs?: readonly Feature[];
  /** It moves the clock, or leaves calls behind that nobody can count. */
  readonly alone?: true;
  readonly run: (world: World) => Promise<void>;
}

const CASES: readonly Case[] = [...messageCases, ...errorCases, ...endCases];

/** One gateway for all the cases of a subject, so that what one leaves behind shows in the next. */
export function clientCases(subjects: readonly Subject[]): void {
  const security = makeSecurity();
  for (const subject of subjects) {
    test(subject.name, async (t) => {
      const shared = await openWorld(t, subject, security);
      for (const { name, needs = [], alone, run } of CASES) {
        const lacked = needs.find((feature) => subject.lacks?.[feature] !== undefined);
        const skip = lacked === undefined ? false : `${lacked}: ${subject.lacks?.[lacked]}`;
        await t.test(name, { skip }, async (t) => {
          const world = alone === true ? await openWorld(t, subject, security) : shared;
          world.peer.script = world.serve;
          await run(world);
          await world.peer.idle();
        });
      }
      await assertOver(shared);
    });
  }
}
