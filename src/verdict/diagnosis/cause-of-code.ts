/** What a problem that Muster itself recognised says about the cause. Pure. */
import type { Cause, Soundness } from '../../model/diagnosis.ts'
import type { Problem } from '../../model/problem.ts'
import { causeOfText } from './cause-of-text.ts'

/** By what stands behind the dot of a code: the same for all tools. */
const byName: Readonly<Record<string, Cause>> = {
  locked: 'lock',
  'lock-not-ours': 'lock',
  'invalid-lock': 'lock',
  'locks-unknown': 'lock',
  'config-locked': 'lock',
  busy: 'lock',
  password: 'credentials',
  'no-password': 'credentials',
  'needs-password': 'credentials',
  denied: 'credentials',
  key: 'credentials',
  'no-login': 'credentials',
  'token-expired': 'credentials',
  'host-key': 'host key',
  'store-full': 'space',
  tls: 'network',
  stalled: 'network',
  'rate-limited': 'store unreachable',
  'server-failure': 'store unreachable',
  temporary: 'store unreachable',
  'no-repository': 'store unreachable',
  'no-remote': 'store unreachable',
  'no-tree': 'store unreachable',
  vanished: 'store unreachable',
  'not-there': 'store unreachable',
  replaced: 'history changed',
  'source-missing': 'source',
  sources: 'source',
  overlap: 'source',
  partial: 'partial',
  warned: 'partial',
  incomplete: 'partial',
  'rolled-back': 'history changed',
  tampered: 'history changed',
  relocated: 'history changed',
  'encryption-changed': 'history changed',
  interrupted: 'tool error',
}

const byArea: Readonly<Record<string, Cause>> = {
  guard: 'source',
  hook: 'source',
  secret: 'credentials',
  vault: 'credentials',
  ssh: 'host key',
  history: 'history changed',
  // Of a job or set that is late, or never came.
  verdict: 'schedule did not fire',
}

const byCode: Readonly<Record<string, Cause>> = {
  // The process was gone when somebody looked: the machine went down, or it was killed.
  'run.interrupted': 'host offline',
  'ssh.unreachable': 'network',
  'ssh.no-identity': 'credentials',
  'ssh.identity-missing': 'credentials',
  'ssh.passphrase': 'credentials',
  'lane.busy': 'lock',
}

/** @param words What the tool said beside it, which may be more precise. */
export function causeOfProblem({ code, message }: Pick<Problem, 'code' | 'message'>, words = ''): Cause {
  const [area = '', name = ''] = code.split('.')
  // One code for all that keeps a tool from its store: its words tell a server that refuses from a network that does not carry.
  if (name === 'network') {
    const said = causeOfText(`${message}\n${words}`)
    return said === 'store unreachable' ? said : 'network'
  }
  return byCode[code] ?? byName[name] ?? byArea[area] ?? 'tool error'
}

/** What a look at a repository says; undefined where it says that the repository is not the cause, or nothing. */
export const causeOfSoundness: Readonly<Record<Soundness, Cause | undefined>> = {
  sound: undefined,
  empty: undefined,
  damaged: 'tool error',
  locked: 'lock',
  credentials: 'credentials',
  'host key': 'host key',
  gone: 'store unreachable',
  unreachable: 'store unreachable',
  full: 'space',
  'tool error': 'tool error',
  unknown: undefined,
}
