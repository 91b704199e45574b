/** Lamps: how something stands, in colour, sign and word, so that nobody needs the colour. */
import { html } from 'hono/html'
import type { Outcome } from '../../../model/run.ts'
import type { VerdictState } from '../../../model/verdict.ts'
import type { Html } from './layout.ts'

export type Tone = 'good' | 'bad' | 'busy' | 'odd' | 'quiet'

const signs: Record<Tone, string> = { good: '✓', bad: '✕', busy: '▸', odd: '!', quiet: '·' }

export const verdictTones: Record<VerdictState, Tone> = {
  fresh: 'good',
  running: 'busy',
  late: 'bad',
  ahead: 'bad',
  absent: 'bad',
  failing: 'bad',
  unreadable: 'bad',
  stalled: 'bad',
  suspect: 'bad',
  full: 'bad',
}

const outcomeTones: Record<Outcome, Tone> = {
  ok: 'good',
  warning: 'odd',
  failed: 'bad',
  cancelled: 'odd',
  'timed-out': 'bad',
  skipped: 'quiet',
  interrupted: 'bad',
}

export const lamp = (tone: Tone, word: string): Html =>
  html`<span class="lamp tone-${tone}"><span class="sign" aria-hidden="true">${signs[tone]}</span>${word}</span>`
export const verdictLamp = (state: VerdictState): Html => lamp(verdictTones[state], state)
export const outcomeLamp = (outcome: Outcome | undefined): Html =>
  outcome === undefined ? lamp('busy', 'running') : lamp(outcomeTones[outcome], outcome)
