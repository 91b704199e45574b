/** `muster init`: answers, from a person or from options, become a configuration that is checked before it is written. */
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { stateFolder } from '../app/context.ts'
import { foreignCronLines, newPasswordFile } from '../app/discover.ts'
import { sayFinding } from '../config/finding.ts'
import { type Answers, type InitTool, renderNewConfig } from '../config/new-config.ts'
import { parseConfig } from '../config/parse.ts'
import { exitCodes } from './exit.ts'
import type { InitOptions } from './init.ts'
import { runJobs } from './run-jobs.ts'

export async function init(options: InitOptions): Promise<number> {
  const file = resolve(options.file)
  if (existsSync(file) && options.force !== true) {
    return refuse(
      `${file} is there already.`,
      'Edit it, name another one with --file, or replace it with --force (the old one is kept).',
    )
  }
  const asked = options.yes === true ? fromOptions(options) : await fromPerson(options)
  if (typeof asked === 'number') return asked
  const state = ownState(file)
  const text = renderNewConfig({ ...asked, ...(state !== undefined && { state }) })
  const { errors } = parseConfig(text)
  if (errors.length > 0) {
    for (const error of errors) process.stderr.write(`${sayFinding(options.file, error)}\n`)
    return refuse('The answers do not make a configuration; nothing was written.', 'Correct them and start again.')
  }
  const made = newPasswordFile(asked.passwordFile)
  if (!made.ok) return refuse(made.problem.message, made.problem.next)
  try {
    if (existsSync(file)) renameSync(file, `${file}.old`)
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    return refuse(
      `${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
      'Name a place you may write to with --file.',
    )
  }
  return finish(options, asked, file, made.value)
}

/** Names of jobs and repositories are those of one ledger: a second configuration beside it would be told the health of the first. */
function ownState(file: string): string | undefined {
  if (existsSync(file) || (process.env.MUSTER_STATE ?? '') !== '') return undefined
  if (!existsSync(join(stateFolder(undefined, process.env), 'muster.db'))) return undefined
  return join(dirname(file), 'muster-state')
}

async function finish(options: InitOptions, answers: Answers, file: string, newPassword: boolean): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  say(`Wrote ${file}.`)
  if (newPassword)
    say(
      `Made a new password in ${answers.passwordFile}. Keep a copy of it somewhere else: without it nobody can restore.`,
    )
  for (const line of foreignCronLines()) say(`This cron line starts backups too; take it out once Muster does: ${line}`)
  const config = options.file === 'muster.yaml' ? '' : ` --config ${options.file}`
  if (answers.run) {
    const code = await runJobs([answers.job], { config: file, init: true, logLevel: 'warn' })
    if (code !== exitCodes.fine && code !== exitCodes.warnings) return code
    say(`Next: muster serve${config}, or from cron every few minutes: muster run --due${config}`)
    return code
  }
  say(
    `Next: muster run ${answers.job} --init${config} makes the repository and the first backup; muster doctor${config} looks at everything.`,
  )
  return exitCodes.fine
}

const defaults = {
  tool: (): InitTool =>
    process.env.RESTIC_REPOSITORY === undefined && process.env.BORG_REPO !== undefined ? 'borg' : 'restic',
  repository: (tool: InitTool) => (tool === 'borg' ? process.env.BORG_REPO : process.env.RESTIC_REPOSITORY),
  passwordFile: () => process.env.RESTIC_PASSWORD_FILE ?? resolve('muster.pass'),
  schedule: '15 2 * * *',
}

function fromOptions(options: InitOptions): Answers | number {
  const tool = options.tool ?? defaults.tool()
  const repository = options.repository ?? defaults.repository(tool)
  const missing = [
    ...(repository === undefined ? ['--repository URL'] : []),
    ...((options.source ?? []).length === 0 ? ['--source PATH'] : []),
  ]
  if (repository === undefined || missing.length > 0) {
    process.stderr.write(
      `With --yes these have to be given: ${missing.join(', ')}.\n    → muster init --yes --repository /srv/backup --source /home\n`,
    )
    return exitCodes.usage
  }
  const sources = (options.source ?? []).map((source) => resolve(source))
  return {
    tool,
    repository,
    passwordFile: resolve(options.passwordFile ?? defaults.passwordFile()),
    sources,
    schedule: options.schedule ?? defaults.schedule,
    job: options.job ?? jobName(sources[0] ?? ''),
    run: options.run === true,
  }
}

async function fromPerson(options: InitOptions): Promise<Answers | number> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    process.stderr.write(
      'This asks questions, and there is no terminal.\n    → muster init --yes --repository URL --source PATH\n',
    )
    return exitCodes.usage
  }
  const { askAnswers } = await import('./init-questions.ts')
  const tool = options.tool ?? defaults.tool()
  const answers = await askAnswers({
    tool,
    repository: options.repository ?? defaults.repository(tool) ?? `/srv/backup/${hostname()}`,
    passwordFile: resolve(options.passwordFile ?? defaults.passwordFile()),
    sources: options.source ?? [process.env.HOME ?? '/home'],
    schedule: options.schedule ?? defaults.schedule,
    jobName: options.job === undefined ? jobName : () => options.job as string,
  })
  return answers ?? exitCodes.interrupted
}

/** The last part of a path, in the letters a name may have. */
const jobName = (source: string): string => {
  const last =
    source
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? 'all'
  return (
    last
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63) || 'files'
  )
}

function refuse(message: string, next: string): number {
  process.stderr.write(`${message}\n    → ${next}\n`)
  return exitCodes.usage
}
