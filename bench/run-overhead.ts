/** What it costs to have Muster run an unchanged backup instead of a shell script with the same restic commands. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer, Bench, BenchOptions } from './bench.ts'
import { makeFiles, makeRepository, resticEnvironment } from './corpus.ts'
import { fromSource, installed, plainEnvironment } from './installed.ts'
import { type Command, measure } from './launch.ts'
import { restic } from './machine.ts'
import { inTurns } from './pairs.ts'

const usualRuns = 15
const mostRatio = 1.1

export const runOverhead: Bench = {
  name: 'run-overhead',
  summary: 'muster run of an unchanged 1,000-file backup beside a shell script with the same restic commands',
  run,
}

async function run({ runs = usualRuns, scratch }: BenchOptions): Promise<Answer> {
  const source = join(scratch, 'source')
  const files = { repository: join(scratch, 'repository'), passwordFile: join(scratch, 'password') }
  makeFiles(source, 1000)
  const key = makeRepository(files, source, 1, scratch)
  const muster = await installed(scratch)
  const env = plainEnvironment(scratch)
  const config = (name: string, program: string): string => {
    const path = join(scratch, `${name}.yaml`)
    const repository = { tool: 'restic', url: files.repository, password: { file: files.passwordFile }, program }
    const jobs = { files: { repository: 'local', sources: [source] } }
    writeFileSync(path, JSON.stringify({ repositories: { local: repository }, jobs }))
    return path
  }
  const started = await tracedCommands(muster, config, env, scratch)
  // Muster reads the repository back itself; for the same proof that the snapshot is there, a script has to start restic.
  const scripted = started.some((line) => line.startsWith('snapshots')) ? started : [...started, readBack]
  const script = join(scratch, 'backup.sh')
  writeFileSync(script, `#!/bin/sh\nset -e\n${scripted.map((line) => `${restic} ${line}\n`).join('')}`, { mode: 0o755 })
  const usual = config('muster', restic)
  const commands: Command[] = [
    { title: 'sh script', argv: ['sh', script], env: resticEnvironment(files, scratch) },
    { title: 'muster run', argv: [process.execPath, muster, 'run', '--config', usual], env },
    { title: 'muster run, from source', argv: [process.execPath, fromSource, 'run', '--config', usual], env },
  ]
  const sides = await inTurns(commands, runs, scratch)
  return {
    tables: [{ title: `unchanged backup of 1,000 files, ${runs} rounds`, sides }],
    facts: {
      'key of the repository': key,
      'restic commands of the script': scripted.map((line) => line.replace(scratch, '…')).join('; '),
      'restic commands that Muster starts': started.map((line) => line.replace(scratch, '…')).join('; '),
    },
    targets: [
      {
        what: 'wall against the script',
        limit: mostRatio,
        measured: sides[1]?.wallRatio?.median ?? Number.NaN,
        unit: '×',
      },
      {
        what: 'CPU against the script',
        limit: mostRatio,
        measured: sides[1]?.cpuRatio?.median ?? Number.NaN,
        unit: '×',
      },
    ],
    remarks: [
      'The run is in the ledger, synced, before restic starts and after it ended. One more snapshot each run, on all sides.',
    ],
  }
}

const readBack = 'snapshots --json --no-lock'

/** The arguments of each restic that one `muster run` starts, in order, as a wrapper around restic saw them. */
async function tracedCommands(
  muster: string,
  config: (name: string, program: string) => string,
  env: NodeJS.ProcessEnv,
  scratch: string,
): Promise<readonly string[]> {
  const wrapper = join(scratch, 'traced-restic')
  const trace = join(scratch, 'trace')
  writeFileSync(wrapper, `#!/bin/sh\necho "$@" >>${trace}\nexec ${restic} "$@"\n`)
  chmodSync(wrapper, 0o755)
  const argv = [process.execPath, muster, 'run', '--config', config('traced', wrapper)] as const
  await measure({ title: 'muster run', argv: [...argv], env }, scratch)
  const lines = readFileSync(trace, 'utf8').trim().split('\n')
  rmSync(trace)
  return lines
}
