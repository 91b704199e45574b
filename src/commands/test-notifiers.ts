/** `muster notify test`: through the outbox, as every message goes. */
import { tryNotifier } from '../app/telling/try.ts'
import type { Delivery } from '../model/delivery.ts'
import { paint } from '../outlets/terminal/style.ts'
import type { CommonOptions } from './common.ts'
import { exitCodes } from './exit.ts'
import { interruptible, mustKnow, openApp } from './open.ts'

export async function testNotifiers(names: readonly string[], options: CommonOptions): Promise<number> {
  await using app = await openApp(options)
  const all = Object.keys(app.config.notify)
  if (all.length === 0) {
    process.stderr.write(
      `${app.file} names nobody to tell.\n    → Add one under notify, such as phone: { kind: ntfy, topic: backups-4f7a }.\n`,
    )
    return exitCodes.usage
  }
  mustKnow('notifier', names, all)
  const { signal } = interruptible()
  const done: Delivery[] = []
  for (const name of names.length === 0 ? all : [...new Set(names)]) {
    const mine = await tryNotifier(app, name, signal)
    done.push(mine)
    if (options.json !== true) process.stdout.write(`${sayDelivery(mine)}\n`)
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify(done, undefined, 2)}\n`)
  if (signal.aborted) return exitCodes.interrupted
  return done.every(({ state }) => state === 'delivered') ? exitCodes.fine : exitCodes.failed
}

function sayDelivery({ notifier, state, answer, problem }: Delivery): string {
  if (state === 'delivered') return `${paint('green', '✓')} ${notifier}: taken${answer ? `: ${answer}` : ''}`
  const what = `${paint('red', '✗')} ${notifier}: ${problem?.message ?? 'not sent yet: others are before it'}`
  return `${what}\n    → ${problem?.next ?? 'Look at what waits: muster deliveries'}`
}
