/** What is expected of jobs and backup sets, by the configuration. */
import { resolve } from 'node:path'
import type { Expect, SetExpect } from '../../config/schema/expect.ts'
import type { Config, Job } from '../../config/schema.ts'
import type { BackupSet } from '../../model/reading.ts'
import { joined } from '../../model/set-name.ts'
import type { SetExpectation } from '../../model/standing.ts'
import { deadlineAfter, type Expectation } from '../../verdict/deadline.ts'
import { fitsSet } from '../../verdict/pattern.ts'
import { nextAfter } from '../../verdict/schedule/next.ts'
import { parseSchedule } from '../../verdict/schedule/parse.ts'
import { toolOf } from '../access.ts'
import { type App, repositoryOf, zoneOf } from '../context.ts'
import { type Watched, watchedOf } from './watched.ts'

export function expectationOf(
  app: App,
  { maxAge, schedule, timezone, graceMs }: Pick<Watched, 'maxAge' | 'schedule' | 'timezone' | 'graceMs'>,
): Expectation | undefined {
  if (maxAge !== undefined) return { kind: 'max-age', maxAgeMs: maxAge }
  return scheduled(schedule, timezone, graceMs, app)
}

function scheduled(
  text: string | undefined,
  zone: string | undefined,
  graceMs: number,
  app: App,
): Expectation | undefined {
  const schedule = text === undefined ? undefined : parseSchedule(text)
  // Asking the system for its zone costs more than all else here.
  return schedule?.ok === true
    ? { kind: 'schedule', schedule: schedule.value, zone: zone ?? zoneOf(app.config), graceMs }
    : undefined
}

/** The next instant of a schedule as it is written. */
export function nextOf(app: App, text: string | undefined, zone: string | undefined, now: Date): Date | undefined {
  const schedule = text === undefined ? undefined : parseSchedule(text)
  return schedule?.ok === true ? nextAfter(schedule.value, zone ?? zoneOf(app.config), now) : undefined
}

const byRepository = new WeakMap<Config, Map<string, [name: string, job: Job][]>>()

/** Jobs of this configuration that write a set: same repository and host, run as this user, its tags and paths. */
export function jobsOf(app: App, set: BackupSet): string[] {
  let jobs = byRepository.get(app.config)
  if (jobs === undefined) {
    jobs = Map.groupBy(Object.entries(app.config.jobs), ([, job]) => job.repository)
    byRepository.set(app.config, jobs)
  }
  const isTree = toolOf(repositoryOf(app, set.repository).tool).namesTree === true
  return (jobs.get(set.repository) ?? [])
    .filter(
      ([, job]) =>
        (isTree || (job.host ?? app.self.host) === set.host) &&
        (set.user === '' || app.user === undefined || set.user === app.user) &&
        (set.tags === undefined || isTree || isSameList(set.tags, job.tags)) &&
        (set.paths === undefined ||
          isTree ||
          isSameList(
            set.paths,
            job.sources.map((source) => resolve(source)),
          )),
    )
    .map(([name]) => name)
}

/** @param sorted As a set has it. */
const isSameList = (sorted: readonly string[], list: readonly string[]): boolean =>
  joined(sorted) === joined([...new Set(list)].sort())

export interface Expected {
  readonly expectation: Expectation
  readonly source: SetExpectation['source']
}

/**
 * What somebody said of a set. Of its jobs the one whose next backup is due first: a set that several jobs write is late when
 * the most frequent of them is. Else what the configuration expects of it.
 * @returns Undefined where nobody said anything.
 */
export function declaredFor(app: App, set: BackupSet, jobs: readonly string[]): Expected | undefined {
  const expect = repositoryOf(app, set.repository).expect
  const said = expect === undefined ? undefined : saidOf(expect, set)
  if (said?.archived === true) return { expectation: { kind: 'archived' }, source: 'archived' }
  const own = jobs.flatMap((name) => {
    const job = watchedOf(app.config)[name]
    const expectation = job === undefined ? undefined : expectationOf(app, job)
    const deadline = deadlineAfter(expectation, set.newestAt)
    return expectation === undefined || deadline === undefined ? [] : [{ expectation, deadline }]
  })
  const first = own.sort((a, b) => a.deadline.getTime() - b.deadline.getTime())[0]
  if (first !== undefined) return { expectation: first.expectation, source: 'job' }
  if (expect === undefined || said === undefined) return undefined
  const graceMs = said.grace ?? expect.grace
  const expectation: Expectation | undefined =
    said.maxAge !== undefined
      ? { kind: 'max-age', maxAgeMs: said.maxAge }
      : said.every !== undefined
        ? { kind: 'every', everyMs: said.every, graceMs }
        : scheduled(said.schedule, said.timezone ?? expect.timezone, graceMs, app)
  return expectation && { expectation, source: 'declared' }
}

/** Whether somebody said when snapshots are due. */
export const hasDeadline = ({ maxAge, every, schedule }: Pick<SetExpect, 'maxAge' | 'every' | 'schedule'>): boolean =>
  maxAge !== undefined || every !== undefined || schedule !== undefined

/**
 * What is expected, and of which there is no set at all: patterns with a deadline of their own, and `*` where the whole repository has
 * one and no set is there.
 */
export function missingSets(app: App, repository: string, sets: readonly BackupSet[]): readonly string[] {
  const expect = repositoryOf(app, repository).expect
  if (expect === undefined) return []
  const patterns = expect.sets
    .filter((one) => hasDeadline(one) && !sets.some((set) => fitsSet(one.match, set)))
    .map(({ match }) => match)
  return hasDeadline(expect) && sets.length === 0 && patterns.length === 0 ? ['*'] : patterns
}

/** The first pattern that fits, else what is said of the whole repository. */
const saidOf = (expect: Expect, set: BackupSet): Expect | SetExpect =>
  expect.sets.find(({ match }) => fitsSet(match, set)) ?? expect

/** Whether a deadline of a set may be learned where none is declared. */
export function mayLearn(app: App, set: BackupSet): boolean {
  const expect = repositoryOf(app, set.repository).expect
  return expect === undefined || (saidOf(expect, set).learn ?? expect.learn)
}
