/** What the command tells the shell. Stable: scripts and orchestrators read them. */

/** Done, also a gateway that was asked to stop and finished everything in flight. */
export const EXIT_OK = 0;
/** The configuration, a schema or the machine (a port that is taken) does not allow it; for `explain`, nothing matches. */
export const EXIT_FAILED = 1;
/** The command line is wrong, or Node is too old. */
export const EXIT_USAGE = 2;
/** Ended by force: a second signal, calls cut after the drain time, an error inside the gateway. */
export const EXIT_FORCED = 3;
