/** `muster start`: a first look without any configuration. Everything it makes lies in `.muster/` of this folder. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { stringify } from 'yaml'
import { toolOf } from '../app/access.ts'
import { backUp } from '../app/backup.ts'
import { clearLeftovers, restoreSample } from '../app/restore-sample.ts'
import { parseConfig } from '../config/parse.ts'
import type { Config } from '../config/schema.ts'
import type { Run } from '../model/run.ts'
import { sayBytes } from '../model/units.ts'
import { openProgress } from '../outlets/terminal/progress.ts'
import { makeFolder } from '../system/folder.ts'
import { openLog } from '../system/log.ts'
import { exitCodes } from './exit.ts'
import { interruptible, type OpenApp, openWith, tellProblem } from './open.ts'
import type { ServeOptions } from './serve.ts'
import { serveApp } from './serve-app.ts'

const job = 'this-folder'
const otherPort =
  'See whether another one runs already, or choose another address: npm start -- --listen 127.0.0.1:9122'

export async function start(options: ServeOptions): Promise<number> {
  const home = resolve('.muster')
  const stop = interruptible()
  const version = await toolOf('restic').version({}, { signal: stop.signal, timeLimitMs: 30_000 })
  if (!version.ok) return refuse(version.problem.message, version.problem.next)
  const sources = ['src', 'docs'].map((name) => resolve(name)).filter((path) => existsSync(path))
  if (sources.length === 0)
    return refuse(
      'There is neither src/ nor docs/ here to back up.',
      'Run it in the checkout of Muster, or make a configuration for your own files: muster init',
    )
  const problem = prepare(home)
  if (problem !== undefined) return refuse(problem, 'Go to a folder you may write to.')
  const config = configFor(home, sources, options.listen ?? '127.0.0.1:9121')
  const log = openLog('info', process.stdout)
  // The lines below tell the first round; the log takes over with the second.
  const quiet = openLog('silent')
  await using app = await openWith({ config, file: '.muster' }, quiet, { state: join(home, 'state') })
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  say(
    `Muster with restic ${version.value}: ${sources.map((path) => `${relative('.', path)}/`).join(' and ')} go into .muster/repository, now and every minute.`,
  )
  let code: number = exitCodes.fine
  const served = await serveApp(app, log, stop.signal, {
    load: async () => ({ ok: true, value: config }),
    first: async (url) => {
      code = await firstRound(app, home, stop.signal, say)
      if (stop.signal.aborted) return
      say(
        `\n  Page     ${url}\n  Metrics  ${url}metrics\n  Files    .muster/ (delete it to start over)\n\nThe next backup follows within a minute. Ctrl-C ends it.`,
      )
    },
  })
  if (!served.ok) {
    const taken = served.problem.code === 'http.port-taken'
    tellProblem(taken ? { ...served.problem, next: otherPort } : served.problem)
    return exitCodes.failed
  }
  await served.value.daemon.done
  await served.value.http.close()
  say('Ended. What was done is in .muster/.')
  return code
}

/** Back up, read back, restore a sample: each told in one line. */
async function firstRound(
  app: OpenApp,
  home: string,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<number> {
  const view = await openProgress('Backing up', process.stdout)
  const watcher = {
    ...(process.stdout.isTTY === true && { onPhase: view.phase }),
    onProgress: view.progress,
    live: true,
  }
  const { runs } = await backUp(app, job, {
    trigger: 'manual',
    init: false,
    dryRun: false,
    locks: true,
    signal,
    watcher,
  })
  view.done()
  const backup = runs[0]
  if (backup === undefined || signal.aborted) return exitCodes.interrupted
  if (backup.outcome !== 'ok' && backup.outcome !== 'warning') return told(backup)
  const { counters } = backup
  say(
    `✓ Backed up ${counters?.processedFiles ?? '?'} files, ${sayBytes(counters?.processedBytes ?? 0)}, as snapshot ${backup.snapshotId?.slice(0, 8)}.`,
  )
  const reading = await app.ledger.lastReading('local', true)
  say(
    `✓ Read the repository back: ${reading?.snapshots ?? '?'} snapshot${reading?.snapshots === 1 ? '' : 's'}, the new one among them.`,
  )
  const folder = join(home, 'state')
  await clearLeftovers(folder)
  const drill = await restoreSample(app, job, { trigger: 'manual', files: 20, folder, signal })
  if (signal.aborted) return exitCodes.interrupted
  if (drill.outcome !== 'ok') return told(drill)
  say(
    `✓ Restored ${drill.counters?.processedFiles} files (${sayBytes(drill.counters?.processedBytes ?? 0)}) into a throw-away place and compared them byte by byte: all equal.`,
  )
  return exitCodes.fine
}

function told(run: Run): number {
  process.stderr.write(
    `✗ ${run.operation}: ${run.outcome}. ${run.problem?.message ?? ''}\n    → ${run.problem?.next ?? ''}\n`,
  )
  return exitCodes.failed
}

function refuse(message: string, next: string): number {
  process.stderr.write(`${message}\n    → ${next}\n`)
  return exitCodes.failed
}

/** @returns Why the folder cannot be used. */
function prepare(home: string): string | undefined {
  try {
    makeFolder(home)
    const password = join(home, 'password')
    if (!existsSync(password))
      writeFileSync(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    else readFileSync(password)
    return undefined
  } catch (error) {
    return `Nothing can be written to ${home}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`
  }
}

/** The same configuration a person would write, through the same door. */
function configFor(home: string, sources: readonly string[], listen: string): Config {
  const text = stringify({
    repositories: {
      local: {
        tool: 'restic',
        url: join(home, 'repository'),
        password: { file: join(home, 'password') },
        create: true,
        read: { every: '5m', statsEvery: '1h' },
      },
    },
    jobs: {
      [job]: {
        repository: 'local',
        sources,
        schedule: '* * * * *',
        grace: '2m',
        retention: { keepLast: 60, keepDaily: 30 },
      },
    },
    server: { listen },
  })
  const { config, errors } = parseConfig(text)
  if (config === undefined) throw new Error(`the built-in configuration is wrong: ${errors[0]?.message}`)
  return config
}
