/** Keeps bodies in a ledger: those that come together in one commit, or each in one of its own. Forked; says how many a second. */
import { openSqliteLedger } from '../src/ledger/sqlite/open.ts'

const [folder = '', way = 'group', bytes = '700', seconds = '2'] = process.argv.slice(2)
const opened = await openSqliteLedger(folder, new Date())
if (!opened.ok) throw new Error(opened.problem.message)
await using ledger = opened.value
const body = Buffer.alloc(Number(bytes), 'x')
const end = performance.now() + Number(seconds) * 1000
let count = 0
const one = async (): Promise<void> => {
  while (performance.now() < end) {
    await ledger.recordIntake({ way: 'webhook', receivedAt: new Date(), body })
    count += 1
  }
}
// One after the other, none finds company.
await Promise.all(Array.from({ length: way === 'group' ? 64 : 1 }, one))
process.send?.(count / Number(seconds))
