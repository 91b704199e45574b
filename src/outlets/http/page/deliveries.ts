/** The page of messages: what was told to whom, and what became of it. */
import { html } from 'hono/html'
import type { Delivery, DeliveryState } from '../../../model/delivery.ts'
import type { NotifierStanding, Standing } from '../../../model/standing.ts'
import { isHeard } from '../../../model/trouble.ts'
import { lamp, type Tone } from './lamps.ts'
import { type Html, layout } from './layout.ts'
import { clock, many, moment, outside, sentence } from './words.ts'

const tones: Record<DeliveryState, Tone> = { pending: 'busy', delivered: 'good', dead: 'bad' }
const words: Record<DeliveryState, string> = { pending: 'on the way', delivered: 'delivered', dead: 'given up' }

/** On the front page: whether people hear what they are told. */
export function renderNotifiers({ notifiers = [], now }: Standing): Html {
  if (notifiers.length === 0) return html``
  return html`<section><h2>Told</h2><ul class="troubles">${notifiers.map((one) => renderNotifier(one, now))}</ul><p class="more"><a href="./deliveries">All messages</a></p></section>`
}

function renderNotifier(notifier: NotifierStanding, now: Date): Html {
  const { name, kind, pending, lastDelivered } = notifier
  const heard = isHeard(notifier, now)
  return html`<li class="run"><div class="run-head"><span class="run-what">${lamp(heard ? 'good' : 'bad', heard ? 'heard' : 'not heard')} <strong>${outside(name)}</strong> <span class="aside">${kind}</span></span>
<span>${lastDelivered === undefined ? html`<span class="none">nothing was told yet</span>` : html`last told ${moment(lastDelivered, now)}`}</span>${pending === 0 ? '' : html` <span class="aside">${many(pending, 'message')} on the way</span>`}</div></li>`
}

export function renderDeliveries({ now, version }: Standing, deliveries: readonly Delivery[]): Html {
  return layout(
    { title: 'Messages', depth: 0, refresh: true, version },
    html`<nav class="crumbs"><a href="./">All</a> / Messages</nav>
<section><h1>Messages</h1>${deliveries.length === 0 ? html`<p class="none">Nothing was told yet. <code>muster notify test</code> tries it.</p>` : html`<ol class="runs">${deliveries.map((one) => renderDelivery(one, now))}</ol>`}</section>`,
  )
}

function renderDelivery(
  { notifier, message, state, madeAt, attempts, problem, answer, nextAt, insteadOf }: Delivery,
  now: Date,
): Html {
  const instead = insteadOf === undefined ? '' : html` <span class="aside">in place of ${outside(insteadOf)}</span>`
  const next =
    state === 'pending' && attempts > 0 ? html` <span class="aside">· tried again ${moment(nextAt, now)}</span>` : ''
  return html`<li class="run">
<div class="run-head"><span class="run-what">${lamp(tones[state], words[state])} <strong>${outside(notifier)}</strong>${instead}</span> <span>${moment(madeAt, now)}${attempts > 1 ? html` <span class="aside">· ${many(attempts, 'try').replace('trys', 'tries')}</span>` : ''}${next}</span> <span class="aside">${clock(madeAt)}</span></div>
<p>${outside(message.title)}</p>
${state === 'delivered' || problem === undefined ? '' : html`<p class="why">${sentence(problem.message)}</p><p class="next">${sentence(problem.next)}</p>`}
${state !== 'delivered' || answer === undefined || answer === '' ? '' : html`<p class="aside">It answered: ${outside(answer)}</p>`}
</li>`
}
