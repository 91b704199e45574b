/** `muster deliveries`: what became of each message. */
import type { Delivery } from '../../model/delivery.ts'
import { sayDuration } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { paint, table } from './style.ts'

const colours = { delivered: 'green', pending: 'yellow', dead: 'red' } as const

export function renderDeliveries(deliveries: readonly Delivery[], now: Date): string {
  if (deliveries.length === 0) return 'Nothing was told to anybody yet.'
  const rows = deliveries.map(({ notifier, state, attempts, madeAt, message, answer, problem, insteadOf }) => [
    paint(colours[state], state),
    oneLine(notifier) + (insteadOf === undefined ? '' : ` for ${oneLine(insteadOf)}`),
    `${sayDuration(now.getTime() - madeAt.getTime())} ago`,
    String(attempts),
    oneLine(message.title),
    oneLine(problem === undefined || state === 'delivered' ? (answer ?? '') : problem.message).slice(0, 100),
  ])
  return table(['state', 'to', 'made', 'tries', 'message', 'answer'], rows)
}
