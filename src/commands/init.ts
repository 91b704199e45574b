import { Command, Option } from 'commander'
import { type InitTool, initTools } from '../config/new-config.ts'

export interface InitOptions {
  readonly yes?: true
  readonly file: string
  readonly tool?: InitTool
  readonly repository?: string
  readonly passwordFile?: string
  readonly source?: string[]
  readonly schedule?: string
  readonly job?: string
  readonly force?: true
  readonly run?: true
}

const gather = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

export const define = (): Command =>
  new Command('init')
    .description('make a muster.yaml: asks on a terminal, or takes everything from the options with --yes')
    .option('-y, --yes', 'ask nothing; take defaults for what is not given')
    .option('--file <file>', 'where to write the configuration', 'muster.yaml')
    .addOption(
      new Option('--tool <tool>', 'what backs up (default: restic, or borg where only $BORG_REPO is set)').choices(
        initTools,
      ),
    )
    .option('--repository <url>', 'where the backups go (default: $RESTIC_REPOSITORY or $BORG_REPO)')
    .option(
      '--password-file <file>',
      'file with the password of the repository; made with a new password when it is missing',
    )
    .option('--source <path>', 'file or folder to back up; may be repeated', gather)
    .option('--schedule <cron>', 'when to back up (default: 02:15 every night)')
    .option('--job <name>', 'name of the job (default: the name of the first source)')
    .option('--run', 'make the repository and the first backup at once')
    .option('--force', 'replace an existing file; the old one is kept beside it')
    .action(async (options: InitOptions) => {
      const { ended } = await import('./open.ts')
      const { init } = await import('./init-wizard.ts')
      await ended(() => init(options))
    })
