import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

interface Options extends CommonOptions {
  readonly most: string
  readonly close?: string
}

export const define = (): Command =>
  from(common(new Command('alerts').description('alerts about backups, what was found, and what to do; newest first')))
    .option('--most <count>', 'how many', '20')
    .option('--close <id>', 'its incident is over: somebody looked, and nobody else calls it off')
    .action(async (options: Options) => {
      const { ended, openApp } = await import('./open.ts')
      const { renderDiagnoses } = await import('../outlets/terminal/diagnoses.ts')
      const { exitCodes } = await import('./exit.ts')
      await ended(async () => {
        const most = Number(options.most)
        if (!Number.isInteger(most) || most < 1 || most > 1_000) {
          process.stderr.write('--most is no number from 1 to 1000.\n    → Write --most 20.\n')
          return exitCodes.usage
        }
        await using app = await openApp(options)
        if (options.close !== undefined) {
          const { closeAlarm } = await import('../app/diagnosing/close.ts')
          const closed = await closeAlarm(app, options.close)
          if (!closed.ok) {
            process.stderr.write(`${closed.problem.message}\n    → ${closed.problem.next}\n`)
            return exitCodes.usage
          }
          process.stdout.write(`closed: ${closed.value}\n`)
          return exitCodes.fine
        }
        const found = await app.ledger.diagnoses({ most })
        if (options.json === true) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
        else process.stdout.write(`${renderDiagnoses(found, app.now())}\n`)
        return exitCodes.fine
      })
    })
