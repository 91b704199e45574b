/** `npm run bench -- NAME [--json] [--runs N] [--minutes N] [--series N,N]`: Muster beside its peers, measured in one run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { provideTools } from '../scripts/tools.ts'
import type { Bench } from './bench.ts'
import { borg } from './borg.ts'
import { idle } from './idle.ts'
import { inbox } from './inbox.ts'
import { machineLine } from './machine.ts'
import { restart } from './restart.ts'
import { roundTrips } from './round-trips.ts'
import { runOverhead } from './run-overhead.ts'
import { scrape } from './scrape.ts'
import { show } from './show.ts'
import { startup } from './startup.ts'
import { watch } from './watch.ts'

const benches: readonly Bench[] = [runOverhead, startup, idle, scrape, restart, roundTrips, watch, borg, inbox]

/** @returns undefined for options there are not. */
function argumentsOf(args: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { json: { type: 'boolean' }, runs: text, minutes: text, series: text } as const
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch {
    return undefined
  }
}

export async function main(args: readonly string[]): Promise<number> {
  const asked = argumentsOf(args)
  const { values = {}, positionals = [] } = asked ?? {}
  const bench = benches.find(({ name }) => name === positionals[0])
  const [runs, minutes] = [values.runs, values.minutes].map((text) => (text === undefined ? undefined : Number(text)))
  const series = values.series?.split(',').map(Number)
  const wrong =
    asked === undefined || [runs, minutes, ...(series ?? [])].some((value) => value !== undefined && !(value > 0))
  if (bench === undefined || positionals.length > 1 || wrong) {
    const list = benches.map(({ name, summary }) => `  ${name.padEnd(14)}${summary}`).join('\n')
    process.stdout.write(`npm run bench -- NAME [--json] [--runs N] [--minutes N] [--series N,N]\n\n${list}\n`)
    return positionals.length === 0 && !wrong ? 0 : 2
  }
  const scratch = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    await provideTools(['restic-0.19', 'borg-1.2', 'borg-1.4', 'alertmanager'])
    const machine = machineLine()
    const answer = await bench.run({ runs, minutes, series, scratch })
    const json = { bench: bench.name, at: new Date(), machine, machineAfter: machineLine(), ...answer }
    process.stdout.write(`${values.json === true ? JSON.stringify(json, undefined, 2) : show(answer, machine)}\n`)
    return 0
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
