/** What is to be where, from how everything stands: the same facts give the same bodies, so only what is new is sent. Pure. */
import type { Config } from '../../config/schema.ts'
import { fillingOf, groupOf, pathOf } from '../../model/grouping.ts'
import type { PushTarget, WantedPush } from '../../model/push.ts'
import type { JobStanding, Standing } from '../../model/standing.ts'
import { renderFamilies } from '../../outlets/metrics/exposition.ts'
import type { Family } from '../../outlets/metrics/family.ts'
import type { JobFacts } from '../../outlets/metrics/names/name-set.ts'
import { nameSets } from '../../outlets/metrics/names/registry.generated.ts'
import { nameSettings } from '../../outlets/metrics/names/settings.generated.ts'
import { merged } from '../../outlets/metrics/push/merge.ts'
import { fileNameOf } from '../../outlets/metrics/push/textfile.ts'
import { watchedOf } from '../standing/watched.ts'

/** Everything of one target; undefined where the configuration has none. */
export interface Wanted {
  readonly target: PushTarget
  readonly place: string
  readonly pushes: readonly WantedPush[]
}

export function wantedOf(config: Config, standing: Standing, hostname: string): readonly Wanted[] {
  const { pushgateway, textfile, otlp } = config.metrics
  return [
    ...(pushgateway === undefined
      ? []
      : [{ target: 'pushgateway', place: pushgateway.url, pushes: groupsOf(config, standing, hostname) } as const]),
    ...(textfile === undefined
      ? []
      : [{ target: 'textfile', place: textfile.directory, pushes: filesOf(config, standing) } as const]),
    // All of it, made when it is sent.
    ...(otlp === undefined
      ? []
      : [{ target: 'otlp', place: otlp.url, pushes: [{ key: '', method: 'post', body: '' }] } as const]),
  ]
}

function groupsOf(config: Config, standing: Standing, hostname: string): WantedPush[] {
  const { pushgateway } = config.metrics
  if (pushgateway === undefined) return []
  const factsOf = factsIn(standing)
  return standing.jobs.flatMap((job) => {
    const facts = factsOf(job)
    const { tags = [], host } = watchedOf(config)[job.name] ?? {}
    const filling = fillingOf({ job: job.name, tags, host, hostname })
    const groups = new Map<string, { families: (readonly Family[])[]; methods: ('put' | 'post')[] }>()
    for (const name of [pushgateway.names].flat()) {
      const own = nameSettings[name]
      const families = nameSets[name].families(facts)
      if (families === undefined) continue
      const wish = {
        job: pushgateway.job ?? own.job,
        instance: pushgateway.instance ?? own.instance,
        grouping: pushgateway.grouping,
      }
      const path = pathOf(groupOf(wish, filling))
      const group = groups.get(path) ?? { families: [], methods: [] }
      group.families.push(families)
      group.methods.push(own.method)
      groups.set(path, group)
    }
    return [...groups].map(([key, { families, methods }]): WantedPush => {
      // What one set would have taken away, another one of the group may still want.
      const method = pushgateway.method ?? (methods.every((one) => one === 'post') ? 'post' : 'put')
      const ranAt = lastEnd(job)
      return {
        key,
        job: job.name,
        method,
        body: renderFamilies(merged(families), 'prometheus'),
        ...(ranAt && { ranAt }),
      }
    })
  })
}

/** What was not started is no run. */
function lastEnd({ operations }: JobStanding): Date | undefined {
  const ends = operations.flatMap(({ last }) =>
    last?.endedAt === undefined || last.outcome === 'skipped' ? [] : [last.endedAt.getTime()],
  )
  return ends.length === 0 ? undefined : new Date(Math.max(...ends))
}

function filesOf(config: Config, standing: Standing): WantedPush[] {
  const { textfile } = config.metrics
  if (textfile === undefined) return []
  const factsOf = factsIn(standing)
  return standing.jobs.flatMap((job) => {
    const facts = factsOf(job)
    const lists = [textfile.names].flat().flatMap((name) => {
      const families = nameSets[name].families(facts)
      return families === undefined ? [] : [families]
    })
    if (lists.length === 0) return []
    const body = renderFamilies(merged(lists), 'prometheus')
    const ranAt = lastEnd(job)
    return [{ key: fileNameOf(job.name), job: job.name, method: 'put', body, ...(ranAt && { ranAt }) }]
  })
}

function factsIn({ repositories, totals, version }: Standing): (job: JobStanding) => JobFacts {
  const counted = Map.groupBy(totals, ({ job }) => job)
  const byName = new Map(repositories.map((repository) => [repository.name, repository]))
  return (job) => ({
    job,
    totals: (counted.get(job.name) ?? []).filter(({ repository }) => repository === (job.repository ?? '')),
    repository: job.repository === undefined ? undefined : byName.get(job.repository),
    version,
  })
}
