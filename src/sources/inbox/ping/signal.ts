import type { PingEvent } from '../../../model/ping.ts'
import { ok, type Result } from '../../../model/problem.ts'
import { badSignal } from './problems.ts'

type Signal =
  | Pick<PingEvent & { kind: 'start' | 'log' }, 'kind'>
  | Pick<PingEvent & { kind: 'end' }, 'kind' | 'isGood' | 'exitCode'>

/** Source: Healthchecks, "Pinging API": nothing, `start`, `fail`, `log`, or an exit status, of which 0 alone is good. */
export function readSignal(given: string | undefined): Result<Signal> {
  if (given === undefined || given === '') return ok({ kind: 'end', isGood: true })
  if (given === 'start' || given === 'log') return ok({ kind: given })
  if (given === 'fail') return ok({ kind: 'end', isGood: false })
  const exitCode = /^\d{1,3}$/.test(given) ? Number(given) : Number.NaN
  return exitCode <= 255 ? ok({ kind: 'end', isGood: exitCode === 0, exitCode }) : badSignal
}
