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

export interface CommonOptions {
  readonly config?: string
  readonly json?: true
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly quiet?: true
}
