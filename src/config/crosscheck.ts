/** What one value of the file means for another: looked at on the raw file, so that it is told together with all else. */
import { toolSettings } from '../sources/tools/settings.generated.ts'
import { nearest, valueAt } from './explain.ts'
import type { ConfigFinding } from './finding.ts'

const loopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):/

/** Everything that does not fit together. `raw` may be wrong in any other way; then those parts are passed over. */
export function crosscheck(raw: unknown): ConfigFinding[] {
  return [...jobs(raw), ...server(raw)]
}

function jobs(raw: unknown): ConfigFinding[] {
  const repositories = keys(valueAt(raw, ['repositories']))
  return keys(valueAt(raw, ['jobs'])).flatMap((job) => {
    const found: ConfigFinding[] = []
    const repository = valueAt(raw, ['jobs', job, 'repository'])
    if (typeof repository !== 'string') return found
    if (!repositories.includes(repository)) {
      const near = nearest(repository, repositories)
      found.push({
        path: ['jobs', job, 'repository'],
        message: `there is no repository ${JSON.stringify(repository)}`,
        next:
          near !== undefined
            ? `Did you mean ${JSON.stringify(near)}?`
            : `Add it under repositories, or use one of: ${repositories.join(', ') || '(none yet)'}.`,
      })
      return found
    }
    return [...found, ...foreignOptions(raw, job, valueAt(raw, ['repositories', repository, 'tool']))]
  })
}

/** Options that another tool has and this job's tool has not. */
function foreignOptions(raw: unknown, job: string, tool: unknown): ConfigFinding[] {
  const all = Object.entries(toolSettings)
  const own = all.find(([name]) => name === tool)?.[1]
  if (own === undefined) return []
  return keys(valueAt(raw, ['jobs', job])).flatMap((key) => {
    const owners = all.filter(([, settings]) => key in settings.jobShape).map(([name]) => name)
    if (owners.length === 0 || key in own.jobShape) return []
    return [
      {
        path: ['jobs', job, key],
        message: `is an option of ${owners.join(' and ')}; this job uses ${String(tool)}`,
        next: 'Take it out.',
      },
    ]
  })
}

function server(raw: unknown): ConfigFinding[] {
  const listen = valueAt(raw, ['server', 'listen'])
  const auth = valueAt(raw, ['server', 'auth'])
  if (typeof listen !== 'string' || loopback.test(listen) || (typeof auth === 'object' && auth !== null)) return []
  return [
    {
      path: ['server', 'listen'],
      message: `${JSON.stringify(listen)} is reachable from other machines, and anybody could read the page without a login`,
      next: 'Add server.auth with a user or a token, or listen on 127.0.0.1 and put a reverse proxy with a login in front.',
    },
  ]
}

const keys = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : [])
