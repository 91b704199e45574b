/** `node alternate.ts CONFIG RUNS`: reads one repository at port 22 and asks for room at port 23, by turns. Prints what went ill. */
import { readRepository } from '../../src/app/reading.ts'
import { measureSpace } from '../../src/app/space/measure.ts'
import { openApp } from '../../src/commands/open.ts'
import { ReaderMemory } from '../../src/sources/readers/restic/index.ts'

const [config = '', runs = '0'] = process.argv.slice(2)
await using opened = await openApp({ config, logLevel: 'silent' })
// As a daemon: the password is proven once.
const app = { ...opened, memory: new ReaderMemory() }
const { signal } = new AbortController()
const problems: string[] = []
for (let run = 0; run < Number(runs); run += 2) {
  const { reading } = await readRepository(app, 'box', { signal, locks: false, stats: false })
  if (reading.problem !== undefined) problems.push(`${run}: ${reading.problem.code}`)
  const measure = await measureSpace(app, 'box', { signal, now: true })
  if (measure?.space === undefined) problems.push(`${run + 1}: ${measure?.problem?.code}`)
}
process.stdout.write(JSON.stringify({ runs: Number(runs), problems }))
