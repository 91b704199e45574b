import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export const define = (): Command => {
  const notify = new Command('notify').description('tell people: try it').helpCommand(false)
  notify.addCommand(
    from(
      common(
        new Command('test')
          .description('send a message that says it is a test, and print what the other side answered')
          .argument('[names...]', 'names of notifiers; default: all'),
      ),
    ).action(async (names: string[], options: CommonOptions) => {
      const { ended } = await import('./open.ts')
      const { testNotifiers } = await import('./test-notifiers.ts')
      await ended(() => testNotifiers(names, options))
    }),
  )
  return notify
}
