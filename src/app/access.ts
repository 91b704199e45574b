/** From the configuration of a repository to what a tool needs to reach it: secrets are loaded here, as late as possible. */

import { resolve } from 'node:path'
import type { Config, Job, Repository } from '../config/schema.ts'
import { loadSecret } from '../config/secrets/load.ts'
import { ok, type Result } from '../model/problem.ts'
import { Secret } from '../model/secret.ts'
import type { SecretSource } from '../model/secret-source.ts'
import { tools } from '../sources/tools/registry.generated.ts'
import { toolSettings } from '../sources/tools/settings.generated.ts'
import type { RepositoryAccess, SshCommand, Tool } from '../sources/tools/tool.ts'
import { type App, repositoryOf } from './context.ts'
import { endsOf, ownSshFor, placeOf, sshFor } from './ssh/reach.ts'

export interface Reached {
  readonly tool: Tool
  readonly access: RepositoryAccess
  readonly repository: Repository
}

/**
 * @param wish `remembered`: secrets that were asked for before will do.
 * @returns The tool and what it needs, or the first secret that could not be had, or why its server is not trusted.
 */
export async function reach(app: App, name: string, wish: { remembered?: boolean } = {}): Promise<Result<Reached>> {
  const found = await prepare(app, name, wish)
  if (!found.ok) return found
  const { tool, repository, access } = found.value
  const ssh = await sshOf(app, found.value)
  if (!ssh.ok) return ssh
  return ok({ tool, repository, access: { ...access, ...(ssh.value && { ssh: ssh.value }) } })
}

async function sshOf(app: App, { tool, repository, access }: Reached): Promise<Result<SshCommand | undefined>> {
  const place = placeOf(tool, repository)
  if (place !== undefined) return sshFor(app, access.name, repository, place)
  const { signal } = new AbortController()
  const ends = await endsOf(app, access.name, tool, access, signal)
  return ends === undefined ? ok(undefined) : ownSshFor(app, access.name, repository, ends, signal)
}

/** Without its ssh: for whoever asks which servers it reaches. */
export async function prepare(app: App, name: string, wish: { remembered?: boolean } = {}): Promise<Result<Reached>> {
  const repository = repositoryOf(app, name)
  const secrets = new Map<string, Secret>()
  const wanted: [string, SecretSource][] = Object.entries(repository.environment)
  if (repository.password !== undefined) wanted.unshift(['', repository.password])
  for (const [key, source] of wanted) {
    const loaded = await loadSecret(source, { env: app.env, ...wish })
    if (!loaded.ok) return loaded
    if (loaded.value.warning !== undefined)
      app.log.warn({ repository: name }, `${loaded.value.warning.message}. ${loaded.value.warning.next}`)
    secrets.set(key, loaded.value.secret)
  }
  const own = ownSettings(repository, toolSettings[repository.tool as keyof typeof toolSettings].repositoryShape)
  const password = secrets.get('')
  secrets.delete('')
  const tool = toolOf(repository.tool)
  const access: RepositoryAccess = {
    name,
    url: new Secret(repository.url),
    ...(password && { password }),
    environment: Object.fromEntries(secrets),
    ...(repository.program !== undefined && { program: repository.program }),
    ...(repository.cacheDir !== undefined && { cacheDir: repository.cacheDir }),
    options: textsIn(own.options),
    own,
  }
  return ok({ tool, repository, access })
}

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

export const toolOf = (name: string): Tool => tools[name as keyof typeof tools]

/** What a job sets of its tool's own options. */
export const ownOf = (job: Job): Record<string, unknown> =>
  ownSettings(job, Object.assign({}, ...Object.values(toolSettings).map(({ jobShape }) => jobShape)))

/** By the policy of the job, or by settings that only its tool has. */
export const forgets = ({ repositories }: Pick<Config, 'repositories'>, job: Job): boolean => {
  const tool = repositories[job.repository]?.tool
  return job.retention !== undefined || (tool !== undefined && toolOf(tool).forgets?.(ownOf(job)) === true)
}

/** What a policy looks at: only snapshots of just these sources, unless it is wanted otherwise; another job has a policy of its own. */
export const aimOf = ({ retention, tags, sources }: Job): { tags: readonly string[]; paths: readonly string[] } =>
  retention?.scope === 'host' ? { tags: [], paths: [] } : { tags, paths: sources.map((source) => resolve(source)) }

/** The settings that belong to the tool alone. */
function ownSettings(settings: object, shape: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([key, value]) => key in shape && value !== undefined))
}
