/** NethServer 8: what it knows of its backups, and a look at the repositories of its modules. */
export { nothingFound } from './decode.ts'
export { ns8Facts } from './facts.ts'
export { followNs8 } from './follow.ts'
export { probeNs8 } from './probe.ts'
export type { Ns8Settings } from './settings.ts'
