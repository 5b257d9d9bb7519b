/** The settings of connections that users get who set none, with some changed. */
import { planConnections } from '../../src/config/connections.ts';
import type { ConnectionSettings } from '../../src/upstream/connection-settings.ts';

export function connectionSettings(changed: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return { ...planConnections({}), ...changed };
}
