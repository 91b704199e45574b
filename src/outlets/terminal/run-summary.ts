/** What a run did, for people: a few lines after it ended. */
import type { Outcome, Run } from '../../model/run.ts'
import { sayBytes, sayDuration } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { paint, table } from './style.ts'

const colours = {
  ok: 'green',
  warning: 'yellow',
  skipped: 'yellow',
  failed: 'red',
  'timed-out': 'red',
  cancelled: 'red',
  interrupted: 'red',
} as const

const paintOutcome = (outcome: Outcome): string => paint(colours[outcome], outcome)

const shownSkips = 10

/** A table of the runs, then what was left out and what to do. A rehearsal says what would have been. */
export function renderRuns(runs: readonly Run[], rehearsal = false): string {
  const rows = runs.map((run) => [
    run.job ?? run.repository,
    rehearsal ? `${run.operation} (dry run)` : run.operation,
    paintOutcome(run.outcome ?? 'failed'),
    run.endedAt === undefined ? '' : sayShort(run.endedAt.getTime() - run.startedAt.getTime()),
    details(run, rehearsal),
  ])
  const said = runs.flatMap((run) => [...skips(run), ...problem(run)])
  const nothing = rehearsal ? ['Nothing was written, and this is no backup: muster status knows nothing of it.'] : []
  return [table(['job', 'operation', 'outcome', 'took', 'details'], rows), ...said, ...nothing].join('\n')
}

const sayShort = (ms: number): string => (ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : sayDuration(ms))

function details(run: Run, rehearsal: boolean): string {
  const { counters: c } = run
  const parts: string[] = []
  if (run.snapshotId !== undefined) parts.push(`snapshot ${run.snapshotId.slice(0, 8)}`)
  if (c?.processedFiles !== undefined) parts.push(`${c.processedFiles} files`)
  if (c?.processedBytes !== undefined) parts.push(sayBytes(c.processedBytes))
  if (c?.filesNew !== undefined) parts.push(`${c.filesNew} new, ${c.filesChanged ?? 0} changed`)
  if (c?.addedBytes !== undefined)
    parts.push(rehearsal ? `would add ${sayBytes(c.addedBytes)}` : `${sayBytes(c.addedBytes)} added`)
  if (c?.snapshotsRemoved !== undefined) parts.push(`${c.snapshotsRemoved} removed, ${c.snapshotsKept ?? 0} kept`)
  return parts.join(', ')
}

function skips(run: Run): string[] {
  const listed = run.skipped ?? []
  if (listed.length === 0) return []
  const lines = listed.slice(0, shownSkips).map((skip) => `    ${oneLine(skip.path)}: ${oneLine(skip.reason)}`)
  const more = (run.skippedCount ?? listed.length) - lines.length
  const title = run.operation === 'check' ? 'found' : 'left out'
  return [
    `  ${title}:`,
    ...lines,
    ...(more > 0 ? [`    … and ${more} more (muster status --json lists up to 100)`] : []),
  ]
}

function problem(run: Run): string[] {
  if (run.problem === undefined) return []
  return [
    `  ${paint(run.outcome === 'warning' ? 'yellow' : 'red', oneLine(run.problem.message))}`,
    `    → ${oneLine(run.problem.next)}`,
  ]
}
