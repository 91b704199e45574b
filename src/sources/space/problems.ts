/** Why the room of a store is not known. */
import type { Problem } from '../../model/problem.ts'
import type { Fault } from '../storage/storage.ts'

const how = '`space.by` of the repository says how it is measured, and switches it off.'

export const unparsed = (name: string, way: string, said: string): Problem => ({
  code: 'space.unparsed',
  message: `The answer of ${way} on the room of ${name} cannot be understood: ${JSON.stringify(said.trim().slice(0, 200))}.`,
  next: `See what ${way} answers there by hand. ${how}`,
  retry: 'next-run',
  context: { repository: name },
})

export const unsupportedSpace = (name: string, way: string, why: string): Problem => ({
  code: 'space.unsupported',
  message: `The store of ${name} does not tell its room by ${way}: ${why}.`,
  next: `Choose another way, or none. ${how}`,
  retry: 'never',
  context: { repository: name },
})

const unreachable = (name: string, way: string, why: string): Problem => ({
  code: 'space.unreachable',
  message: `The room of ${name} could not be asked by ${way}: ${why}.`,
  next: 'Check that its server can be reached: `muster doctor` tries it.',
  retry: 'soon',
  context: { repository: name },
})

const denied = (name: string, way: string, why: string): Problem => ({
  code: 'space.denied',
  message: `The room of ${name} may not be asked by ${way}: ${why}.`,
  next: `Check the key or password of the server, and its rights there. ${how}`,
  retry: 'never',
  context: { repository: name },
})

const hostKey = (name: string, way: string, why: string): Problem => ({
  code: 'space.host-key',
  message: `The room of ${name} was not asked by ${way}: ${why}.`,
  next: 'See with `muster doctor` what the server shows and what is pinned.',
  retry: 'never',
  context: { repository: name },
})

export const spaceTimedOut = (name: string, way: string, seconds: number): Problem => ({
  code: 'space.timed-out',
  message: `The room of ${name} was not told by ${way} within ${seconds} seconds.`,
  next: 'See whether its server is slow or hangs: `muster doctor` tries it.',
  retry: 'soon',
  context: { repository: name },
})

export const noProgram = (name: string, program: string): Problem => ({
  code: 'space.no-program',
  message: `The program \`${program}\`, which tells the room of ${name}, was not found.`,
  next: `Install it, or set \`program\` to its whole path. ${how}`,
  retry: 'never',
  context: { repository: name },
})

export function spaceProblem(name: string, way: string, { kind, detail }: Fault, limitMs: number): Problem {
  if (kind === 'timed-out' || kind === 'cancelled') return spaceTimedOut(name, way, limitMs / 1000)
  if (kind === 'host-key') return hostKey(name, way, detail)
  if (kind === 'denied') return denied(name, way, detail)
  return kind === 'unreachable' || kind === 'tls' ? unreachable(name, way, detail) : unsupportedSpace(name, way, detail)
}
