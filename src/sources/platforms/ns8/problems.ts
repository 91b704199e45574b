/** Everything that can go wrong when NethServer 8 is asked. What it did not tell is unknown: no success, and no fault of a repository. */
import type { Problem } from '../../../model/problem.ts'
import { type ProblemEntry, problemOfEntry } from '../../tools/problem-table.ts'

const problemTable = {
  'ns8.redis-unreachable': {
    message: 'Redis cannot be reached at `{address}`.',
    next: 'See whether it runs (`systemctl status redis`) and whether `ns8.redis` has its address. NethServer 8 listens at 127.0.0.1:6379 and has no socket of its own.',
    retry: 'soon',
    source: 'ECONNREFUSED, ENOENT, EACCES and the like from the system',
  },
  'ns8.redis-slow': {
    message: 'Redis at `{address}` did not answer in time.',
    next: 'See what keeps it busy (`redis-cli --latency`); a slow one needs a longer `ns8.redis.timeout`.',
    retry: 'soon',
    source: '`ns8.redis.timeout`',
  },
  'ns8.redis-login': {
    message: 'Redis at `{address}` refused the login.',
    next: 'Correct `ns8.redis.user` and `ns8.redis.password`; NethServer 8 lets anybody on the node read without either.',
    retry: 'never',
    source: 'WRONGPASS, NOAUTH',
  },
  'ns8.redis-denied': {
    message: 'Redis at `{address}` does not let this user read everything.',
    next: 'Let it read the keys cluster/*, node/* and module/*: `ACL SETUSER USER ~cluster/* ~node/* ~module/* +@read +@connection`.',
    retry: 'never',
    source: 'NOPERM',
  },
  'ns8.redis-loading': {
    message: 'Redis at `{address}` still loads its data.',
    next: 'Wait until it is up; it is asked again at the next alert.',
    retry: 'soon',
    source: 'LOADING',
  },
  'ns8.redis-readonly': {
    message: 'Redis at `{address}` is a replica that does not answer.',
    next: 'See whether the leader node runs; or give `ns8.redis.url` the address of the leader.',
    retry: 'soon',
    source: 'READONLY, MASTERDOWN',
  },
  'ns8.redis-type': {
    message: 'Redis at `{address}` holds something else than expected.',
    next: 'See who wrote that key (`redis-cli TYPE KEY`); NethServer 8 has a hash there.',
    retry: 'never',
    source: 'WRONGTYPE',
  },
  'ns8.redis-closed': {
    message: 'Redis at `{address}` broke off.',
    next: 'See whether it was restarted or ran out of memory (`journalctl -u redis`).',
    retry: 'soon',
    source: 'the connection ended before the answer',
  },
  'ns8.redis-too-large': {
    message: 'Redis at `{address}` holds more than anybody reads.',
    next: 'See who wrote that key; a status has some hundred bytes. Delete it if nobody needs it.',
    retry: 'never',
    source: 'values of more than 64 KiB, hashes of more than 10,000 fields; they are not fetched',
  },
  'ns8.redis-refused': {
    message: 'Redis at `{address}` answered something unexpected.',
    next: 'Ask it yourself: `redis-cli PING`. See whether a Redis listens at that address at all.',
    retry: 'soon',
    source: 'any other error',
  },
  'ns8.plan-id': {
    message: 'The alert names its backup plan, or Redis a module, by something that is no id of one.',
    next: 'See who sent it: the labels backup_id and id of NethServer 8 are numbers.',
    retry: 'never',
    source: 'labels of alerts; nothing but letters, digits, _ and - is ever asked about',
  },
  'ns8.no-runagent': {
    message: 'The program `{program}` cannot be started, so that no repository of a module was looked at.',
    next: 'Run Muster on a node of NethServer 8, as root, or name the program under `ns8.runagent`; or set `diagnose.probe.enabled: false`.',
    retry: 'never',
    source: 'ENOENT, EACCES and the like from the system',
  },
  'ns8.no-module': {
    message: 'There is no module `{module}` on this node.',
    next: 'It runs on another node, or was removed: look at its repository there with `runagent -m {module} restic-wrapper snapshots`.',
    retry: 'never',
    source: 'exit code 1 and text "Cannot find module"',
  },
  'ns8.wrapper': {
    message: '`restic-wrapper` of module `{module}` could not do what was asked.',
    next: 'Try it by hand: `runagent -m {module} restic-wrapper snapshots`. See whether the plan still has this module.',
    retry: 'never',
    source: 'exit code 2 with usage, or a traceback of Python',
  },
} as const satisfies Record<string, ProblemEntry>

type ProblemCode = keyof typeof problemTable

/** @param detail What was said, without secrets. */
export const problem = (
  code: ProblemCode,
  context: Readonly<Record<string, string | number>>,
  detail?: string,
): Problem => problemOfEntry(code, problemTable[code], context, detail)
