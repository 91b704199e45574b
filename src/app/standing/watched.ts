/** Everything that is judged as a job, by name: what Muster runs, and what other programs run and tell of. */
import type { Config } from '../../config/schema.ts'
import { forgets } from '../access.ts'

export interface Watched {
  /** Absent where another program runs it. */
  readonly repository?: string
  readonly schedule?: string | undefined
  readonly timezone?: string | undefined
  readonly maxAge?: number | undefined
  /** How long after its instant it may still come, in milliseconds. */
  readonly graceMs: number
  readonly stallLimitMs: number
  readonly forgets: boolean
  readonly tags: readonly string[]
  readonly host?: string | undefined
}

const known = new WeakMap<Config, Readonly<Record<string, Watched>>>()

/** Jobs first, each list in the order of the file. */
export function watchedOf(config: Config): Readonly<Record<string, Watched>> {
  const before = known.get(config)
  if (before !== undefined) return before
  const jobs = Object.entries(config.jobs).map(([name, job]): [string, Watched] => {
    const { repository, schedule, timezone, maxAge, grace, jitter = 0, stallLimit, tags, host } = job
    const rest = { graceMs: grace + jitter, stallLimitMs: stallLimit, forgets: forgets(config, job), tags, host }
    return [name, { repository, schedule, timezone, maxAge, ...rest }]
  })
  const pings = Object.entries(config.pings).map(([name, ping]): [string, Watched] => {
    const { schedule, timezone, maxAge, grace, stallLimit = grace, tags } = ping
    return [name, { schedule, timezone, maxAge, graceMs: grace, stallLimitMs: stallLimit, forgets: false, tags }]
  })
  const all = Object.fromEntries([...jobs, ...pings])
  known.set(config, all)
  return all
}
