/** SIGKILL at many moments from intake to mail: what was said to be kept is answered, and what comes twice bears one key. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { deep } from '../real/deep.ts'
import { makePlace } from '../real/place.ts'
import { roller } from '../real/roller.ts'
import { headerOf, serveSmtp } from '../real/smtp.ts'
import { answerAll, openAnswerer } from './answerer.ts'

const moments = deep ? 240 : 16
/** Longer than another process is waited for, whether it looks into something or delivers. */
const laterMs = 5 * 60_000

it(`nothing that was kept is lost at ${moments} moments, and each is answered twice at most`, {
  timeout: 1_800_000,
}, async () => {
  using place = makePlace()
  await using smtp = await serveSmtp()
  const [folder, config] = [place.at('state'), place.at('muster.yaml')]
  writeFileSync(
    config,
    JSON.stringify({
      inbox: {},
      diagnose: { wait: '0s' },
      notify: { mail: { kind: 'email', to: ['ops@example.com'], smtp: { url: smtp.url, tls: 'none' } } },
    }),
  )
  const startOne = async () => {
    const child: ChildProcess = spawn(
      process.execPath,
      [new URL('./answerer.ts', import.meta.url).pathname, folder, config],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: place.at('compiled') } },
    )
    const said: string[] = []
    const ended = once(child, 'close')
    if (child.stdout === null) throw new Error('no output')
    const lines = createInterface(child.stdout).on('line', (line) => said.push(line))
    await once(lines, 'line')
    return { child, said, ended }
  }
  // Those that nobody kills: the first has everything to read; how long the second takes is how long the others take.
  let wholeMs = 0
  for (const name of ['first', 'whole']) {
    const whole = await startOne()
    const begun = performance.now()
    whole.child.stdin?.write(`${name} 0\n`)
    await whole.ended
    wholeMs = performance.now() - begun
    expect(whole.said).toEqual(['ready', 'kept', 'done'])
  }

  const roll = roller(7)
  const kept: string[] = []
  const found = { before: 0, within: 0, after: 0 }
  let next = startOne()
  for (let moment = 0; moment < moments; moment += 1) {
    const { child, said, ended } = await next
    const name = `alert-${moment}`
    child.stdin?.write(`${name} ${moment * 2 * laterMs}\n`)
    await pause((wholeMs * (moment + roll(1000) / 1000)) / moments)
    child.kill('SIGKILL')
    await ended
    next = moment + 1 < moments ? startOne() : next
    if (said.includes('kept')) kept.push(name)
    found[!said.includes('kept') ? 'before' : said.includes('done') ? 'after' : 'within'] += 1
    await using app = await openAnswerer(folder, config, moment * 2 * laterMs + laterMs)
    await answerAll(app)
    expect(await app.ledger.deliveries({ states: ['pending'], most: 9 })).toEqual([])
    expect(await app.ledger.waitingDiagnoses()).toBe(0)
    expect((await app.ledger.intakeBacklog()).bodies).toBe(0)
  }

  await using app = await openAnswerer(folder, config, (moments + 1) * 2 * laterMs)
  expect(await app.ledger.verify()).toEqual([])
  const deliveries = await app.ledger.deliveries({ most: 10_000 })
  expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['delivered']))
  const titles = deliveries.map(({ message }) => message.title)
  // One answer each, also of those that were on the disk before anybody could be told so.
  expect(titles.length).toBe(new Set(titles).size)
  for (const name of ['first', 'whole', ...kept])
    expect(titles).toContain(`Backup state unknown: BackupFailed of ${name}`)
  const times = Map.groupBy(smtp.mails, (mail) => headerOf(mail, 'message-id'))
  expect(times.size).toBe(deliveries.length)
  expect(Math.max(...[...times.values()].map((all) => all.length))).toBeLessThanOrEqual(2)
  // Of few moments chance decides where they fall.
  if (deep) expect(found.within, JSON.stringify(found)).toBeGreaterThanOrEqual(moments / 6)
})
