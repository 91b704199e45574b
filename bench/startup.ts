/** How long a person or a cron line waits before anything begins. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer, Bench, BenchOptions, Target } from './bench.ts'
import { makeFiles, makeRepository } from './corpus.ts'
import { fromSource, installed, plainEnvironment } from './installed.ts'
import { type Command, measure } from './launch.ts'
import { restic, saying } from './machine.ts'
import { inTurns } from './pairs.ts'

const usualRuns = 30

export const startup: Bench = {
  name: 'startup',
  summary: 'muster --help and muster status beside an empty Node program, restic version and borgmatic --version',
  run,
}

async function run({ runs = usualRuns, scratch }: BenchOptions): Promise<Answer> {
  const muster = await installed(scratch)
  const env = plainEnvironment(scratch)
  const config = await configured(muster, env, scratch)
  const empty = join(scratch, 'empty.mjs')
  writeFileSync(empty, '')
  const borgmatic = saying('borgmatic', '--version')
  const node = process.execPath
  const commands: Command[] = [
    { title: 'node, empty program', argv: [node, empty], env },
    { title: 'muster --help', argv: [node, muster, '--help'], env },
    { title: 'muster status', argv: [node, muster, 'status', '--config', config], env },
    { title: 'muster --help, from source', argv: [node, fromSource, '--help'], env },
    { title: 'muster status, from source', argv: [node, fromSource, 'status', '--config', config], env },
    { title: 'restic version', argv: [restic, 'version'], env },
    ...(borgmatic === undefined
      ? []
      : [{ title: `borgmatic --version (${borgmatic})`, argv: ['borgmatic', '--version'] as [string, string], env }]),
  ]
  const sides = await inTurns(commands, runs, scratch)
  const help = sides[1]
  const peer = borgmatic === undefined ? undefined : sides.at(-1)
  const targets: Target[] = [
    {
      what: '--help against an empty program, wall',
      limit: 1.5,
      measured: help?.wallRatio?.median ?? Number.NaN,
      unit: '×',
    },
    {
      what: '--help against an empty program, CPU',
      limit: 1.5,
      measured: help?.cpuRatio?.median ?? Number.NaN,
      unit: '×',
    },
    ...(help === undefined || peer === undefined
      ? []
      : [
          {
            what: '--help against borgmatic, wall',
            limit: 1 / 3,
            measured: help.wall.median / peer.wall.median,
            unit: '×',
          },
        ]),
  ]
  return {
    tables: [{ title: `${runs} rounds; ratios against the empty program`, sides }],
    facts: {},
    targets,
    remarks: borgmatic === undefined ? ['borgmatic is not on PATH: that comparison was left out.'] : [],
  }
}

/** One repository, one job, one run in the ledger: something for `status` to say. */
async function configured(muster: string, env: NodeJS.ProcessEnv, scratch: string): Promise<string> {
  const [source, config] = [join(scratch, 'source'), join(scratch, 'muster.yaml')]
  const files = { repository: join(scratch, 'repository'), passwordFile: join(scratch, 'password') }
  makeFiles(source, 10)
  makeRepository(files, source, 1, scratch)
  const repository = { tool: 'restic', url: files.repository, password: { file: files.passwordFile }, program: restic }
  const jobs = { files: { repository: 'local', sources: [source], schedule: '0 3 * * *' } }
  writeFileSync(config, JSON.stringify({ repositories: { local: repository }, jobs }))
  await measure({ title: 'muster run', argv: [process.execPath, muster, 'run', '--config', config], env }, scratch)
  return config
}
