/** Why the runner cannot run on this machine; says nothing about our code. */
export class Unavailable extends Error {}
