/** `npm run protocols`: makes the tables of docs/protocols.md anew from the matrix, whose tests show that each of its cells is as they say. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from '../test/matrix/page.ts';

const page = new URL('../docs/protocols.md', import.meta.url);
writeFileSync(page, withTables(readFileSync(page, 'utf8')));
