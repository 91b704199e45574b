import { Command, InvalidArgumentError, Option } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

interface Options extends CommonOptions {
  readonly tests?: true
  readonly file: string
  readonly selector: string
  readonly for?: string
  readonly label: Readonly<Record<string, string>>
  readonly compat: readonly string[]
}

export const define = (): Command =>
  from(
    common(
      new Command('rules').description(
        'print the Prometheus alert rules of this configuration, or their promtool tests',
      ),
    ),
  )
    .option('--tests', 'print tests for `promtool test rules` instead')
    .option('--file <name>', 'name of the file with the rules, for the tests', 'muster.rules.yml')
    .option(
      '--selector <matchers>',
      'which series the rules look at; job is the job_name of the scrape',
      'job="muster"',
    )
    .option('--for <duration>', 'how long a condition has to hold, for all rules; 0s for at once')
    .option('--label <name=value>', 'label for all rules; severity=page instead of ours; can be repeated', labels, {})
    .addOption(
      new Option(
        '--compat <system>',
        'print also the rules on the metrics of restic-reporter or borg-exporter; can be repeated',
      )
        .argParser(compat)
        .default([]),
    )
    .action(async (options: Options) => {
      const { ended } = await import('./open.ts')
      const { printRules } = await import('./print-rules.ts')
      await ended(() => printRules(options))
    })

const systems = ['restic-reporter', 'borg-exporter']

function compat(text: string, known: readonly string[]): readonly string[] {
  if (!systems.includes(text)) throw new InvalidArgumentError(`There are rules for ${systems.join(', ')}.`)
  return [...known, text]
}

function labels(text: string, known: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Write name=value, such as team=backup.')
  return { ...known, [name]: value }
}
export type RulesOptions = Options
