import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

interface Options extends CommonOptions {
  readonly notifier?: string
  readonly most: string
}

export const define = (): Command =>
  from(common(new Command('deliveries').description('what was told to whom, and what became of it; newest first')))
    .option('--notifier <name>', 'only those of one notifier')
    .option('--most <count>', 'how many', '20')
    .action(async (options: Options) => {
      const { ended, mustKnow, openApp } = await import('./open.ts')
      const { renderDeliveries } = await import('../outlets/terminal/deliveries.ts')
      const { exitCodes } = await import('./exit.ts')
      await ended(async () => {
        await using app = await openApp(options)
        const { notifier } = options
        if (notifier !== undefined) mustKnow('notifier', [notifier], Object.keys(app.config.notify))
        const most = Math.max(1, Math.min(10_000, Number.parseInt(options.most, 10) || 20))
        const found = await app.ledger.deliveries({ most, ...(notifier !== undefined && { notifier }) })
        if (options.json === true) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
        else process.stdout.write(`${renderDeliveries(found, app.now())}\n`)
        return found.some(({ state }) => state === 'dead') ? exitCodes.notFine : exitCodes.fine
      })
    })
