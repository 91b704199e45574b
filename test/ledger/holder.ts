/** A process that has a ledger open; for each line it keeps a body and says so, or why not. */
import { createInterface } from 'node:readline'
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'

const opened = await openSqliteLedger(process.argv[2] ?? '', new Date())
if (!opened.ok) throw new Error(opened.problem.message)
process.stdout.write('open\n')
for await (const line of createInterface(process.stdin))
  try {
    await opened.value.recordIntake({ way: 'webhook', receivedAt: new Date(), body: Buffer.from(line) })
    process.stdout.write(`kept ${line}\n`)
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
