import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export interface ReportOptions extends CommonOptions {
  readonly since?: string
  readonly html?: boolean
  readonly send?: boolean
}

export const define = (): Command =>
  from(common(new Command('report').description('what ran, what passes muster and what grew')))
    .argument('[name]', 'a report of the configuration; default: of the last day')
    .option('--since <duration>', 'how far to look back, such as 7d')
    .option('--html', 'print it as a mail shows it')
    .option('--send', 'send it now to whoever gets it')
    .action(async (name: string | undefined, options: ReportOptions) => {
      const { ended } = await import('./open.ts')
      const { printReport } = await import('./print-report.ts')
      await ended(() => printReport(name, options))
    })
