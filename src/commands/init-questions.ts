/** The questions of `muster init`, each with a default that works. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { cancel, confirm, group, intro, note, outro, select, text } from '@clack/prompts'
import { type Answers, type InitTool, initTools } from '../config/new-config.ts'
import { Cron } from '../config/schema/schedule.ts'

export interface Suggestions {
  readonly tool: InitTool
  readonly repository: string
  readonly passwordFile: string
  readonly sources: readonly string[]
  readonly schedule: string
  readonly jobName: (source: string) => string
}

const addresses: Readonly<Record<InitTool, string>> = {
  restic: 'sftp:user@host:path or rest:https://host/repo',
  borg: 'ssh://user@host:23/./path',
}

/** @returns Undefined when the person gave up. */
export async function askAnswers(suggested: Suggestions): Promise<Answers | undefined> {
  intro('Muster: do your backups pass muster?')
  let given = true
  const answers = await group(
    {
      sources: () =>
        text({
          message: 'What is to be backed up? Files and folders, with commas between them.',
          initialValue: suggested.sources.join(', '),
          validate: (value) => missingOf(split(value ?? '')),
        }),
      tool: () =>
        select({
          message: 'With which tool?',
          initialValue: suggested.tool,
          options: initTools.map((tool) => ({ value: tool, label: tool })),
        }),
      repository: ({ results }) =>
        text({
          message: `Where to? A folder, or an address of ${results.tool} such as ${addresses[results.tool ?? 'restic']}`,
          initialValue: suggested.repository,
          validate: (value) => ((value ?? '').trim() === '' ? 'Name a place.' : undefined),
        }),
      passwordFile: () =>
        text({
          message: 'File with the password of the repository (made when it is missing):',
          initialValue: suggested.passwordFile,
        }),
      schedule: () =>
        text({
          message: 'When? Minute, hour, day, month, weekday, or @daily, @every 6h',
          initialValue: suggested.schedule,
          validate: (value) => Cron.safeParse(value ?? '').error?.issues[0]?.message,
        }),
      run: () => confirm({ message: 'Make the repository and the first backup now?' }),
    },
    {
      onCancel: () => {
        given = false
        cancel('Nothing was written.')
      },
    },
  )
  if (!given) return undefined
  const sources = split(answers.sources).map((source) => resolve(source))
  note(
    'Old snapshots are forgotten by: 7 last, 14 days, 8 weeks, 12 months. Prune and check run weekly.\nAll of it stands in the file, to be changed.',
    'What else will be in it',
  )
  outro('Here it comes.')
  return {
    tool: answers.tool,
    repository: String(answers.repository).trim(),
    passwordFile: resolve(answers.passwordFile),
    sources,
    schedule: answers.schedule,
    job: suggested.jobName(sources[0] ?? ''),
    run: answers.run,
  }
}

const split = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function missingOf(sources: readonly string[]): string | undefined {
  if (sources.length === 0) return 'Name at least one.'
  const missing = sources.filter((source) => !existsSync(source))
  return missing.length === 0 ? undefined : `Not there: ${missing.join(', ')}`
}
