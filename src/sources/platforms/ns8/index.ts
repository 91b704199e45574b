/** NethServer 8: what it knows of its backups, and a look at the repositories of its modules. */
export { ns8Facts } from './facts.ts'
export { followNs8 } from './follow.ts'
export { probeNs8 } from './probe.ts'
export type { Ns8Settings } from './settings.ts'
