/** What one `muster run` of a job answers, and what a person may watch meanwhile. */
import type { Outcome, Run } from '../model/run.ts'
import type { Progress } from '../sources/tools/tool.ts'

export interface Watcher {
  /** A new part of the round begins: `waiting for …`, `backup`, `reading back`, `forget`. */
  readonly onPhase?: (text: string) => void
  readonly onProgress?: (progress: Progress) => void
  /** Ask the tool for more frequent progress: a person looks at a bar. */
  readonly live?: boolean
}

export interface Round {
  readonly id: string
  readonly job: string
  readonly runs: readonly Run[]
}

const order: readonly Outcome[] = ['skipped', 'ok', 'warning', 'cancelled', 'interrupted', 'timed-out', 'failed']

/** The worst outcome of a round. */
export const worstOf = (runs: readonly Run[]): Outcome =>
  runs.reduce<Outcome>(
    (worst, run) => (order.indexOf(run.outcome ?? 'failed') > order.indexOf(worst) ? (run.outcome ?? 'failed') : worst),
    'skipped',
  )
