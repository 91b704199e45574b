import type { Limits } from '../tool.ts'

const kibibyte = 1024
const ioniceClass = { realtime: 1, 'best-effort': 2, idle: 3 } as const

/** `--limit-upload` and `--limit-download` count KiB a second; rounded up, because 0 would mean no limit. */
export function limitArguments(limits: Limits | undefined): readonly string[] {
  const { uploadBytesPerSecond: up, downloadBytesPerSecond: down } = limits ?? {}
  return [
    ...(up === undefined ? [] : [`--limit-upload=${Math.max(1, Math.ceil(up / kibibyte))}`]),
    ...(down === undefined ? [] : [`--limit-download=${Math.max(1, Math.ceil(down / kibibyte))}`]),
  ]
}

/** Programs put before restic. Both replace themselves with what follows, so the pid stays. */
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
