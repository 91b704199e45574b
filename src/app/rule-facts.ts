/** What alert rules have to know of a configuration. */
import type { Expect } from '../config/schema/expect.ts'
import { spaceDefaults } from '../config/schema/space.ts'
import type { Config } from '../config/schema.ts'
import { maskUrl } from '../config/show.ts'
import { pushTargets } from '../model/push.ts'
import type { RepositoryFacts, RuleFacts } from '../outlets/rules/facts.ts'
import { parseSchedule } from '../verdict/schedule/parse.ts'
import { periodOf } from '../verdict/schedule/period.ts'
import { toolOf } from './access.ts'
import { zoneOf } from './context.ts'
import { longestPauseMs } from './pace.ts'
import { spaceWay } from './space/places.ts'
import { hasDeadline } from './standing/expectation.ts'
import { type Watched, watchedOf } from './standing/watched.ts'

/** @param now From when on schedules are looked at: their longest pause is that of the time to come. */
export function ruleFactsOf(config: Config, now: Date): RuleFacts {
  const zone = zoneOf(config)
  const longest = (schedule: string | undefined, own?: string): number | undefined => {
    const parsed = schedule === undefined ? undefined : parseSchedule(schedule)
    return parsed?.ok === true ? periodOf(parsed.value, own ?? zone, now)?.longestMs : undefined
  }
  const everyOf = (job: Watched): number | undefined => job.maxAge ?? longest(job.schedule, job.timezone)
  return {
    repositories: Object.entries(config.repositories).map(([name, repository]) => {
      const { url, read, expect, check, prune, space } = repository
      const hasSpace = spaceWay(toolOf(repository.tool), repository) !== undefined
      const [checkEveryMs, pruneEveryMs] = [longest(check?.schedule), longest(prune?.schedule)]
      return {
        name,
        tool: repository.tool,
        shownUrl: maskUrl(url),
        readEveryMs: longestPauseMs(read.every, zone, now),
        readLimitMs: read.timeLimit,
        deadlines: deadlinesOf(expect),
        ...(checkEveryMs !== undefined && { checkEveryMs }),
        ...(pruneEveryMs !== undefined && { pruneEveryMs }),
        ...(hasSpace && { spaceAlarm: space?.alarm ?? spaceDefaults.alarm, isSpaceAsked: space !== undefined }),
      }
    }),
    notifiers: Object.keys(config.notify),
    pushes: pushTargets.filter((target) => config.metrics[target] !== undefined),
    jobs: Object.entries(watchedOf(config)).map(([name, job]) => {
      const everyMs = everyOf(job)
      return {
        name,
        ...(job.repository !== undefined && { repository: job.repository }),
        hasRetention: job.forgets,
        ...(everyMs !== undefined && { everyMs }),
      }
    }),
  }
}

function deadlinesOf(expect: Expect | undefined): RepositoryFacts['deadlines'] {
  if (expect === undefined) return 'learned'
  const all = [expect, ...expect.sets]
  if (all.some(hasDeadline)) return 'declared'
  const learns = [
    expect.learn && !expect.archived,
    ...expect.sets.map(({ learn, archived }) => (learn ?? expect.learn) && !archived),
  ]
  return learns.includes(true) ? 'learned' : expect.archived ? 'archived' : 'none'
}
