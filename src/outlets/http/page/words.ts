/** Times, sizes and text from outside, as the pages say them. */
import { html } from 'hono/html'
import { sayBytes, sayDuration } from '../../../model/units.ts'
import { oneLine } from '../../../system/text.ts'
import type { Html } from './layout.ts'

/** Text from outside: escaped, on one line, and unable to turn the direction of what stands beside it. */
export const outside = (text: string): Html => html`<bdi>${oneLine(text)}</bdi>`

/** A sentence of a verdict or a problem; what stands in backquotes is a command to type. */
export function sentence(text: string): Html[] {
  const parts = oneLine(text).split('`')
  // An odd one out is a backquote like any other.
  if (parts.length % 2 === 0) return [outside(text)]
  return parts.map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

const isValid = (at: Date): boolean => !Number.isNaN(at.getTime())

/** `4 hours ago`, `in 3 days`; whoever hovers sees when exactly, in the zone of this machine. */
export function moment(at: Date | undefined, now: Date): Html {
  if (at === undefined || !isValid(at)) return html`<span class="none">unknown</span>`
  const ageMs = now.getTime() - at.getTime()
  return stamp(at, ageMs < -1000 ? `in ${roughly(-ageMs)}` : ageMs < 1000 ? 'just now' : `${roughly(ageMs)} ago`)
}

/** A whole unit once there are two of it: `4 hours`, but `1 day 20 hours`. The exact time is where it is hovered. */
function roughly(ms: number): string {
  const said = sayDuration(ms)
  return /^(?:1|under) /.test(said) ? said : said.split(' ').slice(0, 2).join(' ')
}

/** How long something took, in short: `2 min 3 s`. */
export const brief = (from: Date, to: Date): string =>
  sayDuration(to.getTime() - from.getTime())
    .replace('a second', '1\u00a0s')
    .replace(/ seconds?$/, '\u00a0s')
    .replace(/ minutes?/, '\u00a0min')
    .replace(/ hours?/, '\u00a0h')

/** `2026-11-21 12:42`. */
export const clock = (at: Date): Html =>
  isValid(at) ? stamp(at, exactly(at).slice(0, 16)) : html`<span class="none">unknown</span>`

/** How long something has been so: `for 3 minutes`. */
export const lasting = (since: Date, now: Date): Html =>
  stamp(since, `for ${sayDuration(now.getTime() - since.getTime())}`)

const stamp = (at: Date, text: string): Html =>
  html`<time datetime="${at.toISOString()}" title="${exactly(at)}">${text}</time>`

const format = new Intl.DateTimeFormat('sv-SE', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})
const exactly = (at: Date): string => format.format(at)

const counts = new Intl.NumberFormat('en-US')
export const number = (value: number): string => counts.format(value)

/** What is not known is said to be so, never shown as 0. */
export const size = (bytes: number | undefined): Html =>
  bytes === undefined
    ? html`<span class="none">–</span>`
    : html`<span title="${number(bytes)} bytes">${sayBytes(bytes)}</span>`
export const count = (value: number | undefined): Html =>
  value === undefined ? html`<span class="none">–</span>` : html`${number(value)}`

/** `1 job`, `4 jobs`. */
export const many = (amount: number, one: string): string => `${number(amount)} ${one}${amount === 1 ? '' : 's'}`
