import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

interface Options extends CommonOptions {
  readonly all?: true
  readonly due?: true
  readonly init?: true
  readonly acceptShrink?: true
  readonly dryRun?: true
}

export const define = (): Command =>
  from(
    common(
      new Command('run')
        .description('back up now, and retain by policy; the entry for cron and timers')
        .argument('[jobs...]', 'names of jobs'),
    ),
  )
    .option('--all', 'run every job')
    .option('--due', 'run the jobs, prunes and checks whose scheduled time has come')
    .option('--init', 'make the repository when it does not exist')
    .option('--accept-shrink', 'a source that became smaller is right: measure from now on by what it is now')
    .option('--dry-run', 'show what a backup would do; nothing is written')
    .action(async (names: string[], options: Options) => {
      const { ended } = await import('./open.ts')
      const { runJobs } = await import('./run-jobs.ts')
      await ended(() => runJobs(names, options))
    })

export type { Options as RunOptions }
