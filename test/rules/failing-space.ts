/** Real repositories and jobs, each failing in its own way beside healthy ones, and the configurations that name them. */
import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { canary, makeWorkspace, type Workspace } from '../e2e/workspace.ts'
import { WrittenRepository } from '../readers/write-repository.ts'
import { program } from '../real/programs.ts'

export interface FailingSpace extends Workspace {
  /** A configuration with one more repository and job than the one that is served. */
  readonly printedFor: string
  urlOf(name: string): string
  /** Somebody deletes the newest snapshot of `altered`. */
  alter(): void
  /** The configuration cannot be loaded any more. */
  breakConfig(): void
}

const hour = 3_600_000
const far = '0 3 29 2 *'
export const lateHosts = ['a', 'b', 'c', 'd', 'e', 'f']

export async function makeFailingSpace(): Promise<FailingSpace> {
  const space = makeWorkspace()
  const { place } = space
  const urlOf = (name: string): string => place.at('of', name)
  const ago = (hours: number): string => new Date(Date.now() - hours * hour).toISOString()
  let trees = 0
  const write = (name: string, hours: readonly number[], host = name): WrittenRepository => {
    const repository = new WrittenRepository(urlOf(name))
    repository.key(canary, { more: { created: ago(2400) } })
    for (const age of hours) put(repository, age, host)
    return repository
  }
  const put = (repository: WrittenRepository, age: number, hostname: string): string =>
    repository.snapshot({ time: ago(age), hostname, tree: (++trees).toString(16).padStart(64, '0') })
  write('fine', [25, 1])
  const late = write('late', [])
  for (const host of lateHosts) put(late, 5 * 24, host)
  write('secret', [1])
  write('empty', [])
  write('ahead', [1, -24])
  write('locked', [1]).lock({ time: ago(2) })
  write('broken', [1])
  const altered = write('altered', [30, 20])
  const newest = put(altered, 10, 'altered')

  const password = { file: place.at('password') }
  writeFileSync(place.at('wrong'), 'wrong\n', { mode: 0o600 })
  const repository = (name: string, more: object = {}) => ({
    [name]: {
      tool: 'restic',
      url: urlOf(name),
      password,
      program: program('restic-0.18'),
      read: { every: '2s' },
      ...more,
    },
  })
  const expect = { maxAge: '2d' }
  const job = (of: string, more: object) => ({ repository: of, sources: [space.source], ...more })
  const served = {
    metrics: { maxSeries: 50 },
    repositories: {
      ...repository('fine', { expect }),
      ...repository('late', { expect }),
      ...repository('secret', { password: { file: place.at('wrong') } }),
      ...repository('empty', { expect }),
      ...repository('ahead'),
      ...repository('locked'),
      ...repository('broken', { check: { schedule: far } }),
      ...repository('altered'),
      ...repository('disk', { create: true }),
      ...repository('tardy', { create: true }),
    },
    jobs: {
      good: job('disk', { maxAge: '1d' }),
      guarded: job('disk', { maxAge: '1d', guard: { mustExist: [place.at('not-mounted')] } }),
      never: job('disk', {}),
      slow: job('tardy', { maxAge: '1s' }),
    },
  }
  const config = place.at('muster.yaml')
  writeFileSync(config, stringify(served, { aliasDuplicateObjects: false }))
  const printedFor = place.at('printed-for.yaml')
  const printed = {
    ...served,
    repositories: { ...served.repositories, ...repository('gone') },
    jobs: { ...served.jobs, removed: job('disk', { schedule: far }) },
  }
  writeFileSync(printedFor, stringify(printed, { aliasDuplicateObjects: false }))
  await space.run(['run', 'good', 'slow', '--quiet'])
  await space.run(['run', 'guarded', '--quiet'])
  await space.run(['check', 'broken', '--quiet'])
  return {
    ...space,
    printedFor,
    urlOf,
    alter: () => altered.remove('snapshots', newest),
    breakConfig: () => writeFileSync(config, 'repositories: {}\n'),
    [Symbol.dispose]: () => space[Symbol.dispose](),
  }
}
