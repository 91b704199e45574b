/** Runs other programs: one shape of result, whole process groups, time and stall limits, an allow-listed environment. */
import { type ChildProcess, spawn } from 'node:child_process'
import { Secret } from '../model/secret.ts'
import { watchChild } from './process/child.ts'

export interface ProcessSpec {
  /** Name, looked up in the PATH of `environment`, or path. */
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment of the child; nothing else is inherited. Secrets are revealed only here. */
  readonly environment: Readonly<Record<string, string | Secret>>
  readonly cwd?: string
  /**
   * Written to the child's standard input once `onSpawn` is done, then closed; without it the child reads from /dev/null.
   */
  readonly input?: Secret | string
  /** Aborting it cancels: INT to the process group, grace, KILL. */
  readonly signal?: AbortSignal
  readonly timeLimitMs?: number
  /** Ends the child when neither its output nor its processor time nor its input and output grew for this long. */
  readonly stallLimitMs?: number
  /** What asks it to finish; default: INT. */
  readonly stopSignal?: 'SIGINT' | 'SIGTERM'
  /** Time between the first signal and KILL. Default 10 s. */
  readonly graceMs?: number
  /** Lines of standard output, without line end, cut at `maxLineBytes`. */
  readonly onLine?: (line: string) => void
  readonly onErrorLine?: (line: string) => void
  /** Default 1 MiB. */
  readonly maxLineBytes?: number
  /** Awaited before the child gets its `input`. When it throws, the child is ended and the error is thrown on. */
  readonly onSpawn?: (pid: number) => Promise<void> | void
  /** A value that grows with the work done. Where given, output is no sign of life for the stall limit, this value is. */
  readonly progress?: () => number
}

/** How a child ended, well or ill. Never thrown. */
export interface ProcessResult {
  readonly exitCode?: number
  readonly signal?: string
  /** `spawn-failed`: it never ran (`cause` says why: ENOENT, EACCES, EAGAIN …). `killed`: by a signal that was not ours. */
  readonly ended: 'exited' | 'killed' | 'timed-out' | 'stalled' | 'cancelled' | 'spawn-failed'
  readonly cause?: string
  readonly durationMs: number
  /** The last 64 KiB of standard error, from the start of a line, invalid UTF-8 replaced. */
  readonly stderrTail: string
}

/**
 * Runs one program to its end. Never a shell, never a hang: after KILL, or when something else holds the output open, it
 * answers within seconds and ends what is left of the child's session.
 *
 * Built on node:child_process, not execa: execa waits for the end of output that a stray grandchild holds open, and signals
 * the child alone, while restic puts ssh and rclone into process groups of their own.
 */
export async function runProcess(spec: ProcessSpec): Promise<ProcessResult> {
  if (spec.signal?.aborted) return { ended: 'cancelled', durationMs: 0, stderrTail: '' }
  const startedAt = performance.now()
  const started = start(spec)
  const outcome =
    started.child === undefined
      ? { ended: 'spawn-failed' as const, cause: started.cause }
      : await watchChild(started.child, spec)
  return { stderrTail: '', ...outcome, durationMs: performance.now() - startedAt }
}

function start(spec: ProcessSpec): { child: ChildProcess } | { child?: never; cause: string } {
  try {
    const child = spawn(spec.command, [...spec.args], {
      env: reveal(spec.environment),
      cwd: spec.cwd,
      // Its own session: a Ctrl-C in our terminal reaches us alone, and one signal reaches all of its helpers.
      detached: true,
      stdio: [spec.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    return { child }
  } catch (error) {
    // E2BIG, an argument with a NUL byte, and the like.
    return { cause: (error as NodeJS.ErrnoException).code ?? 'EINVAL' }
  }
}

function reveal(environment: ProcessSpec['environment']): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment))
    plain[name] = value instanceof Secret ? value.reveal() : value
  return plain
}
