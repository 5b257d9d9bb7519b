/** The demo's service as a process of its own: prints its port, ends with its standard input. */
import { startBookstore } from '../../examples/bookstore/server.ts';

const bookstore = await startBookstore();
console.log(bookstore.port);
// Whoever started it may be killed at any time; a pipe closes in any case.
process.stdin.resume().on('end', () => process.exit(0));
