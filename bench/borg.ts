/** What it costs to know what is in a borg repository: by Muster, and by an exporter that starts borg at each refresh. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect } from '../src/app/collect.ts'
import type { App } from '../src/app/context.ts'
import { parseConfig } from '../src/config/parse.ts'
import { openSqliteLedger } from '../src/ledger/sqlite/open.ts'
import { openLog } from '../src/system/log.ts'
import { markOf } from '../src/system/self.ts'
import { program } from '../test/real/programs.ts'
import type { Answer, Bench, BenchOptions, Target } from './bench.ts'
import { measure } from './launch.ts'
import { spread } from './statistics.ts'

const archives = 60
const filesOfEach = 40
const usualRuns = 5
/** A warm reading is too short to be measured alone. */
const readingsARound = 300
const password = 'bench'
const versions = ['1.2', '1.4'] as const

export const borg: Bench = {
  name: 'borg',
  summary: `a borg repository of ${archives} archives, looked at by Muster cold and warm, and by borg list and borg info`,
  run,
}

async function run({ runs = usualRuns, scratch }: BenchOptions): Promise<Answer> {
  const facts: Record<string, string> = {}
  const targets: Target[] = []
  for (const version of versions) {
    const place = join(scratch, version)
    mkdirSync(place)
    const environment = makeRepository(version, place)
    const result = await measured(version, place, environment, runs)
    Object.assign(facts, result.facts)
    targets.push(...result.targets)
  }
  process.stderr.write('\r\x1b[K')
  return {
    tables: [],
    facts,
    targets,
    remarks: [
      `Processor time a refresh, median of the rounds, in turns. The exporters start \`borg list --json\` and \`borg info --json\` each time (some add \`--last 1\`, some ask for all archives); what they are themselves is not counted. Muster: the whole reading, with what it writes into the ledger and with the borg it starts.`,
      'Warm, on a disk of this machine: the files of the repository tell that nothing was committed, and no program is started. Behind ssh, and once an hour here too, a warm reading is one `borg list`.',
    ],
  }
}

/** @returns The environment that borg works in. */
function makeRepository(version: string, place: string): Record<string, string> {
  const source = join(place, 'source')
  mkdirSync(source)
  for (let file = 0; file < filesOfEach; file += 1) writeFileSync(join(source, `file-${file}`), `content ${file}`)
  const environment = {
    PATH: process.env.PATH ?? '',
    BORG_BASE_DIR: join(place, 'base'),
    BORG_REPO: join(place, 'repository'),
    BORG_PASSPHRASE: password,
  }
  const start = (...args: string[]): void => {
    execFileSync(program(`borg-${version}`), args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  execFileSync(program(`borg-${version}`), ['init', '-e', 'repokey-blake2'], { env: environment, stdio: 'ignore' })
  for (let count = 0; count < archives; count += 1) {
    process.stderr.write(`\r\x1b[Kborg ${version}: archive ${count + 1} of ${archives}`)
    writeFileSync(join(source, 'file-0'), `content of archive ${count}`)
    start('create', `::bench-${count}`, source)
  }
  writeFileSync(join(place, 'password'), `${password}\n`, { mode: 0o600 })
  return environment
}

async function measured(version: string, place: string, environment: Record<string, string>, runs: number) {
  const peers = [
    ['list', '--json'],
    ['info', '--json'],
    ['info', '--json', '--last=1'],
    ['info', '--json', '--glob-archives=*'],
  ] as const
  const cost = { cold: [] as number[], warm: [] as number[], list: [] as number[] }
  const theirs: number[][] = peers.map(() => [])
  for (let round = 0; round < runs; round += 1) {
    process.stderr.write(`\r\x1b[Kborg ${version}: round ${round + 1} of ${runs}`)
    await using opened = await open(version, place, String(round))
    cost.cold.push(await cpuOf(() => opened.look()))
    await opened.look()
    cost.warm.push((await cpuOf(() => many(readingsARound, () => opened.look()))) / readingsARound)
    await using other = await open(version, place, String(round), false)
    cost.list.push(await cpuOf(() => other.look()))
    for (const [at, args] of peers.entries()) {
      const argv: [string, ...string[]] = [program(`borg-${version}`), ...args]
      theirs[at]?.push((await measure({ title: args.join(' '), argv, env: environment }, place)).cpu * 1_000)
    }
  }
  const median = (values: readonly number[] | undefined): number => spread(values ?? []).median
  const [list, info, last, all] = theirs.map(median) as [number, number, number, number]
  const usual = list + info
  const [cold, warm, listed] = [cost.cold, cost.warm, cost.list].map(median) as [number, number, number]
  const ms = (value: number): string => `${value.toPrecision(3)} ms`
  return {
    facts: {
      [`borg ${version}: borg list / info / info --last 1 / info of all archives`]: [list, info, last, all]
        .map(ms)
        .join(' / '),
      [`borg ${version}: Muster cold, everything new`]: ms(cold),
      [`borg ${version}: Muster, one borg list (behind ssh, or told not to trust files)`]: ms(listed),
      [`borg ${version}: Muster warm`]: `${ms(warm)}, ${Math.round(usual / warm).toLocaleString('en')} × less than list and info`,
    },
    targets: [
      {
        what: `borg ${version}: share of list and info that a warm reading costs`,
        limit: 10,
        measured: (warm / usual) * 100,
        unit: '%',
      },
    ],
  }
}

async function many(times: number, work: () => Promise<void>): Promise<void> {
  for (let done = 0; done < times; done += 1) await work()
}

/** Processor time in milliseconds, of this process and of the programs it waited for. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  const children = childrenMs()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 + childrenMs() - children
}

/** Of children that ended, in steps of 10 ms. Source: proc(5), /proc/<pid>/stat, fields 16 and 17. */
function childrenMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

interface Watcher extends AsyncDisposable {
  look(): Promise<void>
}

/** Muster's own way of reading, as the daemon goes it, without a daemon around. */
async function open(version: string, place: string, round: string, trustFolderTimes = true): Promise<Watcher> {
  const box = {
    tool: 'borg',
    url: join(place, 'repository'),
    password: { file: join(place, 'password') },
    program: program(`borg-${version}`),
    baseDir: join(place, 'base'),
    read: { trustFolderTimes },
  }
  const { config, errors } = parseConfig(JSON.stringify({ repositories: { box } }))
  const opened = await openSqliteLedger(join(place, `state-${round}`), new Date())
  if (config === undefined || !opened.ok) throw new Error(errors[0]?.message ?? 'the ledger cannot be opened')
  const app: App = {
    config,
    ledger: opened.value,
    env: process.env,
    now: () => new Date(),
    log: openLog('silent'),
    self: markOf(process.pid),
    user: undefined,
    recollections: new WeakMap(),
  }
  const { signal } = new AbortController()
  return {
    async look() {
      const { reading } = (await collect(app, ['box'], { signal })).get('box') ?? {}
      if (reading === undefined || reading.problem !== undefined) throw new Error(reading?.problem?.message)
      if (reading.snapshots !== archives) throw new Error(`${reading.snapshots} archives`)
    },
    [Symbol.asyncDispose]: () => opened.value[Symbol.asyncDispose](),
  }
}
