/** What calls of all tools have in common on their way to a process. */
import type { ProcessResult, ProcessSpec } from '../../system/process.ts'
import { findProgram } from './find-program.ts'
import { prefixOf } from './prefix.ts'
import type { Limits, OperationIo, RepositoryAccess } from './tool.ts'

/** How a caller follows a process. */
export type Following = Pick<ProcessSpec, 'cwd' | 'onLine' | 'onErrorLine' | 'maxLineBytes' | 'progress'>

/** Limits and listeners, as far as there are any. */
export const followed = (io: OperationIo, call: Following): Partial<ProcessSpec> =>
  present({
    signal: io.signal,
    timeLimitMs: io.timeLimitMs,
    stallLimitMs: io.stallLimitMs,
    onSpawn: io.onSpawn,
    cwd: call.cwd,
    onLine: call.onLine,
    onErrorLine: call.onErrorLine,
    maxLineBytes: call.maxLineBytes,
    progress: call.progress,
  })

export type Located =
  | { readonly ok: true; readonly command: string; readonly args: readonly string[] }
  | { readonly ok: false; readonly code: 'not-found' | 'not-executable'; readonly program: string }

/** The program behind what limits put before it, each looked up: else the system would name the first, not what is missing. */
export function locate(program: string, limits: Limits | undefined, path: string | undefined): Located {
  const prefix = prefixOf(limits)
  for (const name of prefix.programs) {
    const found = findProgram(name, path)
    if (!found.ok) return { ...found, program: name }
  }
  const found = findProgram(program, path)
  if (!found.ok) return { ...found, program }
  const [command = found.path, ...args] = [...prefix.args, found.path]
  return { ok: true, command, args }
}

/** How it ended, for the context of a problem. `stalled`: by which of the two limits. */
export function endContext(
  process: ProcessResult,
  io: OperationIo,
  stalled: boolean,
): Readonly<Record<string, string | number>> {
  const limitMs = stalled ? io.stallLimitMs : io.timeLimitMs
  return present({
    exitCode: process.exitCode,
    signal: process.signal,
    cause: process.cause,
    limitSeconds: limitMs === undefined ? undefined : limitMs / 1000,
  })
}

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

function present<T extends object>(fields: T): Present<T> & Record<string, never> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T> &
    Record<string, never>
}

/** For the context of a problem: the server behind ssh, as `muster hostkeys` takes it. */
export function serverIn({ ssh }: Pick<RepositoryAccess, 'ssh'>): { readonly server?: string } {
  if (ssh === undefined) return {}
  const [server, ...others] = ssh.hosts
  return { server: server === undefined || others.length > 0 ? 'HOST:PORT' : server }
}
