/** What alert rules have to know of a configuration. */
import { spaceDefaults } from '../config/schema/space.ts'
import type { Config, Job } from '../config/schema.ts'
import { maskUrl } from '../config/show.ts'
import type { RuleFacts } from '../outlets/rules/facts.ts'
import { parseSchedule } from '../verdict/schedule/parse.ts'
import { periodOf } from '../verdict/schedule/period.ts'
import { toolOf } from './access.ts'
import { zoneOf } from './context.ts'
import { longestPauseMs } from './pace.ts'
import { spaceWay } from './space/places.ts'

/** @param now From when on schedules are looked at: their longest pause is that of the time to come. */
export function ruleFactsOf(config: Config, now: Date): RuleFacts {
  const zone = zoneOf(config)
  const longest = (schedule: string | undefined, own?: string): number | undefined => {
    const parsed = schedule === undefined ? undefined : parseSchedule(schedule)
    return parsed?.ok === true ? periodOf(parsed.value, own ?? zone, now)?.longestMs : undefined
  }
  const everyOf = (job: Job): number | undefined => job.maxAge ?? longest(job.schedule, job.timezone)
  return {
    repositories: Object.entries(config.repositories).map(([name, repository]) => {
      const { url, read, expect, check, prune, space } = repository
      const hasSpace = spaceWay(toolOf(repository.tool), repository) !== undefined
      const [checkEveryMs, pruneEveryMs] = [longest(check?.schedule), longest(prune?.schedule)]
      return {
        name,
        shownUrl: maskUrl(url),
        readEveryMs: longestPauseMs(read.every, zone, now),
        readLimitMs: read.timeLimit,
        isExpected: expect?.maxAge !== undefined || expect?.schedule !== undefined,
        ...(checkEveryMs !== undefined && { checkEveryMs }),
        ...(pruneEveryMs !== undefined && { pruneEveryMs }),
        ...(hasSpace && { spaceAlarm: space?.alarm ?? spaceDefaults.alarm, isSpaceAsked: space !== undefined }),
      }
    }),
    jobs: Object.entries(config.jobs).map(([name, job]) => {
      const everyMs = everyOf(job)
      return {
        name,
        repository: job.repository,
        hasRetention: job.retention !== undefined,
        ...(everyMs !== undefined && { everyMs }),
      }
    }),
  }
}
