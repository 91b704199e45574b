import { type Command, Option } from 'commander'

/** Options that most commands share. */
export function common(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: $MUSTER_CONFIG, ./muster.yaml, …)')
    .option('--json', 'print JSON')
    .addOption(
      new Option('--log-level <level>', 'least level of log lines')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('warn'),
    )
    .option('-q, --quiet', 'print nothing but problems')
}

/** For commands that also run straight from the configuration of another program. */
export const from = (command: Command): Command =>
  command.option(
    '--from <system[:file]>',
    'run from the configuration of another program, such as restic-reporter:config.json, or env for the environment alone',
  )

export interface CommonOptions {
  readonly config?: string
  /** `SYSTEM:FILE`, or `SYSTEM`; only where the command takes it. */
  readonly from?: string
  readonly json?: true
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly quiet?: true
}
