import { Command } from 'commander'

export interface UninstallOptions {
  readonly yes?: true
  readonly purge?: true
  readonly root?: string
}

export const define = (): Command =>
  new Command('uninstall')
    .description('take away what `muster install` made, and nothing else; asks before configuration and ledger go')
    .option('-y, --yes', 'ask nothing; configuration and ledger stay, unless --purge')
    .option('--purge', 'the configuration that it made, ledger and caches go as well')
    .option('--root <folder>', 'below this folder, such as an image; systemd is not called')
    .action(async (options: UninstallOptions) => {
      const { ended } = await import('./open.ts')
      const { runUninstall } = await import('./uninstall-run.ts')
      await ended(() => runUninstall(options))
    })
