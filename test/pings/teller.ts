/** A process that takes pings as `muster serve` does; for each line, `<job> <signal>`, it takes one and prints the answer. */
import { createInterface } from 'node:readline'
import { openPings } from '../../src/app/pings/inbox.ts'
import { loadPingKeys } from '../../src/app/pings/keys.ts'
import { markOf } from '../../src/system/self.ts'
import { makeApp, openedLedger } from '../notify/app.ts'

const [place = '', text = ''] = process.argv.slice(2)
const app = { ...makeApp(text, await openedLedger(place)), self: markOf(process.pid) }
const keys = await loadPingKeys(app.config.pings, {})
const inbox = openPings(
  () => app,
  keys,
  () => {},
)
process.stdout.write('open\n')
for await (const line of createInterface(process.stdin)) {
  const [job, signal = ''] = line.split(' ')
  const key = `the-key-of-the-laptop-${job}`
  const { state } = await inbox.take({ form: 'healthchecks', key, signal, query: {}, body: Buffer.from('') })
  process.stdout.write(`${state}\n`)
}
await app.ledger[Symbol.asyncDispose]()
