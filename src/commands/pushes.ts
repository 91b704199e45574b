import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export const define = (): Command =>
  from(
    common(
      new Command('pushes').description(
        'what metrics were handed on (Pushgateway, files, OTLP), and whether they arrived',
      ),
    ),
  ).action(async (options: CommonOptions) => {
    const { ended, openApp } = await import('./open.ts')
    const { renderPushes, shownPush } = await import('../outlets/terminal/pushes.ts')
    const { exitCodes } = await import('./exit.ts')
    await ended(async () => {
      await using app = await openApp(options)
      const found = await app.ledger.pushes()
      if (options.json === true) process.stdout.write(`${JSON.stringify(found.map(shownPush), undefined, 2)}\n`)
      else process.stdout.write(`${renderPushes(found, app.now())}\n`)
      return found.some(({ state }) => state === 'refused') ? exitCodes.notFine : exitCodes.fine
    })
  })
