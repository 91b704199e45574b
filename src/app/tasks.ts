/** Everything that has a schedule, by name. */
import type { Config } from '../config/schema.ts'
import { parseSchedule, type Schedule } from '../verdict/schedule/parse.ts'
import { zoneOf } from './context.ts'

export type TaskKind = 'backup' | 'prune' | 'check'

export interface Task {
  readonly kind: TaskKind
  /** The job, or the repository for prune and check. */
  readonly of: string
  readonly repository: string
  /** Key of its mark in the ledger. */
  readonly key: string
  readonly schedule: Schedule
  readonly zone: string
  readonly jitterMs: number
  readonly catchUp: boolean
}

export const taskOf = (kind: TaskKind, of: string): string => `${kind}:${of}`

export function tasksOf(config: Config): readonly Task[] {
  const zone = zoneOf(config)
  const task = (kind: TaskKind, of: string, repository: string, text: string, rest: Partial<Task>): Task[] => {
    const schedule = parseSchedule(text)
    // The schema refused what cannot be parsed.
    return schedule.ok
      ? [
          {
            kind,
            of,
            repository,
            key: taskOf(kind, of),
            schedule: schedule.value,
            zone,
            jitterMs: 0,
            catchUp: true,
            ...rest,
          },
        ]
      : []
  }
  return [
    ...Object.entries(config.jobs).flatMap(([name, job]) =>
      job.schedule === undefined
        ? []
        : task('backup', name, job.repository, job.schedule, {
            zone: job.timezone ?? zone,
            jitterMs: job.jitter ?? 0,
            catchUp: job.catchUp,
          }),
    ),
    ...Object.entries(config.repositories).flatMap(([name, repository]) => [
      ...(repository.prune === undefined ? [] : task('prune', name, name, repository.prune.schedule, {})),
      ...(repository.check === undefined ? [] : task('check', name, name, repository.check.schedule, {})),
    ]),
  ]
}
