/** One look at the room in a repository's store, recorded well or ill. */
import { setTimeout as pause } from 'node:timers/promises'
import { spaceDefaults } from '../../config/schema/space.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Space, SpaceMeasure } from '../../model/space.ts'
import { sshVariables } from '../../sources/rclone/variables.ts'
import { localSpace } from '../../sources/space/local.ts'
import { type SpaceIo, spaceByDf } from '../../sources/space/over-ssh.ts'
import { spaceProblem, spaceTimedOut, unparsed, unsupportedSpace } from '../../sources/space/problems.ts'
import { spaceByRclone } from '../../sources/space/rclone.ts'
import { storeSpace } from '../../sources/space/store.ts'
import { type Reached, reach, toolOf } from '../access.ts'
import { type App, repositoryOf } from '../context.ts'
import { sshFor } from '../ssh/reach.ts'
import { localPath, type SpaceWay, spacePlace, spaceWay } from './places.ts'

const timeLimitMs = 60_000

/** Looks that have not come back: a share that went away must not be asked again and again. */
const pending = new Set<string>()

/**
 * Measures the room and records it, where there is a way to and it is time.
 * @param wish `now`: whether it is time or not.
 */
export async function measureSpace(
  app: App,
  name: string,
  wish: { readonly signal: AbortSignal; readonly now?: boolean; readonly reached?: Reached },
): Promise<SpaceMeasure | undefined> {
  const repository = repositoryOf(app, name)
  const way = spaceWay(toolOf(repository.tool), repository)
  if (way === undefined || pending.has(name)) return undefined
  const everyMs = repository.space?.every ?? spaceDefaults.every
  const at = app.now()
  if (wish.now !== true) {
    const last = await app.ledger.lastSpace(name)
    const ageMs = last === undefined ? Number.POSITIVE_INFINITY : at.getTime() - last.at.getTime()
    // What is dated in the future was measured by another clock.
    // What went ill may be mended by now; only what hung is not asked again so soon.
    const isMendable = last?.problem !== undefined && last.problem.code !== 'space.timed-out'
    if (ageMs >= 0 && ageMs < everyMs && !isMendable) return undefined
  }
  pending.add(name)
  try {
    const found = await spaceBy(app, name, way, wish)
    if (wish.signal.aborted) return undefined
    const measure = { repository: name, at, ...(found.ok ? { space: found.value } : { problem: found.problem }) }
    await app.ledger.recordSpace(measure)
    if (!found.ok)
      app.log.info(
        { repository: name, problem: found.problem.code },
        `the room of ${name} is not known: ${found.problem.message}`,
      )
    return measure
  } finally {
    pending.delete(name)
  }
}

async function spaceBy(
  app: App,
  name: string,
  way: SpaceWay,
  wish: { readonly signal: AbortSignal; readonly reached?: Reached },
): Promise<Result<Space>> {
  const repository = repositoryOf(app, name)
  const io: SpaceIo = { signal: wish.signal, timeLimitMs }
  if (way === 'local') return onDisk(name, localPath(repository.url), io)
  if (way === 'df') return byDf(app, name, io)
  const reached = wish.reached === undefined ? await reach(app, name, { remembered: true }) : ok(wish.reached)
  if (!reached.ok) return reached
  const { access, tool } = reached.value
  if (way === 'sftp') {
    const told = await storeSpace(access, io)
    if (told.ok) return told
    // What does not know the question may know the command.
    const byCommand = told.fault.kind === 'unsupported' && (repository.space?.by ?? 'auto') === 'auto'
    const other = byCommand ? await byDf(app, name, io) : undefined
    return other?.ok === true ? other : fail(spaceProblem(name, 'sftp', told.fault, timeLimitMs))
  }
  const file = (access.own?.config as { readonly file?: string } | undefined)?.file
  const isTool = tool.name === 'rclone'
  return spaceByRclone(
    name,
    {
      program: isTool ? (access.program ?? 'rclone') : 'rclone',
      remote: access.url.reveal().replace(/^rclone:/, ''),
      environment: {
        ...access.environment,
        ...(file !== undefined && { RCLONE_CONFIG: file }),
        ...(isTool && access.password && { RCLONE_CONFIG_PASS: access.password }),
        ...sshVariables(access.ssh),
      },
    },
    io,
  )
}

async function byDf(app: App, name: string, io: SpaceIo): Promise<Result<Space>> {
  const repository = repositoryOf(app, name)
  const place = spacePlace(toolOf(repository.tool), repository)
  if (place === undefined) return fail(unsupportedSpace(name, 'df', 'its address does not go over ssh'))
  const ssh = await sshFor(app, name, repository, place, io.signal)
  return ssh.ok ? spaceByDf(name, ssh.value.argv, place, io) : ssh
}

/** A share that went away answers never: it is waited for so long, and not asked again until it answered. */
async function onDisk(name: string, path: string | undefined, io: SpaceIo): Promise<Result<Space>> {
  if (path === undefined) return fail(unsupportedSpace(name, 'local', 'its address is no path'))
  if (stuck.has(path)) return fail(spaceTimedOut(name, 'the system', io.timeLimitMs / 1000))
  stuck.add(path)
  const asked = localSpace(path)
    .then(
      (space): Result<Space> => (space === undefined ? fail(unparsed(name, 'the system', path)) : ok(space)),
      (error: NodeJS.ErrnoException): Result<Space> => {
        const fault = {
          kind: error.code === 'EACCES' ? 'denied' : 'unreachable',
          detail: error.code ?? String(error),
        } as const
        return fail(spaceProblem(name, 'the system', fault, io.timeLimitMs))
      },
    )
    .finally(() => stuck.delete(path))
  const late = pause(io.timeLimitMs, undefined, { ref: false, signal: io.signal }).catch(() => undefined)
  return (await Promise.race([asked, late])) ?? fail(spaceTimedOut(name, 'the system', io.timeLimitMs / 1000))
}

const stuck = new Set<string>()
