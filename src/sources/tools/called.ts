/** How one call of a tool ended, for whichever operation it was made. */
import type { Problem } from '../../model/problem.ts'
import type { ProcessResult } from '../../system/process.ts'
import type { Redact } from '../../system/redact.ts'
import type { OperationResult } from './tool.ts'

/** Everything a caller may show is already redacted. */
export interface Called {
  readonly process: ProcessResult
  /** What it said on standard error. */
  readonly text: string
  readonly redact: Redact
  /** Absent when it ended with exit code 0. */
  readonly problem?: Problem
}

/** Of a call that was refused before anything was started. */
export const neverRan: ProcessResult = { ended: 'spawn-failed', durationMs: 0, stderrTail: '' }

/** The fields every operation answers. Outcome by the exit code alone; `backup` knows more. */
export function toResult(called: Called): OperationResult {
  const { process } = called
  const base = {
    durationMs: process.durationMs,
    ...(process.exitCode === undefined ? {} : { exitCode: process.exitCode }),
  }
  if (called.problem === undefined) return { ...base, outcome: 'ok' }
  return { ...base, outcome: outcomeOf(process), problem: called.problem, ...logOf(called.text) }
}

const mostLog = 8_000

/** The end of what was said, from the start of a line where there are several. */
export function logOf(text: string): Pick<OperationResult, 'log'> {
  const end = text.trimEnd()
  if (end === '') return {}
  return { log: end.length <= mostLog ? end : end.slice(-mostLog).replace(/^[^\n]*\n/, '') }
}

/** The result without its problem: what went well after all. */
export const okOf = ({ problem: _, log: __, ...result }: OperationResult): OperationResult => ({
  ...result,
  outcome: 'ok',
})

function outcomeOf(process: ProcessResult): 'cancelled' | 'timed-out' | 'failed' {
  if (process.ended === 'cancelled') return 'cancelled'
  return process.ended === 'timed-out' || process.ended === 'stalled' ? 'timed-out' : 'failed'
}

/** Why a program never ran, by what the system said; undefined for anything else. */
export function spawnFailure(cause: string | undefined): 'not-found' | 'not-executable' | undefined {
  if (cause === 'ENOENT' || cause === 'ENOTDIR') return 'not-found'
  return cause === 'EACCES' || cause === 'EPERM' || cause === 'ENOEXEC' ? 'not-executable' : undefined
}
