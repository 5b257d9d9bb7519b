/** An inbound of somebody else, written from the types and classes of src/call alone, keeps the contract of inbounds. */
import { anyInboundContract } from '../any-inbound.ts';
import { linesAdapter } from './lines-adapter.ts';

anyInboundContract('lines, a toy', linesAdapter);
