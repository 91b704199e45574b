import { Command } from 'commander'
import { type CommonOptions, common } from './common.ts'

export const define = (): Command =>
  common(
    new Command('pings')
      .description('how other programs tell of the backups they run: what to call, without the key')
      .argument('[name...]', 'only these'),
  ).action(async (names: readonly string[], options: CommonOptions) => {
    const { resolve } = await import('node:path')
    const { ended, mustKnow, openConfig } = await import('./open.ts')
    const { renderPings, shownPing } = await import('../outlets/terminal/pings.ts')
    await ended(async () => {
      const { config } = await openConfig(options)
      mustKnow('job', names, Object.keys(config.pings))
      const base = config.page ?? `http://${config.server.listen}/`
      const shown = Object.entries(config.pings)
        .filter(([name]) => names.length === 0 || names.includes(name))
        .map(([name, { key }]) =>
          shownPing(name, typeof key === 'object' && 'file' in key ? { file: resolve(key.file) } : key, base),
        )
      process.stdout.write(`${options.json === true ? JSON.stringify(shown, undefined, 2) : renderPings(shown)}\n`)
      return 0
    })
  })
