/** Every failure reaches a person, once, with what to do next: with a real ntfy. */
import { renameSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ntfy, serveNtfy } from '../notify/ntfy.ts'
import { until } from '../real/wait.ts'
import { ended, makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
let ntfy: Ntfy
beforeEach(async () => {
  space = makeWorkspace()
  ntfy = await serveNtfy(space.place.path)
})
afterEach(async () => {
  space[Symbol.dispose]()
  await ntfy[Symbol.asyncDispose]()
})

const phone = (more: object = {}) => ({ kind: 'ntfy', url: ntfy.url, topic: 'backups', groupWait: '0s', ...more })
const configure = (notify: object, more: { job?: object; root?: object } = {}): void =>
  space.configure({
    repository: { create: true },
    ...(more.job && { job: more.job }),
    root: { notify, page: 'https://muster.example.com/', ...more.root },
  })
const hide = (): void => renameSync(space.source, `${space.source}-hidden`)
const bringBack = (): void => renameSync(`${space.source}-hidden`, space.source)

describe('muster run', () => {
  it('tells that a job failed, once, and that it is fine again', async () => {
    configure({ phone: phone() })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(await ntfy.messages('backups')).toEqual([])
    hide()
    expect((await space.run(['run'])).code).toBe(1)
    expect((await space.run(['run'])).code).toBe(1)
    const [only, ...more] = await ntfy.messages('backups')
    expect(more).toEqual([])
    expect(only).toMatchObject({
      title: 'job files: failing',
      priority: 4,
      tags: ['x'],
      click: 'https://muster.example.com/',
      sequence_id: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/),
    })
    expect(only?.message).toMatch(
      /What: the last run failed: .*\n {2}Since: .* ago\)\n {2}Last good: .* ago\)\n {2}Do now: /,
    )
    bringBack()
    expect((await space.run(['run'])).code).toBe(0)
    const all = await ntfy.messages('backups')
    expect(all.map(({ title }) => title)).toEqual(['job files: failing', 'job files is fine again'])
    expect(all[1]).toMatchObject({ priority: 2, tags: ['white_check_mark'] })
    const listed = await space.run(['deliveries'])
    expect(listed.code).toBe(0)
    expect(listed.stdout).toMatch(/delivered +phone .*job files is fine again/)
  })

  it('keeps a message while nobody answers, and loses none', async () => {
    configure({ phone: phone() })
    await space.run(['run'])
    await ntfy.stop()
    hide()
    await space.run(['run'])
    const waiting = JSON.parse((await space.run(['deliveries', '--json'])).stdout) as object[]
    expect(waiting).toMatchObject([{ state: 'pending', problem: { code: 'notify.unreachable' } }])
    await ntfy.start()
    await until('it arrives', async () => {
      await space.run(['run'])
      return (await ntfy.messages('backups')).length > 0
    })
    expect((await ntfy.messages('backups')).map(({ title }) => title)).toEqual(['job files: failing'])
  })

  it('gives up what is refused, tells the second channel, and is red', async () => {
    const hook = createServer((_, response) => response.writeHead(403).end('go away canary-hook-1'))
    hook.listen(0, '127.0.0.1')
    const url = `http://127.0.0.1:${await new Promise<number>((resolve) => hook.once('listening', () => resolve((hook.address() as AddressInfo).port)))}/canary-hook-1`
    configure({ hook: { kind: 'webhook', url, groupWait: '0s', fallback: 'phone' }, phone: phone({ of: ['other'] }) })
    await space.run(['run'])
    hide()
    const run = await space.run(['run', '--log-level', 'debug'])
    hook.close()
    const [instead] = await ntfy.messages('backups')
    expect(instead?.title).toBe('job files: failing')
    const status = await space.run(['status'])
    expect(status.stdout).toMatch(
      /✗ failing +notifier hook .*a message was given up: 127\.0\.0\.1:\d+ answered HTTP 403/,
    )
    const listed = await space.run(['deliveries', '--json'])
    expect(listed.code).toBe(4)
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).toMatch(/^muster_notifier_deliveries_total\{notifier="hook",state="dead"\} 1$/m)
    expect(metrics).toMatch(/^muster_notifier_deliveries_total\{notifier="phone",state="delivered"\} 1$/m)
    for (const { stdout, stderr } of [run, status, listed]) expect(stdout + stderr).not.toContain('canary-hook-1')
  })
})

describe('muster serve', () => {
  it('names everything that fails within a moment in one message, and tells it once over a kill', async () => {
    const jobs = Object.fromEntries(
      Array.from({ length: 8 }, (_, at) => [
        `job-${at}`,
        { repository: 'local', sources: [`/nonexistent/${at}`], tags: [`t${at}`], schedule: '@every 2s' },
      ]),
    )
    configure({ phone: phone({ groupWait: '4s' }) }, { root: { jobs, server: { listen: '127.0.0.1:0' } } })
    const first = space.start(['serve'])
    const end = ended(first)
    const told = async (): Promise<string> => (await ntfy.messages('backups')).map(({ message }) => message).join('\n')
    await until('something is told', async () => (await told()) !== '', 60_000)
    first.kill('SIGKILL')
    await end
    const second = space.start(['serve'])
    let said = ''
    second.stdout?.on('data', (data: Buffer) => {
      said += data.toString()
    })
    const over = ended(second)
    await until('it is up again', () => said.includes('http://'), 30_000)
    // Whatever would be told again is told by then.
    await pause(8_000)
    await until(
      'all are named',
      async () => {
        const text = await told()
        return Array.from({ length: 8 }, (_, at) => text.includes(`job job-${at}`)).every(Boolean)
      },
      60_000,
    )
    const messages = await ntfy.messages('backups')
    expect(messages.length).toBeLessThanOrEqual(3)
    for (let at = 0; at < 8; at += 1)
      expect(messages.filter(({ message }) => message?.includes(`job job-${at} in local: failing`))).toHaveLength(1)
    second.kill('SIGTERM')
    expect((await over).code).toBe(0)
  })
})

describe('muster notify test', () => {
  it('prints what the other side answered', async () => {
    configure({ phone: phone(), wrong: phone({ url: 'http://127.0.0.1:9' }) })
    const tried = await space.run(['notify', 'test', 'phone'])
    expect(tried).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ phone: taken: HTTP 200 /) })
    expect((await ntfy.messages('backups'))[0]?.message).toContain('This is a test')
    const both = await space.run(['notify', 'test'])
    expect(both.code).toBe(1)
    expect(both.stdout).toMatch(/✗ wrong: 127\.0\.0\.1:9 cannot be reached: ECONNREFUSED\.\n {4}→ /)
    expect(await space.run(['notify', 'test', 'nobody'])).toMatchObject({ code: 2 })
  })
})
