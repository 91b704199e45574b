/** A snapshot that may be the bad one: nothing good is forgotten for it, and nothing that is told looks like health. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
beforeEach(() => {
  space = makeWorkspace()
})
afterEach(() => space[Symbol.dispose]())

const last = async () => {
  await using ledger = await space.ledger()
  return (await ledger.runs({ job: 'files', operation: 'backup', most: 1 }))[0]
}
const snapshots = async (): Promise<number> =>
  (JSON.parse((await space.run(['snapshots', 'local', '--json'])).stdout) as unknown[]).length
const status = async () => {
  const { code, stdout } = await space.run(['status', '--json'])
  const { jobs } = JSON.parse(stdout) as { jobs: { verdict: { state: string; reason: string } }[] }
  return { code, ...jobs[0]?.verdict }
}
/** Leaves one file of twelve. */
const shrink = (): void => {
  rmSync(join(space.source, 'folder'), { recursive: true })
  for (const file of [2, 4, 6, 8, 10]) rmSync(join(space.source, `file-${file}`))
}

describe('a source that shrank', () => {
  beforeEach(() =>
    space.configure({
      repository: { create: true },
      job: { maxAge: '36h', retention: { keepLast: 1 }, guard: { maxShrink: '50%' } },
    }),
  )

  it('is doubted from the second run on, for as many runs as it takes, until a person accepts it', async () => {
    await space.run(['run'])
    shrink()
    for (let run = 0; run < 16; run++) {
      expect(await space.run(['run'])).toMatchObject({ code: 3 })
      expect(await last()).toMatchObject({ outcome: 'warning', problem: { code: 'guard.shrunk' } })
    }
    expect(await snapshots()).toBe(17)
    expect(await status()).toMatchObject({
      code: 4,
      state: 'failing',
      reason: expect.stringMatching(/^the last 16 runs made a doubtful snapshot: The source shrank/),
    })

    expect(await space.run(['run', '--accept-shrink'])).toMatchObject({ code: 3 })
    expect(await last()).toMatchObject({ problem: { code: 'guard.shrink-accepted' } })
    expect(await snapshots()).toBe(1)
    expect(await status()).toMatchObject({ code: 0, state: 'fresh' })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(await snapshots()).toBe(1)
  })
})

describe('an empty source', () => {
  it('makes no job look fresh', async () => {
    space.configure({ repository: { create: true }, job: { maxAge: '36h' } })
    await space.run(['run'])
    expect(await status()).toMatchObject({ code: 0, state: 'fresh' })
    rmSync(space.source, { recursive: true })
    mkdirSync(space.source)
    await space.run(['run'])
    expect(await status()).toMatchObject({
      code: 4,
      state: 'failing',
      reason: expect.stringContaining('holds no file at all'),
    })
  })
})

describe('a repository that is not there', () => {
  it('is not made anew by itself while a damaged ledger cannot tell whether it was there', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    renameSync(space.repository, `${space.repository}.unmounted`)
    writeFileSync(space.place.at('state', 'muster.db'), 'garbage')
    expect(await space.run(['run', '--quiet'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('muster run --init'),
    })
    expect(await last()).toMatchObject({ problem: { code: 'repository.unknown' } })
    expect(existsSync(space.repository)).toBe(false)
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
  })

  it('is made at another address, whatever its name stood for before', async () => {
    space.configure({})
    await space.run(['run', '--init'])
    space.configure({ repository: { url: space.place.at('second') } })
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
    expect(existsSync(space.place.at('second', 'config'))).toBe(true)
  })
})

it('gives a second configuration a ledger of its own, which knows nothing of the first', async () => {
  const env = { MUSTER_STATE: '', XDG_STATE_HOME: space.place.at('states') }
  const begin = async (name: string) => {
    const at = (file: string): string => space.place.at(name, file)
    mkdirSync(space.place.at(name))
    writeFileSync(at('pw'), 'canary-7d21-password\n', { mode: 0o600 })
    const options = ['--file', at('muster.yaml'), '--repository', at('repo'), '--password-file', at('pw')]
    return space.run(['init', '--yes', ...options, '--source', space.source, '--run'], env)
  }
  expect(await begin('one')).toMatchObject({ code: 0 })
  expect(await begin('two')).toMatchObject({ code: 0 })
  expect(existsSync(space.place.at('two', 'repo', 'config'))).toBe(true)
  expect(existsSync(space.place.at('two', 'muster-state', 'muster.db'))).toBe(true)
  expect(existsSync(space.place.at('one', 'muster-state'))).toBe(false)
})
