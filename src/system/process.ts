/** Runs other programs: one shape of result, whole process groups, time and stall limits, an allow-listed environment. */
import type { Secret } from '../model/secret.ts'

export interface ProcessSpec {
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment of the child; nothing else is inherited. Secrets are revealed only here. */
  readonly environment: Readonly<Record<string, string | Secret>>
  readonly cwd?: string
  /** Written to the child's standard input, then closed; without it the child reads from /dev/null. */
  readonly input?: Secret | string
  readonly signal?: AbortSignal
  readonly timeLimitMs?: number
  /** Ends the child when `progressed` was not called, nor its own CPU time and I/O grew, for this long. */
  readonly stallLimitMs?: number
  /** Time between the first signal and KILL. Default 10 s. */
  readonly graceMs?: number
  /** Lines of standard output, without line end; cut at `maxLineBytes` (default 1 MiB). */
  readonly onLine?: (line: string) => void
  readonly onErrorLine?: (line: string) => void
  readonly onSpawn?: (pid: number) => Promise<void> | void
  /** Where given, only this function's growing value counts as progress for the stall limit (say, bytes done). */
  readonly progress?: () => number
}

/** How a child ended, well or ill. Never thrown. */
export interface ProcessResult {
  readonly exitCode?: number
  readonly signal?: string
  /** `spawn-failed`: it never ran (`cause` says why: ENOENT, EACCES, EAGAIN …). */
  readonly ended: 'exited' | 'killed' | 'timed-out' | 'stalled' | 'cancelled' | 'spawn-failed'
  readonly cause?: string
  readonly durationMs: number
  /** The last 64 KiB of standard error, lines that were valid UTF-8 made so. */
  readonly stderrTail: string
}
