import { strict as assert } from 'node:assert'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { Problem } from '../../src/model/problem.ts'
import { ok } from '../../src/model/problem.ts'
import type { Standing } from '../../src/model/standing.ts'
import type { HttpSource } from '../../src/outlets/http/types.ts'
import { openBrowser } from './browser.ts'
import { payloads } from './payloads.ts'
import { serving, sourceOf } from './serving.ts'
import {
  emptyStanding,
  failingStanding,
  healthyStanding,
  makeJob,
  makeRepository,
  makeRun,
  makeSet,
  makeSnapshots,
  makeStanding,
} from './standings.ts'

/** What runs in the browser: text, because the names of a browser are no names of Node.js. */
const inPage = {
  links: `[...new Set([...document.querySelectorAll('main a[href]')].map((link) => link.href))]`,
  look: `({ beyond: document.documentElement.scrollWidth - innerWidth, ground: getComputedStyle(document.body).backgroundColor })`,
  foreign: `({
    pwned: 'pwned' in window,
    foreign: document.querySelectorAll('script,iframe,object,embed,form,base,math,noscript,style,[onerror],[onload],[onmouseover],[onfocus],[ontoggle],a[href^="javascript:"]').length,
    refreshes: document.querySelectorAll('meta[http-equiv]').length,
    sheets: document.querySelectorAll('link[rel=stylesheet]').length,
  })`,
  attack: (url: string) => `(async () => {
    for (const mode of ['no-cors', 'cors'])
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/json'])
        await fetch('${url}', { method: 'POST', mode, body: 'x', headers: { 'content-type': type }, credentials: 'include' }).catch(() => {})
    navigator.sendBeacon('${url}', 'x')
    await new Promise((resolve) => { new EventSource('${url}').onerror = resolve })
  })()`,
  submit: (url: string, type: string) => `
    const form = Object.assign(document.createElement('form'), { method: 'post', action: '${url}', enctype: '${type}' })
    document.body.append(form)
    form.submit()`,
}

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

/** A page that notes everything it may not do: policy violations, dialogs, errors, and requests elsewhere. */
async function watched(
  url: string,
  options: { colorScheme: 'light' | 'dark'; width: number },
): Promise<{ page: Page; breaches: string[] }> {
  const page = await browser.newPage({
    colorScheme: options.colorScheme,
    viewport: { width: options.width, height: 800 },
  })
  const breaches: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content.Security.Policy/i.test(message.text())) breaches.push(message.text())
  })
  page.on('pageerror', (error) => breaches.push(String(error)))
  page.on('dialog', (dialog) => {
    breaches.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) breaches.push(`request to ${request.url()}`)
  })
  return { page, breaches }
}

describe('the page in Chromium', () => {
  for (const [name, standing] of Object.entries({
    healthy: healthyStanding,
    failing: failingStanding,
    empty: emptyStanding,
  }))
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [360, 1400])
        it(`${name}, ${colorScheme}, ${width} wide: styled, nothing beyond its edge, no breach of its policy, no request elsewhere`, async () => {
          await using http = await serving(sourceOf(standing))
          const { page, breaches } = await watched(http.url, { colorScheme, width })
          await page.goto(http.url)
          const links = await page.evaluate<string[]>(inPage.links)
          for (const link of [http.url, ...links]) {
            const response = await page.goto(link)
            assert.equal(response?.status(), 200, link)
            const look = await page.evaluate<{ beyond: number; ground: string }>(inPage.look)
            assert.ok(look.beyond <= 0, `${link} is ${look.beyond} px too wide`)
            assert.equal(look.ground, colorScheme === 'light' ? 'rgb(245, 247, 245)' : 'rgb(15, 20, 17)')
          }
          assert.ok(links.length >= (name === 'empty' ? 0 : 4), `${links.length}`)
          assert.deepEqual(breaches, [])
          await page.close()
        })

  it(`runs none of ${payloads.length} payloads, in any place that text from outside has`, async () => {
    assert.ok(payloads.length >= 100)
    await using http = await serving(hostileSource())
    const { page, breaches } = await watched(http.url, { colorScheme: 'light', width: 1400 })
    for (const path of [
      '',
      ...[0, 1].flatMap((at) => [
        `jobs/${encodeURIComponent((payloads[at] ?? '').toWellFormed())}`,
        `repositories/${encodeURIComponent((payloads[at] ?? '').toWellFormed())}`,
      ]),
    ]) {
      const response = await page.goto(http.url + path)
      assert.equal(response?.status(), 200)
      const found = await page.evaluate(inPage.foreign)
      assert.deepEqual(found, { pwned: false, foreign: 0, refreshes: 1, sheets: 1 })
    }
    assert.deepEqual(breaches, [])
    const text = await page.goto(http.url).then(() => page.innerText('main'))
    assert.ok(text.includes('<script>window.pwned=1</script>'), 'the payloads are shown as text')
    // Without the escaping they do run: the test sees what it looks for.
    const bare = await browser.newPage()
    await bare.setContent(`<body>${payloads.join('')}`)
    await bare.waitForFunction(`'pwned' in window`)
    await bare.close()
    await page.close()
  })
})

describe('another site in Chromium', () => {
  it('changes nothing here: forms, fetch of every kind, beacons', async () => {
    let changes = 0
    const change = (): void => void changes++
    await using http = await serving(sourceOf(healthyStanding, { readNow: change, reload: async () => ok(change()) }))
    const evil = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title>'),
    )
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    const page = await browser.newPage()
    try {
      for (const host of ['127.0.0.1', 'localhost']) {
        const home = `http://${host}:${(evil.address() as AddressInfo).port}/`
        await page.goto(home)
        await page.evaluate(inPage.attack(`${http.url}-/read`))
        for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
          await page.goto(home)
          await Promise.all([page.waitForNavigation(), page.evaluate(inPage.submit(`${http.url}-/reload`, type))])
        }
      }
      assert.equal(changes, 0)
      // And from the own page it works, so that the refusals above are no accident.
      await page.goto(http.url)
      assert.equal((await page.request.post(`${http.url}-/read`)).status(), 202)
      assert.equal(changes, 1)
    } finally {
      await page.close()
      evil.close()
    }
  })
})

/** Payloads everywhere that a name, a path, a tag or a message can be. */
function hostileSource(): HttpSource {
  const problem = (text: string): Problem => ({
    code: text,
    message: text,
    next: `${text} \`${text}\``,
    retry: 'never',
  })
  const verdict = (text: string) =>
    ({ state: 'failing', since: new Date(0), failures: 1, problem: problem(text), reason: text, next: text }) as const
  const run = (text: string) =>
    makeRun({
      job: text,
      outcome: 'warning',
      problem: problem(text),
      snapshotId: text,
      toolVersion: text,
      skipped: [{ path: text, reason: text }],
      skippedCount: 1,
    })
  const strip = (text: string) => [{ day: text, mark: 'snapshot', snapshots: 1 }] as const
  const standing: Standing = makeStanding({
    version: payloads[0] ?? '',
    ledgerProblem: problem(payloads[0] ?? ''),
    configProblem: problem(payloads[1] ?? ''),
    jobs: payloads.map((text) =>
      makeJob({
        name: text,
        repository: text,
        schedule: text,
        verdict: verdict(text),
        operations: [{ operation: 'backup', last: run(text) }],
      }),
    ),
    repositories: payloads.map((text) =>
      makeRepository({
        name: text,
        tool: text,
        toolVersion: text,
        location: text,
        lastReading: {
          id: text,
          repository: text,
          startedAt: new Date(0),
          endedAt: new Date(1),
          way: text,
          problem: problem(text),
        },
        sets: [
          makeSet(
            { host: text, user: text, newestId: text },
            { jobs: [text], strip: strip(text), verdict: verdict(text) },
          ),
        ],
        locks: {
          at: new Date(0),
          locks: [{ id: text, takenAt: new Date(0), exclusive: true, host: text, user: text, pid: 1 }],
        },
        lanes: [{ purpose: text, waiting: false, since: new Date(0) }],
      }),
    ),
  })
  return sourceOf(standing, {
    runs: async () => payloads.map(run),
    snapshots: async () =>
      payloads.map((text, at) => ({
        ...makeSnapshots(1)[0],
        id: `${text}${at}`,
        takenAt: new Date(at),
        host: text,
        user: text,
        tags: [text],
        paths: [text],
        program: text,
      })),
  })
}
