/** The disk of the ledger fills up while the daemon works. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../real/wait.ts'
import { ended, makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
beforeEach(() => {
  space = makeWorkspace()
  mkdirSync(space.place.at('state'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', space.place.at('state')])
})
afterEach(() => {
  execFileSync('umount', ['-l', space.place.at('state')])
  space[Symbol.dispose]()
})

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

it('says that it is not ready, loses no outcome, and goes on by itself when there is room again', async () => {
  const listen = `127.0.0.1:${await freePort()}`
  space.configure({ repository: { create: true }, job: { schedule: '@every 1s' }, root: { server: { listen } } })
  const daemon = space.start(['serve'])
  const end = ended(daemon)
  const ready = async (): Promise<number> =>
    (await fetch(`http://${listen}/readyz`).catch(() => ({ status: 0 }))).status
  const backups = async () => {
    await using ledger = await space.ledger()
    return {
      runs: await ledger.runs({ operation: 'backup', most: 999 }),
      open: await ledger.openRuns(),
      totals: await ledger.totals(),
    }
  }
  await until(
    'the first backup is recorded',
    async () => (await backups()).runs.some((run) => run.outcome === 'ok'),
    60_000,
  )

  const filler = space.place.at('state', 'filler')
  for (let block = 0; block < 64; block++) {
    try {
      writeFileSync(filler, Buffer.alloc(64 * 1024), { flag: 'a' })
    } catch {
      break
    }
  }
  await until('it is not ready', async () => (await ready()) === 503, 60_000)
  rmSync(filler)
  await until('it is ready again', async () => (await ready()) === 200, 30_000)
  const before = (await backups()).runs.filter((run) => run.outcome === 'ok').length
  await until(
    'backups go on',
    async () => (await backups()).runs.filter((run) => run.outcome === 'ok').length > before + 1,
    60_000,
  )
  daemon.kill('SIGTERM')
  expect(await end).toMatchObject({ code: 0 })
  const { runs, open, totals } = await backups()
  expect(open).toEqual([])
  expect(totals.filter(({ operation }) => operation === 'backup').reduce((sum, total) => sum + total.runs, 0)).toBe(
    runs.length,
  )
  await using ledger = await space.ledger()
  expect(await ledger.verify()).toEqual([])
})
