/** A process that tries to start every instant, in order, and prints those it won. */
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'
import { markOf } from '../../src/system/self.ts'

const [place = '', number = '', count = ''] = process.argv.slice(2)
const opened = await openSqliteLedger(place, new Date())
if (!opened.ok) throw new Error(opened.problem.message)
const ledger = opened.value
for (let instant = 0; instant < Number(count); instant++) {
  const id = `racer-${number}-${instant}`
  const scheduledFor = new Date(1_800_000_000_000 + instant * 60_000)
  const begun = await ledger.beginRun({
    id,
    roundId: id,
    job: 'nfs',
    repository: 'offsite',
    operation: 'backup',
    trigger: 'schedule',
    task: 'backup:nfs',
    scheduledFor,
    startedAt: new Date(),
    owner: markOf(process.pid),
    exclusive: false,
  })
  if (!begun.begun) continue
  process.stdout.write(`${instant}\n`)
  await ledger.closeRun(id, { endedAt: new Date(), outcome: 'ok' })
}
await ledger[Symbol.asyncDispose]()
