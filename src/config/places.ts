/** Where things are: ports, hosts and files, as several parts of a configuration name them. */
import { isIP } from 'node:net';
import { isHostName } from './address.ts';
import { satisfying, text, type Check } from './check.ts';

export const port: Check = satisfying(
  'a port from 0 to 65535',
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
);
export const host: Check = text(
  'a host name or an IP address',
  (value) => isIP(value) !== 0 || isHostName(value),
);
export const pemPath: Check = text(
  'the path of a PEM file',
  (value) => value !== '' && !/[\n\0]/.test(value),
);
