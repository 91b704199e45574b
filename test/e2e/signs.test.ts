/** What is told whether or not anything is wrong: each run to Healthchecks, signs of life, reports. A server here stands in for Healthchecks. */
import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../real/wait.ts'
import { ended, makeWorkspace, type Workspace } from './workspace.ts'

interface Ping {
  readonly path: string
  readonly rid: string | null
  readonly query: string
  readonly body: string
}

let space: Workspace
let pings: Ping[]
let server: Server
let url: string
let answer: RequestListener
beforeEach(async () => {
  space = makeWorkspace()
  pings = []
  answer = (_, response) => response.end('OK')
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (data: Buffer) => {
      body += data.toString()
    })
    request.on('end', () => {
      const { pathname, searchParams, search } = new URL(request.url ?? '', 'http://x')
      pings.push({ path: pathname, rid: searchParams.get('rid'), query: search, body })
      answer(request, response)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  space[Symbol.dispose]()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

it('tells Healthchecks when a run begins, succeeds and fails, and signs of life by another way', {
  timeout: 120_000,
}, async () => {
  writeFileSync(space.place.at('key'), `${url}/canary-ping-key/backup-{job}\n`, { mode: 0o600 })
  writeFileSync(space.place.at('alive'), `${url}/alive/canary-uuid-0001\n`, { mode: 0o600 })
  const root = {
    notify: {
      checks: { kind: 'healthchecks', url: { file: space.place.at('key') } },
    },
    heartbeat: { url: { file: space.place.at('alive') } },
  }
  // Long enough for its beginning to be told before its end.
  const slow = { hooks: { before: ['sleep', '2'] } }
  space.configure({ repository: { create: true }, job: slow, root })
  expect(await space.run(['run'])).toMatchObject({ code: 0 })
  expect(pings.map(({ path }) => path)).toEqual([
    '/canary-ping-key/backup-files/start',
    '/canary-ping-key/backup-files',
    '/alive/canary-uuid-0001',
  ])
  const [began, succeeded] = pings
  expect(began?.rid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(succeeded?.rid).toBe(began?.rid)
  expect(began?.query).toContain('create=1')
  expect(succeeded?.body).toMatch(/Outcome: ok\nTook: .*\nSnapshot: [0-9a-f]{12}\nFiles: 12\n/)
  space.configure({ root })
  renameSync(space.source, `${space.source}-hidden`)
  pings.length = 0
  expect((await space.run(['run'])).code).toBe(1)
  const last = pings.findLast(({ path }) => path.startsWith('/canary-ping-key'))
  expect(last?.path).toBe('/canary-ping-key/backup-files/fail')
  expect(last?.body).toMatch(/What: .*\nDo now: .*/)
  // A check that is not there answers 200 all the same.
  answer = (_, response) => response.end('OK (not found)')
  const refused = await space.run(['run', '--log-level', 'debug'])
  const listed = await space.run(['deliveries', '--json'])
  expect(JSON.parse(listed.stdout)[0]).toMatchObject({ state: 'dead', problem: { code: 'notify.refused' } })
  // One check for two jobs would be green while one of them fails.
  const two = {
    a: { repository: 'local', sources: [space.source], tags: ['a'] },
    b: { repository: 'local', sources: [space.source], tags: ['b'] },
  }
  space.configure({ root: { ...root, notify: { checks: { kind: 'healthchecks', url: `${url}/one` } }, jobs: two } })
  pings.length = 0
  await space.run(['run', 'a'])
  expect(pings.filter(({ path }) => path.startsWith('/one'))).toEqual([])
  const [shared] = JSON.parse((await space.run(['deliveries', '--json'])).stdout) as object[]
  expect(shared).toMatchObject({ state: 'dead', problem: { code: 'notify.one-check' } })
  // Whoever cannot be told anything gives no sign of life.
  pings.length = 0
  await space.run(['run'])
  expect(pings.filter(({ path }) => path.startsWith('/alive'))).toEqual([])
  const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
  expect(metrics).toMatch(
    /^muster_heartbeat_last_success_timestamp_seconds 1\.\d+e\+?9$|^muster_heartbeat_last_success_timestamp_seconds \d+/m,
  )
  for (const said of [refused.stdout, refused.stderr, listed.stdout, metrics])
    expect(said).not.toMatch(/canary-(?:ping|uuid)/)
})

it('gives signs of life while it serves, and sends reports when their time comes', { timeout: 120_000 }, async () => {
  const mails = space.place.at('mails')
  const root = {
    notify: {
      mail: { kind: 'email', to: ['ops@example.com'], sendmail: ['sh', '-c', 'cat >> "$0"', mails] },
      checks: { kind: 'healthchecks', url: `${url}/one` },
    },
    heartbeat: { url: `${url}/alive`, every: '1s' },
    reports: { often: { schedule: '@every 3s', notify: ['mail'], timezone: 'UTC' } },
    server: { listen: '127.0.0.1:0' },
  }
  space.configure({ repository: { create: true }, job: { schedule: '@every 2s' }, root })
  const serving = space.start(['serve'])
  const end = ended(serving)
  const count = (path: string): number => pings.filter((ping) => ping.path === path).length
  const mail = (): string => {
    try {
      return readFileSync(mails, 'utf8')
    } catch {
      return ''
    }
  }
  await until(
    'signs of life, runs and a report',
    () => count('/alive') >= 3 && count('/one') >= 2 && count('/one/start') >= 1 && mail() !== '',
    60_000,
  )
  serving.kill('SIGTERM')
  expect((await end).code).toBe(0)
  expect(mail()).toMatch(/Subject: .*Report_often|Subject: .*Report often/)
  expect(mail()).toContain('Backups')
  // Each was told once.
  const begun = pings.filter(({ path }) => path === '/one/start').map(({ rid }) => rid)
  expect(new Set(begun).size).toBe(begun.length)

  const shown = await space.run(['report', 'often', '--since', '1d'])
  expect(shown).toMatchObject({ code: 0 })
  expect(shown.stdout).toMatch(
    /^Report often: everything passes muster \(.*\)\n\nTime: .* \(UTC\)\nPass muster: 2 of 2 jobs and backup sets\nBackups: \d+ good/,
  )
  expect(shown.stdout).toMatch(/^- files, state: fresh, last good: \d{4}-\d\d-\d\d \d\d:\d\d, runs: \d+.*, added: /m)
  expect((await space.run(['report', '--html'])).stdout).toMatch(/^<!doctype html>/)
  expect((await space.run(['report', 'oft'])).code).toBe(2)
  expect((await space.run(['report', '--since', 'yesterday'])).code).toBe(2)
  const sent = await space.run(['report', 'often', '--send'])
  expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/delivered +mail/) })
})

it('finds names of notifiers that are not there, and what does not fit together', async () => {
  space.configure({
    root: {
      notify: {
        checks: { kind: 'healthchecks', url: { env: 'X' } },
        phone: { kind: 'ntfy', topic: 'x', fallback: 'phne' },
        many: { kind: 'apprise', fallback: 'checks' },
        self: { kind: 'ntfy', topic: 'y', fallback: 'self' },
      },
      reports: { nightly: { schedule: '0 7 * * *', notify: ['mail', 'checks'] } },
    },
  })
  const { code, stderr } = await space.run(['config', 'check'])
  expect(code).toBe(2)
  for (const part of [
    'notify.many.fallback: checks tells of runs alone',
    'notify.phone.fallback: there is no notifier "phne"',
    'notify.self.fallback: is the notifier itself',
    'reports.nightly.notify[0]: there is no notifier "mail"',
    'reports.nightly.notify[1]: checks tells of runs alone',
  ])
    expect(stderr).toContain(part)
})
