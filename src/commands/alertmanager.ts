import { Command, InvalidArgumentError } from 'commander'
import { type CommonOptions, common } from './common.ts'

interface Options extends CommonOptions {
  readonly url?: string
  readonly match: readonly string[]
  readonly whole?: true
}
export type AlertmanagerOptions = Options

export const define = (): Command =>
  common(
    new Command('alertmanager').description(
      'print what an Alertmanager needs in its configuration, so that it posts alerts about backups here',
    ),
  )
    .option('--url <url>', 'where the Alertmanager reaches Muster, such as http://backup:9121')
    .option(
      '--match <matcher>',
      'further alerts, such as alertname=~"Velero.*"; all that are given have to fit',
      matcher,
      [],
    )
    .option('--whole', 'a whole file, for an Alertmanager that does nothing else')
    .action(async (options: Options) => {
      const { ended } = await import('./open.ts')
      const { printAlertmanager } = await import('./print-alertmanager.ts')
      await ended(() => printAlertmanager(options))
    })

function matcher(text: string, known: readonly string[]): readonly string[] {
  if (!/^\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)/.test(text))
    throw new InvalidArgumentError('Write NAME="VALUE", with =, !=, =~ or !~.')
  return [...known, text]
}
