/** What is expected of jobs and backup sets, by the configuration. */
import type { Config, Job } from '../../config/schema.ts'
import type { BackupSet } from '../../model/reading.ts'
import { deadlineAfter, type Expectation } from '../../verdict/deadline.ts'
import { nextAfter } from '../../verdict/schedule/next.ts'
import { parseSchedule } from '../../verdict/schedule/parse.ts'
import { type App, repositoryOf, zoneOf } from '../context.ts'

export function expectationOf(app: App, job: Job): Expectation | undefined {
  if (job.maxAge !== undefined) return { kind: 'max-age', maxAgeMs: job.maxAge }
  return scheduled(job.schedule, job.timezone ?? zoneOf(app.config), job.grace + (job.jitter ?? 0))
}

function scheduled(text: string | undefined, zone: string, graceMs: number): Expectation | undefined {
  const schedule = text === undefined ? undefined : parseSchedule(text)
  return schedule?.ok === true ? { kind: 'schedule', schedule: schedule.value, zone, graceMs } : undefined
}

/** The next instant of a schedule as it is written. */
export function nextOf(app: App, text: string | undefined, zone: string | undefined, now: Date): Date | undefined {
  const schedule = text === undefined ? undefined : parseSchedule(text)
  return schedule?.ok === true ? nextAfter(schedule.value, zone ?? zoneOf(app.config), now) : undefined
}

const byRepository = new WeakMap<Config, Map<string, [name: string, job: Job][]>>()

/** Jobs of this configuration that write a set: same repository and host, run as this user. */
export function jobsOf(app: App, set: BackupSet): string[] {
  let jobs = byRepository.get(app.config)
  if (jobs === undefined) {
    jobs = Map.groupBy(Object.entries(app.config.jobs), ([, job]) => job.repository)
    byRepository.set(app.config, jobs)
  }
  return (jobs.get(set.repository) ?? [])
    .filter(
      ([, job]) =>
        (job.host ?? app.self.host) === set.host &&
        (set.user === '' || app.user === undefined || set.user === app.user),
    )
    .map(([name]) => name)
}

/** The expectation that asks first: a set that several jobs write is late when the most frequent of them is. */
export function setExpectation(app: App, set: BackupSet, jobs: readonly string[]): Expectation | undefined {
  const own = jobs.flatMap((name) => {
    const job = app.config.jobs[name]
    const expectation = job === undefined ? undefined : expectationOf(app, job)
    const deadline = deadlineAfter(expectation, set.newestAt)
    return expectation === undefined || deadline === undefined ? [] : [{ expectation, deadline }]
  })
  const first = own.sort((a, b) => a.deadline.getTime() - b.deadline.getTime())[0]
  if (first !== undefined) return first.expectation
  const expect = repositoryOf(app, set.repository).expect
  if (expect === undefined) return undefined
  if (expect.maxAge !== undefined) return { kind: 'max-age', maxAgeMs: expect.maxAge }
  return scheduled(expect.schedule, expect.timezone ?? zoneOf(app.config), expect.grace)
}
