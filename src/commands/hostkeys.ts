import { Command } from 'commander'
import { type CommonOptions, common } from './common.ts'

const host = ['<host>', 'HOST or HOST:PORT, or a name of your ssh settings'] as const

interface TrustOptions extends CommonOptions {
  readonly yes?: true
  readonly fingerprint: readonly string[]
}

export const define = (): Command => {
  const hostkeys = new Command('hostkeys')
    .description('the host keys of SSH servers that Muster trusts')
    .helpCommand(false)
  hostkeys
    .addCommand(
      common(
        new Command('scan')
          .description('show the keys of a server beside what is pinned; exit code 4 where one differs')
          .argument(...host),
      ).action(async (name: string, options: CommonOptions) => (await import('./hostkeys-run.ts')).scan(name, options)),
    )
    .addCommand(
      common(
        new Command('trust')
          .description(
            'pin the keys of a server: those your own known_hosts has, those you name, or those you say yes to',
          )
          .argument(...host)
          .option(
            '--fingerprint <SHA256:…>',
            'pin this key only; may be given several times',
            (one: string, all: readonly string[]) => [...all, one],
            [],
          )
          .option('-y, --yes', 'take all that it shows, unless one differs from a key that is pinned'),
      ).action(async (name: string, options: TrustOptions) => (await import('./hostkeys-run.ts')).trust(name, options)),
    )
    .addCommand(
      common(new Command('show').description('list what is pinned')).action(async (options: CommonOptions) =>
        (await import('./hostkeys-run.ts')).show(options),
      ),
    )
  return hostkeys
}
