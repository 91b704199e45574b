/**
 * Three lines without HELP and TYPE, as a known sidecar script for restic posts them after each run: backup and forget are one
 * to it, and the value of the status is the exit code of what failed first.
 */
import type { Family } from '../../family.ts'
import { exitCodeOf, forgetAfter, lastOf } from '../last-backup.ts'
import type { NameSet } from '../name-set.ts'

const line = (name: string, value: number, labels: Readonly<Record<string, string>> = {}): Family => ({
  name,
  help: '',
  type: 'untyped',
  samples: [{ labels, value }],
})

/** Whole seconds since 1970. */
const second = (at: Date): number => Math.floor(at.getTime() / 1000)

export const nameSet: NameSet = {
  families(facts) {
    const backup = lastOf(facts, 'backup')
    if (backup === undefined) return undefined
    const forget = forgetAfter(facts, backup)
    const end = forget?.endedAt ?? backup.endedAt ?? backup.startedAt
    const code = exitCodeOf(backup) || (forget === undefined ? 0 : exitCodeOf(forget))
    return [
      line('backup_duration_seconds', second(end) - second(backup.startedAt)),
      line('backup_start_timestamp', second(backup.startedAt)),
      line('backup_status', code, { status: code === 0 ? 'success' : 'failure' }),
    ]
  },
}
