/** A message of one run. Pure. */
import type { Figure, Message, RunNews } from '../../model/delivery.ts'
import type { Run } from '../../model/run.ts'
import { sayBytes, sayDuration } from '../../model/units.ts'

export interface RunTeller {
  /** Jobs that this notifier tells of. */
  readonly ofJobs: number
  readonly host: string
  readonly link?: string
}

const good = ['ok', 'warning']

export function runMessage(run: Run, event: RunNews['event'], { host, link, ofJobs }: RunTeller, now: Date): Message {
  const { id, job = '', repository, outcome, exitCode } = run
  return {
    kind: 'run',
    title: `job ${job}: backup ${event === 'began' ? 'began' : (outcome ?? 'failed')}`.slice(0, 120),
    severity: event === 'began' || outcome === 'ok' ? 'good' : good.includes(outcome ?? '') ? 'warning' : 'critical',
    entries: [],
    run: {
      id,
      job,
      repository,
      event,
      ofJobs,
      ...(event === 'ended' && outcome !== undefined && { outcome }),
      ...(event === 'ended' && exitCode !== undefined && { exitCode }),
    },
    figures: event === 'began' ? [] : figuresOf(run),
    host,
    at: now,
    ...(link !== undefined && { link }),
  }
}

function figuresOf({
  outcome,
  startedAt,
  endedAt,
  problem,
  counters,
  snapshotId,
  skipped,
  skippedCount,
}: Run): Figure[] {
  const figure = (name: string, value: string | undefined): Figure[] => (value === undefined ? [] : [{ name, value }])
  const bytes = (value: number | undefined): string | undefined => (value === undefined ? undefined : sayBytes(value))
  return [
    ...figure('Outcome', outcome),
    ...figure('What', problem?.message),
    ...figure('Do now', problem?.next),
    ...figure('Took', endedAt && sayDuration(endedAt.getTime() - startedAt.getTime())),
    ...figure('Snapshot', snapshotId?.slice(0, 12)),
    ...figure('Files', counters?.processedFiles?.toString()),
    ...figure('Size', bytes(counters?.processedBytes)),
    ...figure('Added', bytes(counters?.addedBytes)),
    ...figure('Left out', skippedCount ? String(skippedCount) : undefined),
    ...(skipped ?? []).slice(0, 20).map(({ path, reason }) => ({ name: 'Left out', value: `${path}: ${reason}` })),
  ]
}
