import type { Limits } from './tool.ts'

const ioniceClass = { realtime: 1, 'best-effort': 2, idle: 3 } as const

/** Programs put before a tool. Both replace themselves with what follows, so the pid stays. */
export function prefixOf(limits: Limits | undefined): {
  readonly programs: readonly string[]
  readonly args: readonly string[]
} {
  const nice = limits?.nice === undefined ? [] : ['nice', '-n', String(limits.nice)]
  const io = limits?.ionice
  const level = io?.level === undefined || io.class === 'idle' ? [] : [`-n${io.level}`]
  const ionice = io === undefined ? [] : ['ionice', `-c${ioniceClass[io.class]}`, ...level]
  return { programs: [...nice.slice(0, 1), ...ionice.slice(0, 1)], args: [...nice, ...ionice] }
}
