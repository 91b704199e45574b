/** Watching without the program, as a user meets it. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Reading } from '../../src/model/reading.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { startServe } from './daemon.ts'
import { makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
beforeEach(() => {
  space = makeWorkspace()
  return () => space[Symbol.dispose]()
})
afterEach(() => rmSync(space.place.at('started'), { force: true }))

/** restic, which notes that it was started. */
function noted(): { readonly program: string; readonly starts: () => number } {
  const path = space.place.at('noted-restic')
  writeFileSync(path, `#!/bin/sh\necho x >> ${space.place.at('started')}\nexec ${program('restic-0.18')} "$@"\n`, {
    mode: 0o755,
  })
  const log = space.place.at('started')
  return { program: path, starts: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0) }
}

const snapshotFiles = (): string[] => readdirSync(join(space.repository, 'snapshots'))
const lastReading = async (): Promise<Reading | undefined> => {
  await using ledger = await space.ledger()
  return await ledger.lastReading('local')
}

describe('a repository in a folder', () => {
  it('is read without a start of restic, and says what that cost', async () => {
    const restic = noted()
    space.configure({ repository: { create: true, program: restic.program } })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    const before = restic.starts()
    const collected = await space.run(['collect', '--stats', '--json'])
    expect(collected.code).toBe(0)
    const [repository] = JSON.parse(collected.stdout) as [{ lastReading: Reading; size: { sizeBytes: number } }]
    expect(repository.lastReading).toMatchObject({ way: 'native', snapshots: 1, locks: [] })
    expect(repository.size.sizeBytes).toBeGreaterThan(1_000)
    expect((await space.run(['snapshots', 'local', '--json'])).code).toBe(0)
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).toMatch(/^muster_repository_reading_requests\{repository="local"\} \d+$/m)
    expect(metrics).toMatch(/^muster_repository_reading_bytes\{repository="local"\} \d+$/m)
    const cpu = /^muster_repository_reading_cpu_seconds\{repository="local"\} (\S+)$/m.exec(metrics)?.[1]
    expect(Number(cpu)).toBeGreaterThan(0)
    expect(Number(cpu)).toBeLessThan(5)
    expect(metrics).toMatch(/^muster_repository_info\{.*version="0\.18\./m)
    expect(restic.starts()).toBe(before)
  })

  it('lists its snapshots as restic does, those of others too', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    await space.restic(['backup', space.source, '--host', 'elsewhere', '--tag', 'a,b', '--time', '2020-01-02 03:04:05'])
    const listed = await space.run(['snapshots', 'local', '--json'])
    const ours = JSON.parse(listed.stdout) as { id: string; host: string; tags: string[]; paths: string[] }[]
    const theirs = JSON.parse((await space.restic(['snapshots', '--json'])).stdout) as {
      id: string
      hostname: string
      tags?: string[]
      paths: string[]
    }[]
    expect(ours.map(({ id, host, tags, paths }) => [id, host, tags, paths])).toEqual(
      theirs.map(({ id, hostname, tags = [], paths }) => [id, hostname, tags, paths]),
    )
  })

  it('is warm for a daemon that starts anew: three listings and the config, no key', async () => {
    space.configure({ repository: { create: true }, root: { server: { listen: '127.0.0.1:0' } } })
    await space.run(['run'])
    await space.run(['collect', '--stats'])
    const cold = await lastReading()
    const daemon = space.start(['serve'])
    await until('a reading of the daemon', async () => (await lastReading())?.id !== cold?.id)
    daemon.kill('SIGTERM')
    expect(await lastReading()).toMatchObject({ way: 'native', requests: 4, snapshots: 1 })
    expect((await lastReading())?.bytes).toBeLessThan(200)
    expect(cold?.requests).toBeGreaterThan(4)
  })

  it('shows what restic wrote as soon as it did, whatever the pace of its readings', async () => {
    space.configure({
      repository: { create: true, read: { every: '6h' } },
      root: { server: { listen: '127.0.0.1:0' } },
    })
    await space.run(['run'])
    await using daemon = await startServe(space, ['serve'])
    const counted = async () => (await daemon.metrics()).get('muster_repository_snapshots{repository="local"}')
    await until('the first reading', async () => (await counted()) === 1)
    for (const count of [2, 3]) {
      expect(await space.restic(['backup', space.source, '--host', 'elsewhere'])).toMatchObject({ code: 0 })
      await until('the new value', async () => (await counted()) === count, 10_000)
    }
  })

  it('with a damaged snapshot is told as damaged, and the rest of it is known', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    const [whole] = snapshotFiles()
    await space.restic(['backup', space.source])
    const damaged = snapshotFiles().find((name) => name !== whole) ?? ''
    const path = join(space.repository, 'snapshots', damaged)
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40)
    rmSync(path)
    writeFileSync(path, bytes)
    expect(await space.run(['collect'])).toMatchObject({ code: 1 })
    const reading = await lastReading()
    expect(reading).toMatchObject({ snapshots: 1, problem: { code: 'reader.damaged', context: { ids: damaged } } })
    const listed = await space.run(['snapshots', 'local', '--json'])
    expect(listed.code).toBe(1)
    expect(listed.stderr).toContain(damaged.slice(0, 8))
    expect((JSON.parse(listed.stdout) as { id: string }[]).map(({ id }) => id)).toEqual([whole])
    expect((await space.run(['status'])).code).toBe(4)
    // A new backup is confirmed all the same: its snapshot was found and read.
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
  })

  it('that is another one than before is not taken for the same', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    renameSync(space.repository, space.place.at('aside'))
    await space.restic(['init'])
    expect(await space.run(['collect'])).toMatchObject({ code: 1 })
    expect((await lastReading())?.problem?.code).toBe('repository.replaced')
    rmSync(space.repository, { recursive: true })
    expect(await space.run(['collect'])).toMatchObject({ code: 1 })
    expect((await lastReading())?.problem?.code).toBe('restic.no-repository')
    renameSync(space.place.at('aside'), space.repository)
    expect(await space.run(['collect'])).toMatchObject({ code: 0 })
    // Where the address was changed, a person did it.
    const url = space.place.at('new')
    await space.restic(['-r', url, 'init'])
    space.configure({ repository: { url } })
    expect(await space.run(['collect'])).toMatchObject({ code: 0 })
  })
})

describe('a repository that only the program can read', () => {
  it('says so in the way of its reading', async () => {
    space.configure({
      repository: { url: 'rclone:remote:x', options: ['rclone.program=false'], read: { timeLimit: '5s' } },
    })
    await space.run(['collect'])
    expect(await lastReading()).toMatchObject({ way: 'restic: rclone is read by the program', problem: {} })
  })

  it('is handed over when its layout is not known', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    renameSync(join(space.repository, 'keys'), join(space.repository, 'key'))
    await space.run(['collect'])
    expect((await lastReading())?.way).toBe('restic: it has a config and no keys in the usual place')
  })
})
