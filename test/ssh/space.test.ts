/** Room in the stores by every way there is, with real servers: told, alarmed, and unknown where it is not understood. */
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SpaceStanding } from '../../src/model/space.ts'
import { spaceByRclone } from '../../src/sources/space/rclone.ts'
import { program } from '../real/programs.ts'
import { type Box, df, host, openBox } from './box.ts'

let box: Box
const header = 'Filesystem 1K-blocks Used Available Use% Mounted on'
const sftp = (): object => ({ url: `sftp://${box.user}@${host}/${box.place.at('repository')}` })

/** What is measured by a reading with this configuration; always, as each time is after the last. */
async function spaceOf(repository: object): Promise<SpaceStanding | undefined> {
  box.configure(repository)
  const measured = await box.muster('doctor', '--json')
  expect(measured.stderr).toBe('')
  const { stdout } = await box.muster('status', '--json')
  return (JSON.parse(stdout) as { repositories: { space?: SpaceStanding }[] }).repositories[0]?.space
}
const metrics = async (): Promise<string> => {
  const { stdout } = await box.muster('collect', '--format', 'prometheus')
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('muster_repository_space_'))
    .join('\n')
}

beforeAll(async () => {
  box = await openBox()
  await box.serve(22, ['rsa'], 'sftp')
  await box.serve(23, ['rsa', 'ed25519'])
  box.configure(sftp())
  for (const at of [host, `${host}:23`])
    expect(await box.muster('hostkeys', 'trust', at, '--yes')).toMatchObject({ code: 0 })
  expect(await box.muster('run', '--init', '--quiet')).toMatchObject({ code: 0 })
})
afterAll(() => box?.[Symbol.asyncDispose]())

describe('the room of a store', () => {
  it('is asked by SFTP, after a backup and with readings', async () => {
    const { stdout } = await box.muster('status', '--json')
    const [standing] = (JSON.parse(stdout) as { repositories: { space: SpaceStanding }[] }).repositories
    const { space } = standing?.space.last ?? {}
    expect(space).toMatchObject({ way: 'sftp', blocks: { bytes: expect.any(Number) } })
    // The server is this very machine: its disk has what the system says.
    const told = await box.run(['df', '-P', '-k', box.place.at('repository')])
    const [, total] = /\s(\d+)\s+\d+\s+\d+\s+\d+%/.exec(told.stdout) ?? []
    expect(space?.totalBytes).toBe(Number(total) * 1024)
    expect(await metrics()).toMatch(/^muster_repository_space_known\{repository="box"\} 1$/m)
  })

  it('is asked by df at port 23 of a storage box, whose files are at 22', async () => {
    df(box, `${header}\nu1 1048576 262144 786432 25% /home`)
    const space = await spaceOf({ ...sftp(), space: { by: 'df' } })
    expect(space?.last.space).toEqual({
      way: 'df',
      freeBytes: 786432 * 1024,
      totalBytes: 1048576 * 1024,
      blocks: { free: 786432, total: 1048576, bytes: 1024 },
    })
    expect(space?.verdict).toBeUndefined()
    expect(await box.muster('status')).toMatchObject({ code: 0 })
    const told = await metrics()
    expect(told).toContain('muster_repository_space_free_bytes{repository="box"} 805306368')
    expect(told).toContain('muster_repository_space_total_bytes{repository="box"} 1073741824')
    expect(told).not.toContain('full_timestamp')
  })

  it('is too little: status, exit code and alarm by the setting', async () => {
    df(box, 'Filesystem 512-blocks Used Avail Capacity Mounted on\nu1-sub2 2000 1700 300 85% /home')
    const by = { by: 'df' }
    const space = await spaceOf({ ...sftp(), space: by })
    expect(space?.verdict).toMatchObject({
      state: 'full',
      reason: expect.stringContaining('85 % of the store of box is used'),
    })
    const { code, stdout } = await box.muster('status')
    expect(code).toBe(4)
    expect(stdout).toMatch(/✗ full +room of box/)
    expect((await spaceOf({ ...sftp(), space: { ...by, alarm: '90%' } }))?.verdict).toBeUndefined()
  })

  it('is unknown, never 0, when the answer cannot be understood', async () => {
    df(box, 'Filesystem Size Used Avail Use% Mounted on\nu1 0 0 0 0% /home')
    const space = await spaceOf({ ...sftp(), space: { by: 'df' } })
    expect(space?.last).toMatchObject({ problem: { code: 'space.unparsed' } })
    expect(space?.last.space).toBeUndefined()
    expect(space?.verdict).toMatchObject({ state: 'unreadable' })
    const told = await metrics()
    expect(told).toMatch(/space_known\{repository="box"\} 0/)
    expect(told).toMatch(/space_problem\{repository="box",code="space.unparsed"\} 1/)
    expect(told).not.toMatch(/free_bytes|total_bytes/)
    // What is mended meanwhile is seen by the next reading, long before it is time.
    df(box, `${header}\nu1 1048576 262144 786432 25% /home`)
    expect(await metrics()).toContain('muster_repository_space_free_bytes{repository="box"} 805306368')
  })

  it('is unknown when nobody lets us ask', async () => {
    // Port 22 of the box knows files alone: no command comes back.
    const space = await spaceOf({ ...sftp(), space: { by: 'df', ssh: { port: 22 } } })
    expect(space?.last.problem?.code).toMatch(/^space\.(?:unparsed|timed-out)$/)
    const off = await spaceOf({ ...sftp(), space: { by: 'off' } })
    expect(off).toBeUndefined()
  })

  it('is asked of the disk', async () => {
    const space = await spaceOf({ url: box.place.at('repository') })
    expect(space?.last.space?.way).toBe('local')
  })

  it('is asked of rclone', async () => {
    writeFileSync(box.place.at('rclone.conf'), `[there]\ntype = alias\nremote = ${box.place.at('repository')}\n`)
    const path = box.place.at('rclone.conf')
    const remote = { url: 'rclone:there:', environment: { RCLONE_CONFIG: { command: ['printf', '%s', path] } } }
    const space = await spaceOf({ ...remote, space: {} })
    expect(space?.last.space).toMatchObject({ way: 'rclone', totalBytes: expect.any(Number) })
    // A memory has no end, and says so.
    const asked = { program: program('rclone-1.75'), remote: ':memory:', environment: {} }
    const endless = await spaceByRclone('box', asked, { signal: new AbortController().signal, timeLimitMs: 20_000 })
    expect(endless).toMatchObject({ ok: false, problem: { code: 'space.unsupported' } })
    const old = await spaceByRclone(
      'box',
      { ...asked, program: program('rclone-1.60'), remote: box.place.at('repository') },
      { signal: new AbortController().signal, timeLimitMs: 20_000 },
    )
    expect(old).toMatchObject({ ok: true, value: { way: 'rclone' } })
  })
})
