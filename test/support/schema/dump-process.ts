/** Loads the source in its argument and prints the schema; started with flags that a test process cannot have. */
import { loadSchema } from '../../../src/schema/load.ts';
import type { SchemaSource } from '../../../src/schema/source.ts';
import { dumpSchema } from './dump.ts';
import { environment } from './load.ts';

const source = JSON.parse(process.argv[2] ?? '') as SchemaSource;
process.stdout.write(JSON.stringify(dumpSchema(await loadSchema(source, environment()))));
