/** What is wrong with a reading, in the words of the tool's own adapter wherever the cause is the same. */
import type { Problem } from '../../../model/problem.ts'
import type { Redact } from '../../../system/redact.ts'
import type { Fault } from '../../storage/storage.ts'
import { type ProblemCode, problem } from '../../tools/restic/problems.ts'

/** Answered for what only the program itself can judge: the caller lets it read instead. */
export const unsupported = 'reader.unsupported'

const codes: Partial<Record<Fault['kind'], ProblemCode>> = {
  missing: 'restic.no-repository',
  denied: 'restic.denied',
  unreachable: 'restic.network',
  tls: 'restic.tls',
  'host-key': 'restic.host-key',
  full: 'restic.store-full',
  cut: 'restic.damaged',
  cancelled: 'restic.interrupted',
}

export interface Asked {
  readonly name: string
  readonly timeLimitMs?: number | undefined
  readonly redact: Redact
}

export function problemOfFault(asked: Asked, { kind, detail }: Fault): Problem {
  const said = asked.redact(detail)
  if (kind === 'unsupported') return unsupportedProblem(asked.name, said)
  if (kind === 'timed-out') return timedOut(asked.name, (asked.timeLimitMs ?? 0) / 1000)
  const code = codes[kind]
  return code === undefined ? tooLarge(asked.name, said) : problem(code, { repository: asked.name }, said)
}

export const unsupportedProblem = (name: string, why: string): Problem => ({
  code: 'reader.unsupported',
  message: `The repository ${name} is one that only the program can read: ${why}.`,
  next: 'Nothing; restic is started instead.',
  retry: 'next-run',
  context: { repository: name, why },
})

const timedOut = (name: string, limitSeconds: number): Problem => ({
  code: 'restic.timed-out',
  message: `The repository ${name} was not read within ${limitSeconds} seconds.`,
  next: 'See whether its disk or server is slow; raise `read.timeLimit` if it only needs longer.',
  retry: 'next-run',
  context: { repository: name, limitSeconds },
})

const tooLarge = (name: string, said: string): Problem => ({
  code: 'reader.too-large',
  message: `The repository ${name} has a file or a listing that is larger than any should be: ${said}.`,
  next: 'Find out who made it; read the repository with restic on a machine that may run out of memory.',
  retry: 'next-run',
  context: { repository: name },
})

export const costlyKey = (name: string, id: string): Problem => ({
  code: 'reader.costly-key',
  message: `The key ${id.slice(0, 8)} of the repository ${name} asks for more memory or time than any key should; it was not tried.`,
  next: 'Find out who made it. If it is not yours, remove it with `restic key remove`.',
  retry: 'never',
  context: { repository: name, key: id },
})

export const needsKey = (name: string, why: string): Problem => ({
  code: 'reader.needs-password',
  message: `The repository ${name} cannot be listed without restic, which wants the password: ${why}.`,
  next: 'Take `read.keyless` out and give the repository its password.',
  retry: 'never',
  context: { repository: name },
})
