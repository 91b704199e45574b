/** A sample of a tree restored and compared with its source, as a job with paths of its own would be. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { backUp } from '../../src/app/backup.ts'
import { restoreSample } from '../../src/app/restore-sample.ts'
import { openWith } from '../../src/commands/open.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { openLog } from '../../src/system/log.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { damage, versions } from './under-test.ts'

let place: Place
beforeEach(() => {
  place = makePlace()
  mkdirSync(place.at('source', 'folder'), { recursive: true })
  for (const file of ['one', 'a[b]*{c}', 'folder/three']) writeFileSync(place.at('source', file), `content of ${file}`)
})
afterEach(() => place[Symbol.dispose]())

for (const version of versions)
  it(`finds every file equal, and then what was damaged, with rclone ${version}`, async () => {
    const { config } = parseConfig(`
repositories:
  store: { tool: rclone, url: ${place.at('store', 'nas')}, create: true, program: ${program(`rclone-${version}`)} }
jobs:
  files: { repository: store, sources: [${place.at('source')}], mode: sync }
`)
    if (config === undefined) throw new Error('the configuration is wrong')
    await using app = await openWith({ config, file: place.at('muster.yaml') }, openLog('silent'), {
      state: place.at('state'),
    })
    const { signal } = new AbortController()
    const common = { trigger: 'manual', signal } as const
    const wish = { ...common, init: false, dryRun: false, locks: true, watcher: {} }
    expect((await backUp(app, 'files', wish)).runs[0]).toMatchObject({ outcome: 'ok' })
    const sample = () => restoreSample(app, 'files', { ...common, files: 20, folder: place.at('drills') })
    expect(await sample()).toMatchObject({ outcome: 'ok', counters: { processedFiles: 3 } })
    damage(place.at('store', 'nas'))
    expect(await sample()).toMatchObject({ outcome: 'failed', problem: { code: 'drill.different' }, skippedCount: 3 })
  })
