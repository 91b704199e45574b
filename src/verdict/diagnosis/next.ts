/** What to do now about each cause, in the names of the case. Pure. */
import type { Cause, Part, Probe } from '../../model/diagnosis.ts'

export interface Names {
  readonly parts: readonly Part[]
  readonly probes: readonly Probe[]
  readonly isPlatform: boolean
}

const listed = (names: readonly string[], none: string): string =>
  names.length === 0
    ? none
    : names.length <= 4
      ? names.join(', ')
      : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`

export function nextFor(cause: Cause, { parts, probes, isPlatform }: Names): string {
  const bad = parts.filter(({ state }) => state !== 'ok')
  const own = bad.find(({ problem }) => problem !== undefined && problem.next !== '')?.problem?.next
  const probed = probes.find(
    ({ soundness, problem }) => soundness !== 'sound' && problem !== undefined && problem.next !== '',
  )?.problem?.next
  const who = listed(
    bad.map(({ title, name }) => (title === undefined ? name : `${title} (${name})`)),
    'the backup',
  )
  const [first] = bad
  const log = isPlatform ? `the journal of node ${first?.node ?? 'of the module'}` : 'muster status'
  const again = isPlatform ? 'Then run the plan again in the cluster administration.' : 'Then run it again: muster run.'
  const sentences: Readonly<Record<Cause, string>> = {
    source: `Look at what is backed up: whether the data of ${who} is there, mounted and readable, and whether its dump works. ${again}`,
    'host offline': `See whether the machine of ${who} is on and reachable; its backups go on by themselves once it is.`,
    network: `See whether this machine reaches the store: name resolution, route, firewall, certificate. ${again}`,
    'store unreachable': `See whether the store runs and the repository is still at its address. ${again}`,
    credentials: `Put in the password or key that is valid now; somebody may have changed it there. ${again}`,
    'host key':
      'Find out whether the server was set up anew. Compare what it shows with what its keeper publishes before you trust it: muster hostkeys scan.',
    lock: `See whether another backup runs. If none does, the lock is left over: remove it with restic unlock${isPlatform ? ' (runagent -m MODULE restic-wrapper unlock)' : ''}. ${again}`,
    space: `Make room in the store, or enlarge it: shorten the retention and prune, or delete what else lies there. ${again}`,
    'tool error': `Read what the tool says below and look further in ${log}; check the repository before the next backup writes to it.`,
    partial: `A snapshot was made, but not of everything: see what of ${who} could not be read, and give the rights or exclude it.`,
    'schedule did not fire': `See whether the timer or plan of ${who} is switched on and when it fires next, and start it once by hand.`,
    'history changed':
      'Let nothing be forgotten or pruned there until somebody knows who removed or replaced snapshots: muster status names what was found.',
    'false alarm':
      'Nothing: everything that was looked at is well. If this comes often, look at the rule that raised it.',
    unknown: `Nobody could say enough. Look in ${log} for ${who}, and correct what could not be asked, named below.`,
  }
  return own ?? probed ?? sentences[cause]
}
