/**
 * Three lines without HELP and TYPE, as a known sidecar script for restic posts them after each run: backup, forget, prune and check are
 * one to it, and the value of the status is the exit code of what failed first.
 */
import { scriptCode } from '../../../../model/exit-code.ts'
import type { Run } from '../../../../model/run.ts'
import type { Family } from '../../family.ts'
import { forgetAfter, lastOf } from '../last-backup.ts'
import type { JobFacts, NameSet } from '../name-set.ts'

const line = (name: string, value: number, labels: Readonly<Record<string, string>> = {}): Family => ({
  name,
  help: '',
  type: 'untyped',
  samples: [{ labels, value }],
})

/** Whole seconds since 1970. */
const second = (at: Date): number => Math.floor(at.getTime() / 1000)

/** @param code Exit code of the script, or of what takes its place. */
export const linesOf = (startedAt: Date, endedAt: Date, code: number): readonly Family[] => [
  line('backup_duration_seconds', second(endedAt) - second(startedAt)),
  line('backup_start_timestamp', second(startedAt)),
  line('backup_status', code, { status: code === 0 ? 'success' : 'failure' }),
]

/** What followed the backup, in order. */
function roundOf(facts: JobFacts, backup: Run): readonly Run[] {
  const forget = forgetAfter(facts, backup)
  const upkeep = (['prune', 'check'] as const).map(
    (operation) => facts.repository?.operations.find((one) => one.operation === operation)?.last,
  )
  return [backup, forget, ...upkeep].filter((run) => run !== undefined && run.roundId === backup.roundId) as Run[]
}

export const nameSet: NameSet = {
  families(facts) {
    const backup = lastOf(facts, 'backup')
    if (backup === undefined) return undefined
    const round = roundOf(facts, backup)
    const end = round.at(-1)?.endedAt ?? backup.endedAt ?? backup.startedAt
    return linesOf(backup.startedAt, end, scriptCode(round))
  },
}
